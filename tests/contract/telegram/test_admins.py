"""Screens for admins, and the menu of commands."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from bot.api import Button, ChannelError, ChatRef, Screen, UnknownDeliveryError
from tests.contract.telegram.stage import ADMIN, Stage
from tests.contract.telegram.updates import said

REF = ChatRef("tg", str(ADMIN))
BUTTONS = [[Button("On", "/followup on"), Button("Off", "/followup off")]]


async def show(stage: Stage, screen: Screen, edits: str | None = None) -> None:
    assert stage.channel.console is not None
    await stage.channel.console.show(REF, screen, edits)


def rows(fields: Mapping[str, Any]) -> Sequence[Sequence[str]]:
    markup = fields["reply_markup"]
    keyboard = (json.loads(markup) if isinstance(markup, str) else markup)["inline_keyboard"]
    return [[button["callback_data"] for button in row] for row in keyboard]


async def test_a_screen_is_plain_text_with_buttons(stage: Stage) -> None:
    await show(stage, Screen("All is *on* <now>", BUTTONS))

    assert stage.delivered == [(str(ADMIN), "All is *on* <now>")]
    assert rows(stage.sent[0]) == [["/followup on", "/followup off"]]
    assert "parse_mode" not in stage.sent[0]


async def test_a_pressed_screen_is_changed_in_place(stage: Stage) -> None:
    await show(stage, Screen("Off now", BUTTONS), edits="77")

    assert stage.sent == []
    (edit,) = stage.telegram.asked("editMessageText")
    assert (edit["message_id"], edit["text"]) == ("77", "Off now")
    assert rows(edit) == [["/followup on", "/followup off"]]


async def test_a_screen_without_buttons_takes_the_old_ones_away(stage: Stage) -> None:
    await show(stage, Screen("Done"), edits="77")

    assert rows(stage.telegram.asked("editMessageText")[0]) == []


async def test_a_screen_that_is_the_same_already_is_fine(stage: Stage) -> None:
    stage.telegram.plan("editMessageText", "not modified")

    await show(stage, Screen("The same"), edits="77")

    assert stage.sent == []


async def test_a_screen_that_is_gone_is_sent_anew(stage: Stage) -> None:
    stage.telegram.plan("editMessageText", "no message")

    await show(stage, Screen("Here", BUTTONS), edits="77")

    assert stage.delivered == [(str(ADMIN), "Here")]


@pytest.mark.parametrize("mood", ["busy", "blocked", "no chat"])
async def test_an_admin_who_cannot_be_reached_now_is_not_tried_twice(
    stage: Stage, mood: str
) -> None:
    stage.telegram.plan("editMessageText", mood)

    with pytest.raises(ChannelError):
        await show(stage, Screen("Here"), edits="77")

    assert stage.sent == []


async def test_a_question_ends_with_the_command_that_a_reply_completes(stage: Stage) -> None:
    await show(stage, Screen("What should it do?", ask="/followup add 4h"), edits="77")

    assert stage.delivered == [(str(ADMIN), "What should it do?\n\n/followup add 4h")]
    assert json.loads(json.dumps(stage.sent[0]["reply_markup"])) == {"force_reply": True}


async def test_a_question_with_buttons_is_two_messages(stage: Stage) -> None:
    await show(stage, Screen("What should it do?", BUTTONS, ask="/followup add 4h"))

    assert [text for _, text in stage.delivered] == [
        "What should it do?",
        "Reply to this message.\n\n/followup add 4h",
    ]
    assert rows(stage.sent[0]) == [["/followup on", "/followup off"]]


async def test_a_long_screen_is_split_and_its_buttons_stand_under_the_end(stage: Stage) -> None:
    await show(stage, Screen("\n".join(f"Line {n} " + "x" * 90 for n in range(90)), BUTTONS), "77")

    assert len(stage.delivered) == 3
    assert ["reply_markup" in each for each in stage.sent] == [False, False, True]
    assert stage.telegram.asked("editMessageText") == []


async def test_a_command_too_long_for_a_button_is_told_to_be_typed(stage: Stage) -> None:
    long = Button("Why", "/followup why " + "x" * 60)

    await show(stage, Screen("Chats", [[long], *BUTTONS]))

    assert stage.delivered[0][1] == f"Chats\nWhy: {long.command}"
    assert rows(stage.sent[0]) == [["/followup on", "/followup off"]]


@pytest.mark.parametrize(
    ("mood", "kind"), [("blocked", ChannelError), ("reset", UnknownDeliveryError)]
)
async def test_a_screen_that_fails_is_told(stage: Stage, mood: str, kind: type) -> None:
    stage.telegram.plan("sendMessage", mood)

    with pytest.raises(kind):
        await show(stage, Screen("Here"))


async def test_only_admins_see_the_menu(stage: Stage) -> None:
    await stage.hears(said())

    (menu,) = stage.telegram.asked("setMyCommands")
    assert menu["scope"] == {"type": "chat", "chat_id": ADMIN}
    assert menu["commands"] == [{"command": "followup", "description": "Follow-up reminders"}]


async def test_an_admin_who_comes_later_gets_the_menu_then(stage: Stage) -> None:
    stage.telegram.plan("setMyCommands", "no chat")

    await stage.hears(said("/followup", who=ADMIN), said("/followup", who=ADMIN, number=12))
    await stage.until(lambda: len(stage.telegram.asked("setMyCommands")) > 1)

    assert len(stage.runtime.commands) == 2
    assert len(stage.telegram.asked("setMyCommands")) == 2


async def test_without_admins_there_is_no_menu(stage: Stage) -> None:
    stage.admins = ()

    await stage.hears(said())

    assert stage.telegram.asked("setMyCommands") == []


async def test_an_admin_is_reached_in_their_private_chat(stage: Stage) -> None:
    assert stage.channel.console is not None

    assert stage.channel.console.address(str(ADMIN)) == REF.address
