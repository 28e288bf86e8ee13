"""The tab Auto Follow-up, without a script: everything is a plain form."""

import re

import pytest

from tests.story.admin import Admin
from tests.story.conftest import Worlds
from tests.story.filling import TAB, Visits, stored, words
from tests.story.words import BERLIN, step, steps, weekdays

FIELDS = ("hours", "minutes", "instruction")


async def test_the_tab_shows_the_switch_and_every_step(world: Worlds, visits: Visits) -> None:
    w = await world([step("s1", "4h30m"), step("s2", "24h", once=True)])

    person = await visits(w, TAB).opens()

    form = person.form.values
    assert form["enabled"] == "on"
    assert [form[f"step.0.{key}"] for key in FIELDS] == ["4", "30", "Do the thing of s1 now."]
    assert [form[f"step.1.{key}"] for key in FIELDS] == ["24", "0", "Do the thing of s2 now."]
    assert "step.0.once" not in form
    assert form["step.1.once"] == "on"


async def test_the_tabs_of_an_employee_are_links(world: Worlds, visits: Visits) -> None:
    w = await world(steps("4h"))

    page = (await visits(w, TAB).opens()).text

    paths = re.findall(r'<li><a href="(/employees/anna/[^"]+)"', page)
    assert paths == [
        f"/employees/anna/{part}" for part in ("persona", "hours", "channels", "followup")
    ]
    assert f'<a href="{TAB}" aria-current="page">Auto Follow-up</a>' in page


async def test_a_delay_with_seconds_is_shown_and_kept(world: Worlds, visits: Visits) -> None:
    w = await world([step("s1", "20s"), step("s2", "1h0m5s")])
    person = await visits(w, TAB).opens()

    await person.press(step__0__instruction="Another thing.")

    assert await stored(w) == ["on", "s1 20s Another thing.", "s2 1h5s Do the thing of s2 now."]


async def test_a_step_is_added_filled_in_and_saved(world: Worlds, visits: Visits) -> None:
    w = await world(steps("4h"))
    person = await visits(w, TAB).opens()

    await person.press("add")
    added = await stored(w)
    await person.press(
        step__1__hours="24",
        step__1__minutes="15",
        step__1__instruction="Make an offer.",
        step__1__once="on",
    )

    assert added == ["on", "s1 4h Do the thing of s1 now."]
    assert "Saved." in person.text
    last = (await stored(w))[-1]
    assert re.fullmatch(r"step-[0-9a-f]{12} 1d15m once Make an offer\.", last)


async def test_steps_change_places_and_keep_what_was_typed(world: Worlds, visits: Visits) -> None:
    w = await world(steps("4h", "8h", "12h"))
    person = await visits(w, TAB).opens()

    await person.press("up.2", step__2__instruction="Typed before.")
    moved = person.form.focused
    await person.press("down.0")
    await person.press()

    assert moved == "up.1"
    assert [each.split()[0] for each in (await stored(w))[1:]] == ["s3", "s1", "s2"]
    assert (await stored(w))[1] == "s3 12h Typed before."


async def test_the_first_step_does_not_go_up_and_the_last_not_down(
    world: Worlds, visits: Visits
) -> None:
    w = await world(steps("4h", "8h"))

    buttons = (await visits(w, TAB).opens()).form.buttons

    assert {"down.0", "up.1"} <= buttons
    assert not {"up.0", "down.1"} & buttons


async def test_a_deleted_step_comes_back_by_undo(world: Worlds, visits: Visits) -> None:
    w = await world([step("s1", "4h", once=True), step("s2", "8h")])
    person = await visits(w, TAB).opens()

    await person.press("delete.0", step__0__instruction="Typed before.")
    deleted = person.text
    focused = person.form.focused
    await person.press("undo")
    await person.press()

    assert "Step 1 is deleted from the form." in deleted
    assert focused == "undo"
    assert await stored(w) == [
        "on",
        "s1 4h once Typed before.",
        "s2 8h Do the thing of s2 now.",
    ]


