"""What a client receives, and what a refusal means."""

from datetime import timedelta

import pytest

from bot.errors import (
    BotError,
    ChannelBusyError,
    ChannelError,
    ChatUnreachableError,
    UnknownDeliveryError,
    WindowClosedError,
)
from tests.contract.telegram.stage import NOW, TOKEN, Stage, chat_at
from tests.contract.telegram.updates import said

LONG = "\n\n".join(f"Paragraph {n}: " + "word " * 150 for n in range(12))


async def test_a_message_is_sent_by_its_address_and_its_id_told(stage: Stage) -> None:
    number = await stage.send("Hello *you* & <all>")

    assert number == "1000001"
    assert stage.delivered == [("5", "Hello you & <all>")]
    assert stage.sent == [
        {"chat_id": "5", "text": "Hello <i>you</i> &amp; &lt;all&gt;", "parse_mode": "HTML"}
    ]


async def test_it_is_sent_to_the_topic_where_the_client_wrote(stage: Stage) -> None:
    await stage.send("Hello", route="31")

    assert stage.sent[0]["message_thread_id"] == "31"


async def test_a_topic_that_is_gone_is_left_out(stage: Stage) -> None:
    stage.telegram.plan("sendMessage", "no thread")

    await stage.send(LONG, route="31")

    assert ["message_thread_id" in each for each in stage.sent] == [True, False, False, False]
    assert len(stage.delivered) == 3


async def test_what_a_later_part_taught_holds_for_the_rest(stage: Stage) -> None:
    stage.telegram.plan("sendMessage", "ok", "no thread")

    await stage.send(LONG, route="31")

    assert ["message_thread_id" in each for each in stage.sent] == [True, True, False, False]
    assert len(stage.delivered) == 3


async def test_only_the_part_that_cannot_be_read_is_sent_plain(stage: Stage) -> None:
    stage.telegram.plan("sendMessage", "unreadable")

    await stage.send(LONG)

    assert [each.get("parse_mode") for each in stage.sent] == ["HTML", None, "HTML", "HTML"]


async def test_a_long_text_comes_in_parts_at_paragraphs(stage: Stage) -> None:
    await stage.send(LONG)

    parts = [text for _, text in stage.delivered]
    assert len(parts) == 3
    assert all(part.startswith("Paragraph") for part in parts)
    assert " ".join(parts).split() == LONG.split()


async def test_what_telegram_cannot_read_is_sent_plain(stage: Stage) -> None:
    stage.telegram.plan("sendMessage", "unreadable")

    await stage.send("**bold** & more")

    assert [each.get("parse_mode") for each in stage.sent] == ["HTML", None]
    assert stage.delivered == [("5", "bold & more")]


async def test_a_chat_that_moved_is_followed(stage: Stage) -> None:
    stage.telegram.plan("sendMessage", "migrated")

    await stage.send("Hello")

    assert stage.delivered == [("777", "Hello")]
    assert stage.runtime.moves == [(chat_at("5").ref, "777")]


async def test_a_chat_that_moves_twice_is_given_up(stage: Stage) -> None:
    stage.telegram.plan("sendMessage", "migrated", "migrated")

    with pytest.raises(ChannelError):
        await stage.send("Hello")
    assert len(stage.sent) == 2


@pytest.mark.parametrize(
    ("mood", "kind"),
    [
        ("busy", ChannelBusyError),
        ("blocked", ChatUnreachableError),
        ("deactivated", ChatUnreachableError),
        ("not started", ChatUnreachableError),
        ("kicked", ChatUnreachableError),
        ("no chat", ChatUnreachableError),
        ("no connection", ChatUnreachableError),
        ("closed", WindowClosedError),
        ("refused", ChannelError),
        ("bad token", ChannelError),
        ("no token", ChannelError),
    ],
)
async def test_a_refusal_sends_nothing_and_tells_why(
    stage: Stage, mood: str, kind: type[BotError]
) -> None:
    stage.telegram.plan("sendMessage", mood)

    with pytest.raises(ChannelError) as told:
        await stage.send("Hello")

    assert type(told.value) is kind
    assert len(stage.sent) == 1
    assert stage.delivered == []
    assert TOKEN not in str(told.value)


