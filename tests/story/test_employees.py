"""The employees: their list, a new one, persona, working hours, channels; without a script."""

import re
from typing import Any

import pytest

from bot.model import Employee
from tests.story.conftest import Worlds
from tests.story.filling import Person, Visits, words
from tests.story.words import BERLIN, steps, weekdays
from tests.story.world import World


async def anna(w: World, employee: str = "anna") -> Employee:
    found = await w.app.staff.find(employee)
    assert found is not None
    return found


def row(page: str) -> list[str]:
    """The first employee's row of the list."""
    cells = re.findall(r"<td[^>]*>(.*?)</td>", page, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]*>", "", cell).split()) for cell in cells]


async def test_the_list_tells_how_it_stands_with_each_employee(
    world: Worlds, visits: Visits
) -> None:
    w = await world(steps("4h", "8h"), working_hours=weekdays("14:00-18:00"))
    await w.client()

    page = (await visits(w, "/employees").opens()).text

    assert re.findall(r'<th scope="col">([^<]*)', page) == [
        *("Employee", "Auto Follow-up", "Steps", "Chats waiting", "Next opening"),
    ]
    assert row(page) == ["Anna", "on", "2", "1", "14:00"]
    assert '<a href="/employees/anna/persona">' in page


async def test_an_employee_that_is_open_never_opens_or_is_off_says_so(
    world: Worlds, visits: Visits
) -> None:
    open_now = await world(steps("4h"), enabled=False)
    never = await world(steps("4h"), working_hours={"mon": []})

    assert row((await visits(open_now, "/employees").opens()).text)[1::3] == ["off", "open now"]
    assert row((await visits(never, "/employees").opens()).text)[-1] == "never"


async def test_the_menu_leads_to_the_employees(world: Worlds, visits: Visits) -> None:
    w = await world(steps("4h"))

    page = (await visits(w, "/employees/anna/hours").opens()).text

    assert '<a href="/employees" aria-current="page">Employees</a>' in page


async def test_an_employee_is_added_and_nothing_is_sent_until_it_has_steps(
    world: Worlds, visits: Visits
) -> None:
    w = await world(steps("4h"))
    person = await visits(w, "/employees").opens()

    await person.press(None, name="Bärbel Öz")

    assert person.page.url.path == "/employees/barbel-oz/persona"
    assert (await anna(w, "barbel-oz")).name == "Bärbel Öz"
    table = (await w.app.staff.tables())["barbel-oz"]["followup"]
    assert table == {"enabled": False, "steps": []}
    log = await w.query("SELECT by, action, employee_id FROM changes")
    assert log == [{"by": "local", "action": "employee.added", "employee_id": "barbel-oz"}]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Be\0rt", "be-rt"),
        ("Anna", "anna-2"),
        ("Анна", "employee"),
        ("x" * 90, "x" * 36),
        ("!!", "employee"),
    ],
)
async def test_an_id_is_made_from_any_name(
    world: Worlds, visits: Visits, name: str, expected: str
) -> None:
    w = await world(steps("4h"))

    await (await visits(w, "/employees").opens()).press(None, name=name)

    assert (await anna(w, expected)).name == name.replace("\0", " ")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"name": "  "}, "name"),
        ({"name": "Bert", "id": "Bert!"}, "may have only a-z, 0-9, - and _"),
        ({"name": "Another", "id": "anna"}, "There is an employee with that id already."),
    ],
)
async def test_an_employee_that_cannot_be_added_is_told_why(
    world: Worlds, visits: Visits, fields: dict[str, str], told: str
) -> None:
    w = await world(steps("4h"))

    page = await (await visits(w, "/employees").opens()).press(None, **fields)

    assert page.status_code == 422
    assert told in words(page.text)
    assert [each.id for each in await w.app.staff.known()] == ["anna"]


async def test_name_and_persona_are_saved_and_in_the_audit_log(
    world: Worlds, visits: Visits
) -> None:
    w = await world(steps("4h"))
    person = await visits(w, "/employees/anna/persona").opens()

    page = await person.press(None, name="Anna Ash", persona="Line one.\r\nLine two.")

    found = await anna(w)
    assert "Saved." in page.text
    assert (found.name, found.persona) == ("Anna Ash", "Line one.\nLine two.")
    log = await w.query("SELECT by, action FROM changes")
    assert log == [{"by": "local", "action": "employee.persona"}]


async def test_a_persona_without_a_name_is_not_saved_and_nothing_is_lost(
    world: Worlds, visits: Visits
) -> None:
    w = await world(steps("4h"))
    person = await visits(w, "/employees/anna/persona").opens()

    page = await person.press(None, name="", persona="What was typed.")

    assert page.status_code == 422
    assert person.form.values["persona"] == "What was typed."
    assert (await anna(w)).name == "Anna"