async def test_a_deleted_step_is_gone_once_that_is_saved(world: Worlds, visits: Visits) -> None:
    w = await world(steps("4h", "8h"))
    person = await visits(w, TAB).opens()

    await person.press("delete.0")
    unsaved = await stored(w)
    await person.press()

    assert len(unsaved) == 3
    assert await stored(w) == ["on", "s2 8h Do the thing of s2 now."]


async def test_follow_ups_are_switched_off_and_on(world: Worlds, visits: Visits) -> None:
    w = await world(steps("4h"))
    await w.client()
    person = await visits(w, TAB).opens()

    await person.press(enabled=None)
    off = (await stored(w))[0]
    await w.run()
    why = await w.why()
    await (await person.opens()).press(enabled="on")

    assert (off, why) == ("off", "off")
    assert (await stored(w))[0] == "on"


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("instruction", "   ", "Say what the reminder should do"),
        ("instruction", "x" * 4001, "at most 4000 characters"),
        ("hours", "0", "the delay may not be zero"),
        ("hours", "", "the delay may not be zero"),
        ("hours", "four", "Write whole numbers"),
        ("hours", "-4", "Write whole numbers"),
        ("hours", "1.5", "Write whole numbers"),
        ("hours", "9" * 30, "Write whole numbers"),
        ("minutes", "²", "Write whole numbers"),
        ("hours", "87601", "At most 3650 days"),
    ],
)
async def test_what_cannot_be_saved_is_told_beside_the_field_and_nothing_is_lost(
    world: Worlds, visits: Visits, field: str, value: str, told: str
) -> None:
    w = await world(steps("4h"))
    before = await stored(w)
    person = await visits(w, TAB).opens()

    page = await person.press(**{f"step__0__{field}": value, "enabled": None})

    assert page.status_code == 422
    assert told in words(page.text)
    assert 'aria-invalid="true"' in page.text
    assert person.form.focused == f"step.0.{'instruction' if field == 'instruction' else 'hours'}"
    assert person.form.values[f"step.0.{field}"] == value
    assert "enabled" not in person.form.values
    assert await stored(w) == before


async def test_numbers_of_other_scripts_are_numbers_too(world: Worlds, visits: Visits) -> None:
    w = await world(steps("4h"))
    person = await visits(w, TAB).opens()

    await person.press(step__0__hours="٢٤", step__0__minutes=" 5 ")

    assert (await stored(w))[1].startswith("s1 1d5m ")


async def test_a_live_line_shows_an_example_on_the_employees_clock(
    world: Worlds, visits: Visits
) -> None:
    hours = {day: ["09:00-18:00"] for day in ("mon", "tue", "wed", "fri")}
    w = await world(steps("4h", "24h", "48h"), timezone=BERLIN, working_hours=hours)

    page = words((await visits(w, TAB).opens()).text)

    line = "Mon 10:00 → 14:00 → Tue 14:00 → Fri 09:00 , moved to opening (Europe/Berlin)"
    assert line.replace(" ,", ",") in page.replace(" ,", ",")


async def test_the_line_follows_what_is_typed_before_it_is_saved(
    world: Worlds, visits: Visits
) -> None:
    w = await world(steps("4h"))
    person = await visits(w, TAB).opens()

    await person.press("look", step__0__hours="5")

    assert "Mon 10:00 → 15:00" in words(person.text)
    assert (await stored(w))[1].startswith("s1 4h ")


async def test_the_line_shows_seconds_and_dates_where_they_matter(
    world: Worlds, visits: Visits
) -> None:
    w = await world([step("s1", "20s"), step("s2", "10d")])

    page = words((await visits(w, TAB).opens()).text)

    assert "Mon 10:00:00 → 10:00:20 → Thu 19 Mar 10:00:20" in page


async def test_the_script_gets_the_part_that_changes_alone(world: Worlds, visits: Visits) -> None:
    w = await world(steps("4h"))
    person = await visits(w, TAB).opens()
    form = {**person.form.values, "do": "look", "step.0.hours": "6"}

    part = await person.browser.post(TAB, form, headers={"X-Part": "outlook"})

    assert "Mon 10:00 → 16:00" in words(part.text)
    assert "<form" not in part.text


async def test_hours_that_never_open_are_told(world: Worlds, visits: Visits) -> None:
    w = await world(steps("4h"), working_hours={"mon": []})

    page = words((await visits(w, TAB).opens()).text)

    assert "The working hours never open, so no reminder would go out." in page


