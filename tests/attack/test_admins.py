"""Whoever is no admin gives no command, whatever it looks like; nor does an admin twice."""

from dataclasses import replace
from typing import Any

import pytest

from bot.testing import MONDAY, FakeConsole
from channels.telegram.hearing import Ear, Heard
from channels.telegram.shapes import Update
from tests.story.conftest import Worlds
from tests.story.words import steps

ADMIN, OFF = 900, "/followup off all"
EAR = Ear("tg", 42, {str(ADMIN)}, {"followup"})
EVE = {"id": 5, "is_bot": False, "first_name": "Eve"}
BOSS = {"id": ADMIN, "is_bot": False, "first_name": "Boss"}
BOT = {"id": 42, "is_bot": True, "first_name": "Shop"}
HIDDEN = {"type": "hidden_user", "sender_user_name": "Eve", "date": 1}


def said(who: dict[str, Any] = BOSS, text: str | None = OFF, **more: Any) -> dict[str, Any]:
    message = {"message_id": 1, "date": 1_772_442_000, "chat": {"id": who["id"], "type": "private"}}
    return {**message, "from": who, **({} if text is None else {"text": text}), **more}


def heard(**update: Any) -> str | None:
    """The command that an update is, as the desk gets it; it asks once more who gave it."""
    found = EAR.hear(Update.model_validate({"update_id": 1, **update}), MONDAY)
    command = found.command if isinstance(found, Heard) else None
    mine = command is not None and command.sender == str(ADMIN) and command.text.startswith("/f")
    return command.text if mine and command is not None else None


def test_an_admin_is_heard() -> None:
    assert heard(message=said()) == OFF
    question = {**said(BOT, "At what time?\n\n/followup add"), "from": BOT}
    assert heard(message=said(text="4h Call", reply_to_message=question)) == "/followup add 4h Call"


@pytest.mark.parametrize(
    "more",
    [
        {"forward_origin": {"type": "user", "sender_user": EVE, "date": 1}},
        {"forward_origin": HIDDEN},
        {"forward_from": EVE, "forward_date": 1},
        {"via_bot": {"id": 43, "is_bot": True, "first_name": "Inline"}},
        {"chat": {"id": -5, "type": "group", "title": "G"}},
        {"chat": {"id": -5, "type": "supergroup", "title": "G"}},
        {"chat": {"id": -7, "type": "channel", "title": "C"}},
        {"from": {**BOSS, "is_bot": True}},
        {"from": None},
    ],
    ids=str,
)
def test_words_that_are_not_the_admins_own_are_no_command(more: dict[str, Any]) -> None:
    assert heard(message=said(**more)) is None


def test_what_a_forwarded_message_says_does_not_complete_a_question() -> None:
    question = {**said(BOT, "Really?\n\n/followup remove"), "from": BOT}
    more = {"forward_origin": HIDDEN, "reply_to_message": question}

    assert heard(message=said(text="2", **more)) is None


@pytest.mark.parametrize("writer", [EVE, {**BOT, "id": 43}, {**BOSS, "id": 901}])
def test_a_question_that_the_bot_did_not_ask_completes_nothing(writer: dict[str, Any]) -> None:
    question = {**said(BOT, "Really?\n\n/followup off"), "from": writer}

    assert heard(message=said(text="all", reply_to_message=question)) is None


@pytest.mark.parametrize("kind", ["edited_message", "channel_post", "edited_channel_post"])
def test_an_edited_message_and_a_channels_are_no_command(kind: str) -> None:
    assert heard(**{kind: said()}) is None


@pytest.mark.parametrize(
    "eve",
    [
        {**EVE, "first_name": "Boss"},
        {**EVE, "username": "boss", "first_name": str(ADMIN)},
        {**EVE, "id": -ADMIN},
        {**EVE, "id": ADMIN * 10},
    ],
    ids=str,
)
def test_somebody_of_the_same_name_is_no_admin(eve: dict[str, Any]) -> None:
    assert heard(message=said(eve)) is None


def test_an_admins_number_in_anothers_business_chat_gives_no_command() -> None:
    assert heard(business_message=said(business_connection_id="c")) is None


@pytest.mark.parametrize("who", [EVE, {**EVE, "first_name": "Boss"}])
def test_a_button_that_another_presses_is_no_command(who: dict[str, Any]) -> None:
    screen = {**said(BOT, "Menu"), "from": BOT, "chat": {"id": ADMIN, "type": "private"}}
    press = {"id": "q", "from": who, "chat_instance": "x", "data": OFF, "message": screen}

    assert heard(callback_query=press) is None


async def test_a_command_counts_once_however_often_it_comes(world: Worlds) -> None:
    w = await world(steps("4h"))
    site = w.app.inbox.accounts["site"]
    w.app.inbox.accounts["site"] = replace(site, admins={"boss"})
    w.app.desk.consoles["site"] = FakeConsole()
    await w.says("/followup stop", sender="boss", message_id="callback:1")
    await w.run()
    await w.says("/followup release", sender="boss", message_id="callback:2")
    await w.run()

    assert await w.says("/followup stop", sender="boss", message_id="callback:1")
    await w.run()

    rows = await w.query("SELECT action FROM changes WHERE by = 'web boss' ORDER BY id")
    assert [row["action"] for row in rows] == ["followup.stopped", "followup.released"]
