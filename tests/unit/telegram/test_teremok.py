"""What the aiogram driver sends, against the rules of the Bot API as PyPI's teremok has them."""

import pytest
from aiogram import Bot
from aiogram.methods import EditMessageText, SendMessage
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from teremok import MockedSession

from bot.api import Button, ChatRef, Message, Screen
from bot.model import Author, Chat
from bot.testing import MONDAY
from channels.telegram.console import TelegramConsole
from channels.telegram.sending import TelegramSender
from channels.telegram.wire import RefusedError
from channels.telegram_aiogram import AiogramWire, RawResults

TOKEN = "42:AAE_test-token"  # noqa: S105 - nobody's
CHAT = Chat(1, ChatRef("tg", "5"), "anna")


class Session(RawResults, MockedSession):
    """teremok's, with our way to read its answers."""


@pytest.fixture
def session() -> Session:
    return Session()


@pytest.fixture
def wire(session: Session) -> AiogramWire:
    return AiogramWire(Bot(TOKEN, session))


class Nobody:
    """A receiver that is not needed."""


def message(text: str) -> Message:
    return Message(7, 1, 2, Author.EMPLOYEE, text, MONDAY)


# Short ones: teremok counts the tags as well, which Telegram does not.
MARKDOWN = st.lists(
    st.sampled_from(
        ["**", "*", "_", "`", "\n```\n", "~~", "[x](http://a.b?c=1&d='2')", "# ", "\n", "- ", "> ",
         "<b>", "&", '"', "word " * 8, "😀" * 9, "```py\n"]
    ),
    min_size=1,
    max_size=30,
).map("".join).filter(str.strip)  # fmt: skip


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(text=MARKDOWN)
async def test_whatever_a_model_writes_is_taken_as_html(
    wire: AiogramWire, session: Session, text: str
) -> None:
    session.requests.clear()
    sender = TelegramSender(wire, Nobody())  # type: ignore[arg-type]  # nothing moves here

    number = await sender.send(CHAT, message(text))

    assert number is not None
    assert session.requests
    for asked in session.requests:
        assert isinstance(asked, SendMessage)
        assert asked.parse_mode == "HTML"


async def test_its_rules_are_real(wire: AiogramWire) -> None:
    with pytest.raises(RefusedError) as long:
        await wire.call("sendMessage", {"chat_id": 5, "text": "x" * 4097})
    with pytest.raises(RefusedError) as broken:
        await wire.call("sendMessage", {"chat_id": 5, "text": "<b>", "parse_mode": "HTML"})

    assert long.value.says("too long")
    assert broken.value.says("can't parse entities")


async def test_screens_with_buttons_are_taken(wire: AiogramWire, session: Session) -> None:
    console = TelegramConsole(wire)
    buttons = [[Button("Why", "/followup why " + "ä" * 30), Button("On", "/followup on")]]

    await console.show(CHAT.ref, Screen("x" * 5000, buttons, ask="/followup add"), None)
    await console.show(CHAT.ref, Screen("Now", buttons), "77")

    kinds = [type(asked) for asked in session.requests]
    assert kinds == [SendMessage, SendMessage, SendMessage, EditMessageText]