async def test_telegram_tells_how_long_to_wait(stage: Stage) -> None:
    stage.telegram.plan("sendMessage", "very busy")

    with pytest.raises(ChannelBusyError) as told:
        await stage.send("Hello")
    assert told.value.wait == timedelta(seconds=7)


@pytest.mark.parametrize(
    "mood",
    ["reset", "broken", "page", "taken, then reset", "taken, then page"],
)
async def test_no_clear_answer_is_neither_sent_nor_not_sent(stage: Stage, mood: str) -> None:
    stage.telegram.plan("sendMessage", mood)

    with pytest.raises(UnknownDeliveryError):
        await stage.send("Hello")
    assert len(stage.sent) == 1


async def test_a_server_that_is_not_there_was_sent_nothing(stage: Stage) -> None:
    stage.options["api_base"] = "http://127.0.0.1:9"

    with pytest.raises(ChannelError) as told:
        await stage.send("Hello")
    assert type(told.value) is ChannelError


@pytest.mark.parametrize("mood", ["busy", "blocked", "reset"])
async def test_a_later_part_that_fails_leaves_the_whole_uncertain(stage: Stage, mood: str) -> None:
    stage.telegram.plan("sendMessage", "ok", mood)

    with pytest.raises(UnknownDeliveryError):
        await stage.send(LONG)
    assert len(stage.sent) == 2


async def test_telegram_does_not_tell_later_what_arrived(stage: Stage) -> None:
    assert await stage.channel.sender.was_sent(chat_at("5"), NotImplemented) is None


@pytest.mark.parametrize(
    ("address", "ago", "is_open"),
    [
        ("5", timedelta(days=90), True),
        ("business:conn:5", timedelta(hours=23, minutes=59), True),
        ("business:conn:5", timedelta(hours=24), False),
    ],
)
async def test_only_business_chats_close_after_a_day(
    stage: Stage, address: str, ago: timedelta, *, is_open: bool
) -> None:
    chat = chat_at(address, client_at=NOW - ago)

    assert stage.channel.sender.is_open(chat, NOW) is is_open


async def test_a_business_chat_is_answered_in_its_owners_name(stage: Stage) -> None:
    await stage.send("Hello", address="business:a:conn:5")

    assert stage.sent[0]["business_connection_id"] == "a:conn"
    assert stage.delivered == [("5", "Hello")]


async def test_typing_is_shown_where_the_client_wrote(stage: Stage) -> None:
    assert stage.channel.typist is not None

    await stage.channel.typist.typing(chat_at("5", route="31"))
    await stage.channel.typist.typing(chat_at("business:conn:5"))

    assert stage.telegram.asked("sendChatAction") == [
        {"chat_id": "5", "message_thread_id": "31", "action": "typing"},
        {"chat_id": "5", "business_connection_id": "conn", "action": "typing"},
    ]


@pytest.mark.parametrize("mood", ["busy", "reset", "broken"])
async def test_typing_that_fails_is_a_plain_channel_error(stage: Stage, mood: str) -> None:
    stage.telegram.plan("sendChatAction", mood)
    assert stage.channel.typist is not None

    with pytest.raises(ChannelError):
        await stage.channel.typist.typing(chat_at("5"))


async def test_answers_leave_while_updates_are_asked_for(stage: Stage) -> None:
    await stage.hears(said())

    await stage.send("Hello")

    assert stage.delivered == [("5", "Hello")]


async def test_the_networks_limits_are_told(stage: Stage) -> None:
    assert [
        (rate.count, rate.per.total_seconds(), rate.each_chat) for rate in stage.channel.rates
    ] == [
        (1, 1, True),
        (25, 1, False),
    ]
