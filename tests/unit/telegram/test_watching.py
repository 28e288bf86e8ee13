"""What an attached bot's own calls mean to us."""

import asyncio
from typing import Any

import pytest

from bot.api import Author, Incoming
from bot.testing import MONDAY, FakeClock
from channels.telegram.watching import Watch

AT = int(MONDAY.timestamp())


class Host:
    """As much of a ChannelHost as the watch needs."""

    def __init__(self) -> None:
        self.receiver = self
        self.clock = FakeClock()
        self.seen: list[Incoming] = []
        self.failures: list[Exception] = []

    async def receive(self, incoming: Incoming) -> None:
        if self.failures:
            raise self.failures.pop()
        self.seen.append(incoming)


@pytest.fixture
def host() -> Host:
    return Host()


@pytest.fixture
def watch(host: Host) -> Watch:
    unfinished: Any = host
    return Watch("tg", unfinished)


def sent(number: int = 7, kind: str = "private", **more: Any) -> dict[str, Any]:
    return {"message_id": number, "date": AT, "chat": {"id": 5, "type": kind}, **more}


async def test_a_message_is_the_employees(watch: Watch, host: Host) -> None:
    await watch.saw("sendMessage", 5, sent(text="Hello"))

    (seen,) = host.seen
    assert (seen.ref.address, seen.id, seen.text) == ("5", "7", "Hello")
    assert (seen.author, seen.at) == (Author.EMPLOYEE, MONDAY)


async def test_media_are_words_and_an_album_is_several(watch: Watch, host: Host) -> None:
    album = [sent(7, photo=[{}], caption="one"), sent(8, photo=[{}])]

    await watch.saw("sendMediaGroup", 5, album)

    assert [(seen.id, seen.text) for seen in host.seen] == [("7", "[photo] one"), ("8", "[photo]")]


async def test_a_persons_own_chat_is_told_apart(watch: Watch, host: Host) -> None:
    await watch.saw("sendMessage", 5, sent(text="Hi", business_connection_id="conn"))

    assert host.seen[0].ref.address == "business:conn:5"


@pytest.mark.parametrize("chat", [5, "5"], ids=["number", "text"])
async def test_a_copy_is_known_by_its_number_alone(watch: Watch, host: Host, chat: object) -> None:
    await watch.saw("copyMessage", chat, {"message_id": 9})

    (seen,) = host.seen
    assert (seen.ref.address, seen.id, seen.text) == ("5", "9", "[copied message]")
    assert seen.at == MONDAY


@pytest.mark.parametrize(
    ("method", "chat", "result"),
    [
        ("editMessageText", 5, sent(text="edited")),
        ("getMe", None, {"id": 42}),
        ("sendChatAction", 5, True),
        ("sendMessage", -5, sent(kind="group", text="to a group")),
        ("copyMessage", -5, {"message_id": 9}),
        ("copyMessage", "@news", {"message_id": 9}),
        ("copyMessage", 5, {}),
        ("sendMessage", 5, {"chat": "nonsense"}),
        ("sendMessage", 5, sent()),
        ("sendMessage", 5, None),
    ],
)
async def test_all_else_is_no_answer_to_a_client(
    watch: Watch, host: Host, method: str, chat: object, result: object
) -> None:
    await watch.saw(method, chat, result)

    assert host.seen == []


async def test_a_fault_of_ours_is_none_of_the_handlers(
    watch: Watch, host: Host, caplog: pytest.LogCaptureFixture
) -> None:
    host.failures.append(ConnectionError("the database is away"))

    await asyncio.wait_for(watch.saw("sendMessage", 5, sent(text="a secret")), 5)

    assert "an answer of the attached bot was not stored" in caplog.text
    assert "a secret" not in caplog.text