@pytest.mark.parametrize(
    ("chain", "told"),
    [
        (steps("1h59m"), "Step 1: Advice: less than 2 hours feels pushy"),
        (steps("3h", "3h", "3h", "3h"), "Advice: more than 3 reminders in a row read as spam."),
        (
            [step("s1", "3h") | {"instruction": "Hi! Are you still interested?"}],
            "Step 1: Hint: this looks like a ready text.",
        ),
    ],
)
async def test_advice_is_given_and_nothing_is_refused(
    world: Worlds, visits: Visits, chain: list[dict[str, object]], told: str
) -> None:
    w = await world(chain)
    person = await visits(w, TAB).opens()

    assert told in words(person.text)
    assert (await person.press(step__0__minutes="1")).status_code == 200


async def test_a_good_chain_gets_no_advice(world: Worlds, visits: Visits) -> None:
    w = await world(steps("4h", "24h", "48h"))

    assert 'class="advice"' not in (await visits(w, TAB).opens()).text


async def test_the_effect_of_a_save_is_told_before_it_is_done(
    world: Worlds, visits: Visits
) -> None:
    w = await world(steps("8h"))
    for n in range(3):
        await w.client(who=f"early{n}")
    await w.wait("3h")
    await w.client(who="late")
    person = await visits(w, TAB).opens()

    await person.press("look", step__0__hours="2")
    told = words(person.text)
    await person.press()
    await w.wait("1d")

    assert (
        "If you save now: 4 chats are mid-chain. 3 would become due: they get 10 minutes." in told
    )
    assert await w.reminders("early0") == ["+3h10m s1"]
    assert await w.reminders("late") == ["+5h s1"]


async def test_chats_that_would_join_or_leave_are_counted(world: Worlds, visits: Visits) -> None:
    w = await world(steps("1h"))
    await w.client(who="done")
    await w.wait("2h")
    await w.client(who="waiting")
    person = await visits(w, TAB).opens()

    await person.press("add", step__0__instruction="x")
    await person.press("look", step__1__hours="4", step__1__instruction="More.")
    joining = words(person.text)
    await person.press("look", enabled=None)

    assert "1 that waits for nothing now gets a reminder again." in joining
    assert "1 loses its reminder." in words(person.text)


async def test_without_a_change_there_is_no_effect_to_tell(world: Worlds, visits: Visits) -> None:
    w = await world(steps("4h"))
    await w.client()

    page = words((await visits(w, TAB).opens()).text)

    assert "1 chat is mid-chain." in page
    assert "If you save now" not in page


async def test_saving_without_a_change_is_no_edit(world: Worlds, visits: Visits) -> None:
    w = await world(steps("4h"))
    person = await visits(w, TAB).opens()

    page = await person.press()

    assert page.status_code == 200
    assert await w.query("SELECT * FROM changes") == []


async def test_a_save_applies_at_once_and_is_in_the_audit_log(
    world: Worlds, visits: Visits
) -> None:
    w = await world(steps("8h"))
    await w.client()
    await w.wait("3h")

    await (await visits(w, TAB).opens()).press(step__0__hours="1")
    await w.wait("1d")

    assert await w.reminders() == ["+3h10m s1"]
    log = await w.query("SELECT by, action, employee_id FROM changes")
    assert log == [{"by": "local", "action": "followup.save", "employee_id": "anna"}]


async def test_when_two_people_edit_the_second_sees_both_and_loses_nothing(
    world: Worlds, visits: Visits
) -> None:
    w = await world(steps("4h"))
    first, second = await visits(w, TAB).opens(), await visits(w, TAB).opens()

    await first.press(step__0__instruction="What the first one wants.")
    page = await second.press(step__0__instruction="What the second one wants.")
    shown = words(page.text)
    kept = await stored(w)
    await second.press()

    assert page.status_code == 409
    assert "Somebody else has saved meanwhile" in shown
    assert "What the first one wants." in shown
    assert second.form.values["step.0.instruction"] == "What the second one wants."
    assert kept == ["on", "s1 4h What the first one wants."]
    assert await stored(w) == ["on", "s1 4h What the second one wants."]