async def test_when_two_people_edit_a_persona_the_second_sees_both(
    world: Worlds, visits: Visits
) -> None:
    w = await world(steps("4h"))
    first = await visits(w, "/employees/anna/persona").opens()
    second = await visits(w, "/employees/anna/persona").opens()

    await first.press(None, persona="The first one's.")
    page = await second.press(None, persona="The second one's.")
    kept = (await anna(w)).persona
    await second.press(None)

    assert page.status_code == 409
    assert "The first one&#39;s." in page.text
    assert kept == "The first one's."
    assert (await anna(w)).persona == "The second one's."


async def test_persona_and_hours_saved_by_two_people_are_no_conflict(
    world: Worlds, visits: Visits
) -> None:
    w = await world(steps("4h"))
    first = await visits(w, "/employees/anna/persona").opens()
    second = await visits(w, "/employees/anna/hours").opens()

    await first.press(None, persona="The first one's.")
    page = await second.press(zone=BERLIN)

    found = await anna(w)
    assert page.status_code == 200
    assert (found.persona, found.timezone) == ("The first one's.", BERLIN)


async def hours_after(w: World, person: Person, **fields: Any) -> dict[str, tuple[str, ...]]:
    page = await person.press(**fields)
    assert page.status_code == 200, words(page.text)
    return dict((await anna(w)).working_hours)


async def test_a_day_has_several_intervals_and_nights_cross_midnight(
    world: Worlds, visits: Visits
) -> None:
    w = await world(steps("4h"))
    person = await visits(w, "/employees/anna/hours").opens()

    await person.press("add.mon")
    await person.press("add.mon", mon__0__from="09:00", mon__0__to="12:30")
    await person.press("add.tue", mon__1__from="13:00", mon__1__to="00:00")
    unsaved = dict((await anna(w)).working_hours)
    await person.press("add.wed", tue__0__from="22:00", tue__0__to="06:00")
    shown = words(person.text)
    saved = await hours_after(w, person)

    assert unsaved == {}
    assert "until the next day" in shown
    assert saved == {"mon": ("09:00-12:30", "13:00-24:00"), "tue": ("22:00-06:00",)}


async def test_an_interval_is_removed(world: Worlds, visits: Visits) -> None:
    w = await world(steps("4h"), working_hours={"mon": ["09:00-12:00", "13:00-17:00"]})
    person = await visits(w, "/employees/anna/hours").opens()

    await person.press("remove.mon.0")

    assert await hours_after(w, person) == {"mon": ("13:00-17:00",)}


@pytest.mark.parametrize(
    ("target", "days"),
    [
        ("workdays", "mon tue wed thu fri"),
        ("all", "mon tue wed thu fri sat sun"),
        ("sun", "mon sun"),
    ],
)
async def test_a_day_is_copied_to_others(
    world: Worlds, visits: Visits, target: str, days: str
) -> None:
    w = await world(steps("4h"), working_hours={"mon": ["09:00-12:00", "13:00-17:00"]})
    person = await visits(w, "/employees/anna/hours").opens()

    await person.press("copy", copy__from="mon", copy__to=target)

    saved = await hours_after(w, person)
    assert saved == dict.fromkeys(days.split(), ("09:00-12:00", "13:00-17:00"))


async def test_special_days_are_added_and_removed(world: Worlds, visits: Visits) -> None:
    days = {"2026-12-25": [], "2026-12-24": ["10:00-12:00"]}
    w = await world(steps("4h"), working_hours=weekdays("09:00-17:00"), special_days=days)
    person = await visits(w, "/employees/anna/hours").opens()

    await person.press("remove.special.0")
    await person.press("add.special")
    await person.press(special__1__date="2027-01-01", special__1__spans="10:00-12:00, 14:00-24:00")

    assert dict((await anna(w)).special_days) == {
        "2026-12-25": (),
        "2027-01-01": ("10:00-12:00", "14:00-24:00"),
    }


async def test_always_open_and_never_open_are_told_apart(world: Worlds, visits: Visits) -> None:
    w = await world(steps("4h"), working_hours=weekdays("09:00-17:00"))
    person = await visits(w, "/employees/anna/hours").opens()

    always = await hours_after(w, person, always="on")
    await person.opens()
    never = await hours_after(w, person, always=None)

    assert (always, never) == ({}, {"mon": ()})
    assert "Next opening never" in words(person.text)


async def test_the_page_says_when_the_next_opening_is(world: Worlds, visits: Visits) -> None:
    w = await world(steps("4h"), working_hours={"tue": ["09:00-12:00"]})

    person = await visits(w, "/employees/anna/hours").opens()

    assert "Next opening Tue 3 Mar 09:00" in words(person.text)


async def test_new_hours_apply_to_chats_that_wait(world: Worlds, visits: Visits) -> None:
    w = await world(steps("4h"))
    await w.client()
    person = await visits(w, "/employees/anna/hours").opens()

    await person.press("add.mon")
    await person.press(mon__0__from="16:00", mon__0__to="18:00")
    await w.wait("1d")

    assert await w.calendar() == ["Mon 2 16:00:00 s1"]


