"""/followup: status, hours, help, and whom a command means where there are several."""

import pytest

from bot.app import people_of
from config.settings import Settings
from tests.story.admin import Admin, labels, with_bert
from tests.story.conftest import Worlds
from tests.story.words import BERLIN, steps, weekdays

ASKS = "Which employee?\nanna: Anna\nbert: Bert Best\nLike this: /followup "


@pytest.fixture
async def one(world: Worlds) -> Admin:
    return Admin(await world(steps("4h"), timezone=BERLIN, working_hours=weekdays("09:00-18:00")))


@pytest.fixture
async def two(world: Worlds) -> Admin:
    return Admin(await with_bert(await world(steps("4h"))))


@pytest.mark.parametrize(
    "typed", ["/followup", "/FollowUp", "/followup status", "  /followup  ", ""]
)
async def test_without_a_word_it_tells_how_it_stands(one: Admin, typed: str) -> None:
    await one.world.client()

    screen = await one.sees(typed)

    assert screen.text == (
        "Anna: on, 1 step\n"
        "1 chat waiting, the next is due Mon 2 Mar 14:00 (in 4 h 0 min)\n"
        "Hours: open now\n\n"
        "Type /followup steps, chats or help."
    )
    assert labels(screen) == ["Steps", "Chats", "Hours", "Turn off", "Overview", "Help"]


async def test_closed_hours_are_told_with_the_next_opening(one: Admin) -> None:
    await one.world.wait("10h")

    text = await one.reads("")

    assert "Hours: closed now, open again Tue 3 Mar 09:00 (in 13 h 0 min)" in text


async def test_hours_that_never_open_are_told(world: Worlds) -> None:
    admin = Admin(await world(steps("4h"), working_hours={"mon": []}))

    assert "Hours: never open, so nothing is sent" in await admin.reads("status")


async def test_the_hours_are_written_as_people_say_them(world: Worlds) -> None:
    days = {**weekdays("09:00-13:00", "14:00-18:00"), "fri": ["09:00-13:00"]}
    special = {"2026-12-25": [], "2026-12-24": ["09:00-12:00"], "2025-12-25": []}
    w = await world(steps("4h"), timezone=BERLIN, working_hours=days, special_days=special)

    text = await Admin(w).reads("hours")

    assert text == (
        "Hours of Anna (Europe/Berlin):\n"
        "Mon to Thu: 09:00-13:00, 14:00-18:00\n"
        "Fri: 09:00-13:00\n"
        "Sat to Sun: closed\n"
        "2026-12-24: 09:00-12:00\n"
        "2026-12-25: closed\n\n"
        "It is Mon 2 Mar 10:00 there: open now.\n"
        "They are changed with the employee's settings, not here."
    )


async def test_who_has_no_schedule_is_always_open(two: Admin) -> None:
    assert "Hours of Bert Best (UTC):\nalways\n" in await two.reads("hours bert")


async def test_help_names_every_command(one: Admin) -> None:
    text = await one.reads("help")

    words = (
        "status on off steps add edit once move remove undo preview chats why now skip pause"
        " resume hours"
    )
    assert [word for word in words.split() if word not in text] == []
    assert "several employees" not in text


async def test_help_names_the_employees_where_there_are_several(two: Admin) -> None:
    text = await two.reads("HELP")

    assert text.endswith("With several employees name one: steps anna.\nThere are anna, bert.")


async def test_several_employees_are_told_one_after_the_other(two: Admin) -> None:
    screen = await two.sees("/followup")
    one = await two.presses(screen, "Bert Best")

    assert screen.text.count("No chat is waiting") == 2
    assert "Type /followup steps anna, chats anna or help." in screen.text
    assert one.text.startswith("Bert Best: on, 2 steps\n")
    assert labels(one) == ["Steps", "Chats", "Hours", "Turn off", "Overview", "Help"]
    assert {each.command for row in one.buttons[:2] for each in row} == {
        "/followup steps bert",
        "/followup chats bert",
        "/followup hours bert",
        "/followup off bert",
    }