async def test_another_save_of_the_hours_is_no_conflict(world: Worlds, visits: Visits) -> None:
    w = await world(steps("4h"))
    person = await visits(w, TAB).opens()
    await w.save(working_hours=weekdays("09:00-18:00"))

    page = await person.press(step__0__hours="5")

    assert page.status_code == 200
    assert (await stored(w))[1].startswith("s1 5h ")


async def test_every_version_is_kept_with_who_and_when(world: Worlds, visits: Visits) -> None:
    w = await world(steps("4h"))
    await (await visits(w, TAB).opens()).press(step__0__hours="5")
    await w.wait("1d")
    await w.save(steps("6h"))

    page = words((await visits(w, TAB).browser.get(f"{TAB}/history")).text)

    assert page.index("settings file") < page.index("local")
    assert "imported from a file · now in use" in page
    assert "saved" in page
    assert all(f"{n} h" in page for n in (4, 5, 6))
    assert "Before that" in page


async def test_an_earlier_version_is_looked_at_and_saved_again(
    world: Worlds, visits: Visits
) -> None:
    w = await world(steps("4h"))
    person = await visits(w, TAB).opens()
    await person.press(step__0__hours="5", step__0__instruction="The fifth.")
    await (await person.opens()).press(step__0__hours="6", step__0__instruction="The sixth.")
    history = (await person.browser.get(f"{TAB}/history")).text
    ids = re.findall(r"\?version=(-?\d+)", history)

    await person.opens(f"?version={ids[0]}")
    looked = await stored(w)
    await person.press()
    back = await stored(w)
    await (await person.opens(f"?version={ids[-1]}")).press()

    assert looked == ["on", "s1 6h The sixth."]
    assert back == ["on", "s1 5h The fifth."]
    assert await stored(w) == ["on", "s1 4h Do the thing of s1 now."]
    log = await w.query("SELECT action FROM changes ORDER BY id")
    assert [row["action"] for row in log][2:] == ["followup.rollback"] * 2


@pytest.mark.parametrize("version", ["0", "999", "-", "x", "-999", "9" * 40])
async def test_a_version_that_there_is_not_is_told(
    world: Worlds, visits: Visits, version: str
) -> None:
    w = await world(steps("4h"))

    page = await visits(w, TAB).browser.get(f"{TAB}?version={version}")

    assert page.status_code == 404


async def test_an_employee_that_there_is_not_has_no_tab(world: Worlds, visits: Visits) -> None:
    w = await world(steps("4h"))
    browser = visits(w, TAB).browser

    for path in ("/employees/bert/followup", "/employees/bert/followup/history"):
        assert (await browser.get(path)).status_code == 404


async def test_a_form_of_a_foreign_page_is_refused(world: Worlds, visits: Visits) -> None:
    w = await world(steps("4h"))
    person = await visits(w, TAB).opens()
    person.browser.csrf = ""
    form = {**person.form.values, "csrf": "guessed", "do": "save", "enabled": "on"}

    page = await person.browser.post(TAB, form)

    assert page.status_code == 403


async def test_whatever_stands_in_an_instruction_is_shown_as_text(
    world: Worlds, visits: Visits
) -> None:
    hostile = '</textarea><img src=x onerror="alert(1)">\u202e 🚲 \u200b'
    w = await world(steps("4h"))
    person = await visits(w, TAB).opens()

    await person.press(step__0__instruction=hostile)
    await person.opens()

    assert person.form.values["step.0.instruction"] == hostile.strip()
    assert "<img" not in person.text


async def test_changes_by_command_are_versions_too_and_what_was_done_to_a_chat_is_none(
    world: Worlds, visits: Visits
) -> None:
    w = await world(steps("4h", "8h"))
    await w.client(name="Kim")
    admin = Admin(w)
    await admin.reads("edit 1 5h")
    await admin.reads("skip 1")
    await admin.reads("undo")

    page = words((await visits(w, TAB).browser.get(f"{TAB}/history")).text)

    assert "telegram 77 · 09:00 · undone by command" in page
    assert "telegram 77 · 09:00 · changed by command" in page
    assert page.count("telegram 77") == 2