async def test_any_zone_can_be_searched_for(world: Worlds, visits: Visits) -> None:
    w = await world(steps("4h"), timezone=BERLIN)

    page = (await visits(w, "/employees/anna/hours").opens()).text

    assert 'list="zones"' in page
    assert '<option value="America/Argentina/Ushuaia">' in page


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"zone": "Berlin"}, "timezone: is no time zone; did you mean &#39;Europe/Berlin&#39;?"),
        ({"mon__0__to": ""}, "working_hours.mon.0: should be an interval like"),
        ({"special__0__date": ""}, "special_days.: should be a date like 2026-12-25"),
        ({"special__0__spans": "10-12"}, "special_days.2026-12-25.0: should be an interval like"),
    ],
)
async def test_hours_are_checked_as_the_settings_file_is_and_nothing_is_lost(
    world: Worlds, visits: Visits, fields: dict[str, str], told: str
) -> None:
    days = {"2026-12-25": ["10:00-12:00"]}
    w = await world(steps("4h"), working_hours=weekdays("09:00-17:00"), special_days=days)
    before = await anna(w)
    person = await visits(w, "/employees/anna/hours").opens()

    page = await person.press(**fields)

    assert page.status_code == 422
    assert told in page.text
    [(field, value)] = fields.items()
    assert person.form.values[field.replace("__", ".")] == value
    assert await anna(w) == before


async def test_the_same_special_day_twice_is_told(world: Worlds, visits: Visits) -> None:
    w = await world(steps("4h"), special_days={"2026-12-25": []})
    person = await visits(w, "/employees/anna/hours").opens()

    await person.press("add.special")
    page = await person.press(special__1__date="2026-12-25")

    assert page.status_code == 422
    assert "special_days.2026-12-25: is there twice" in page.text


async def test_when_two_people_edit_the_hours_the_second_sees_both(
    world: Worlds, visits: Visits
) -> None:
    w = await world(steps("4h"), working_hours=weekdays("09:00-17:00"))
    first = await visits(w, "/employees/anna/hours").opens()
    second = await visits(w, "/employees/anna/hours").opens()

    await first.press(mon__0__from="10:00")
    page = await second.press(mon__0__from="11:00")
    kept = (await anna(w)).working_hours["mon"]
    await second.press()

    assert page.status_code == 409
    assert "10:00-17:00" in page.text
    assert kept == ("10:00-17:00",)
    assert (await anna(w)).working_hours["mon"] == ("11:00-17:00",)


async def test_saving_hours_without_a_change_is_no_edit(world: Worlds, visits: Visits) -> None:
    hours = {"mon": ["00:00-24:00"], "tue": ["22:00-06:00"]}
    w = await world(steps("4h"), working_hours=hours, special_days={"2026-12-25": []})

    await (await visits(w, "/employees/anna/hours").opens()).press()

    assert await w.query("SELECT * FROM changes") == []


async def test_the_channels_of_an_employee_are_shown_with_where_they_are_set(
    world: Worlds, visits: Visits
) -> None:
    w = await world(steps("4h"))

    page = await visits(w, "/employees/anna/channels").browser.get("/employees/anna/channels")

    assert row(page.text) == [
        "other · Demo page",
        "web",
        "in use",
        "site · Demo page",
        "web",
        "in use",
    ]
    assert "Channels are set in the settings file" in page.text


async def test_an_employee_without_a_channel_says_that_nobody_can_reach_it(
    world: Worlds, visits: Visits
) -> None:
    w = await world(steps("4h"))
    await (await visits(w, "/employees").opens()).press(None, name="Bert")

    page = await visits(w, "/x").browser.get("/employees/bert/channels")

    assert "no channel yet, so no client can reach it" in page.text


@pytest.mark.parametrize("part", ["", "/persona", "/hours", "/channels"])
async def test_an_employee_that_there_is_not_has_no_page(
    world: Worlds, visits: Visits, part: str
) -> None:
    w = await world(steps("4h"))

    page = await visits(w, "/x").browser.get(f"/employees/bert{part}")

    assert page.status_code == 404


async def test_an_employee_leads_to_its_first_page(world: Worlds, visits: Visits) -> None:
    w = await world(steps("4h"))

    page = await visits(w, "/x").browser.get("/employees/anna")

    assert page.url.path == "/employees/anna/persona"


@pytest.mark.parametrize("path", ["/employees", "/employees/anna/persona", "/employees/anna/hours"])
async def test_a_form_of_a_foreign_page_is_refused(
    world: Worlds, visits: Visits, path: str
) -> None:
    w = await world(steps("4h"))
    person = await visits(w, path).opens()

    page = await person.browser.post(path, {"csrf": "guessed", "name": "Eve", "do": "save"})

    assert page.status_code == 403
    assert [each.name for each in await w.app.staff.known()] == ["Anna"]