@pytest.mark.parametrize(
    "typed",
    [
        *("on", "off", "steps", "chats", "hours", "undo", "remove 1", "once 1 on", "move 2 1"),
        *("preview 1", "add 4h Ask.", "edit 1 24h"),
    ],
)
async def test_a_command_without_a_name_asks_which_and_changes_nothing(
    two: Admin, typed: str
) -> None:
    screen = await two.sees(f"/followup {typed}")

    word, _, rest = typed.partition(" ")
    assert screen.text == f"{ASKS}{word} anna{' …' if rest else ''}"
    assert screen.buttons[1][0].command == f"/followup {word} bert{f' {rest}' if rest else ''}"
    assert await two.log() == []


@pytest.mark.parametrize(
    "typed",
    [
        *("off bert", "bert off", "OFF Bert", "off Bert Best", "bert best off", "off  BERT  best"),
    ],
)
async def test_the_name_may_stand_before_and_behind(two: Admin, typed: str) -> None:
    await two.reads(typed)

    assert (await two.log())[0]["employee_id"] == "bert"


@pytest.mark.parametrize(
    "typed",
    [
        *("once bert 2 on", "once 2 bert on", "once 2 on bert", "bert once 2 on"),
        *("edit bert 2 12h", "bert edit 2 12h", "move 2 1 bert", "remove 2 yes bert best"),
        *("add bert 4h Ask.", "bert add 4h Ask.", "add Bert Best Ask. 4h"),
    ],
)
async def test_the_name_may_stand_anywhere_sensible(two: Admin, typed: str) -> None:
    before = await two.steps("anna")

    await two.reads(typed)

    assert [row["employee_id"] for row in await two.log()] == ["bert"]
    assert await two.steps("anna") == before


async def test_pressing_a_name_goes_on_with_the_command(two: Admin) -> None:
    asked = await two.sees("/followup remove 2")
    really = await two.presses(asked, "Bert Best")
    await two.presses(really, "Remove")

    assert await two.order("bert") == ["s1"]


async def test_a_command_too_long_for_a_button_is_asked_for_in_words(two: Admin) -> None:
    screen = await two.sees(f"/followup add 4h {'Ask whether the offer fits. ' * 3}")

    assert screen.text == f"{ASKS}add anna …"
    assert labels(screen) == ["Overview", "Help"]


async def test_undo_is_for_the_employee_that_was_changed(two: Admin) -> None:
    await two.reads("remove bert 2 yes")

    assert "no change of yours to undo for Anna" in await two.reads("undo anna")
    await two.reads("undo bert")
    assert await two.order("bert") == ["s1", "s2"]


async def test_chats_are_those_of_one_employee_a_search_goes_through_all(two: Admin) -> None:
    await two.world.client(name="Kim")

    assert (await two.reads("chats bert")).startswith("Bert Best: no chat is waiting.")
    assert (await two.reads("chats kim")).startswith("1 with “kim” in the name")
    assert (await two.reads("chats bert kim")).startswith("No chat has “kim” in its name.")
    assert (await two.reads("why kim")).startswith("Kim: chat 1 of Anna")


async def test_an_instruction_may_begin_with_the_only_employees_name(one: Admin) -> None:
    await one.reads("add Anna should ask whether the offer fits. 4h")

    assert (await one.steps())[1].endswith("4h Anna should ask whether the offer fits.")


async def test_two_of_the_same_name_are_told_apart_by_their_ids(two: Admin) -> None:
    twin = Settings(employees={"anna2": {"name": "Anna", "followup": {"steps": steps("4h")}}})
    await two.world.app.staff.save(people_of(twin, two.world.app.plugins))

    await two.reads("off anna2")
    await two.reads("off anna")

    assert [row["employee_id"] for row in await two.log()] == ["anna2", "anna"]


async def test_without_any_employee_it_says_so(world: Worlds) -> None:
    w = await world(None)
    async with w.app.database.write() as tx:
        await tx.connection.exec_driver_sql("DELETE FROM followup_chains")

    text = await Admin(w).reads("")

    assert text == "There is no employee yet: the settings file has to name one."
