"""Two instructions of a step are compared, chat by chat, until one is kept."""

from collections import Counter
from zoneinfo import ZoneInfo

import pytest

from bot.testing import FakeModel
from plugins.followup.counting import Comparison, Wanted, numbers
from plugins.followup.figures.statistics import Judgement
from plugins.followup.lots import variant
from plugins.followup.model import Step, delay_of
from plugins.followup.plugin import Followup
from tests.story.admin import Admin
from tests.story.conftest import Worlds
from tests.story.filling import TAB, Visits, words
from tests.story.words import say, step
from tests.story.world import World

ASK, OFFER = "Ask whether the offer fits.", "Offer a free test ride."
BOTH = [step("s1", "4h", instruction=ASK, instruction_b=OFFER)]
STEP = Step("s1", delay_of("4h"), ASK, instruction_b=OFFER)
PAGE = "/followup/numbers"


async def compared(w: World) -> Comparison:
    plugin = w.app.plugins[0]
    assert isinstance(plugin, Followup)
    counted = await numbers(plugin.ports, Wanted(7, ZoneInfo("UTC")))
    found = counted.employees[0].steps[0].comparison
    assert found is not None
    return found


def letter(chat: int) -> str:
    return (variant(STEP, chat) or "")[0]


def test_each_chat_keeps_its_instruction_and_each_gets_about_half() -> None:
    drawn = Counter(letter(chat) for chat in range(10_000))

    assert set(drawn) == {"a", "b"}
    assert 4800 < drawn["a"] < 5200
    assert [letter(n) for n in range(50)] == [letter(n) for n in range(50)]


def test_a_step_with_one_instruction_has_no_variant() -> None:
    assert variant(Step("s1", delay_of("4h"), ASK), 7) is None


async def test_the_composer_is_told_one_of_the_two_and_the_row_keeps_which(world: Worlds) -> None:
    model = FakeModel([say()])
    w = await world(BOTH, model=model)
    for n in range(1, 9):
        await w.client(who=f"c{n}")
    await w.wait("5h")

    for n in range(1, 9):
        row = (await w.rows(f"c{n}"))[0]
        assert row["variant"].startswith(letter(n))
        assert row["instruction"] == (OFFER if letter(n) == "b" else ASK)
    told = str(model.asked)
    assert ASK in told
    assert OFFER in told
    page = words((await w.page("/followup/chats/1")).text)
    assert f"instruction {letter(1).upper()} of two" in page


async def test_the_numbers_compare_both_and_say_which_is_better(world: Worlds) -> None:
    w = await world(BOTH)
    chats = range(1, 91)
    for n in chats:
        await w.client(who=f"c{n}")
    await w.wait("4h")
    for n in [n for n in chats if letter(n) == "b"][:20]:
        await w.client("Yes!", who=f"c{n}")
    assert (await compared(w)).judgement is Judgement.TOO_FEW
    assert "Too few to tell" in words((await w.page(PAGE)).text)
    await w.wait("25h")

    found = await compared(w)
    page = words((await w.page(PAGE)).text)

    assert (found.a.answered, found.b.answered) == (0, 20)
    assert found.judgement is Judgement.SECOND
    assert "B is better, likely." in page
    assert "more are answered with B." in page


async def test_other_texts_are_another_comparison(world: Worlds) -> None:
    w = await world(BOTH)
    await w.client()
    await w.wait("5h")
    await w.save([step("s1", "4h", instruction=ASK, instruction_b="Offer a discount.")])

    found = await compared(w)

    assert (found.a.sent, found.b.sent) == (0, 0)


@pytest.mark.parametrize(("keep", "left"), [("a", ASK), ("b", OFFER)])
async def test_one_click_keeps_one_of_them_as_an_ordinary_save(
    world: Worlds, visits: Visits, keep: str, left: str
) -> None:
    w = await world(BOTH)
    browser = visits(w, PAGE).browser
    page = await browser.get(PAGE)
    mark = page.text.partition('name="mark" value="')[2].partition('"')[0]

    page = await browser.post(f"{PAGE}/keep", {"employee": "anna", "mark": mark, "keep": keep})

    assert "Saved: every chat gets that instruction from now on." in page.text
    table = (await w.app.staff.tables())["anna"]["followup"]["steps"][0]
    assert (table["instruction"], table.get("instruction_b")) == (left, None)
    history = words((await browser.get(f"{TAB}/history")).text)
    assert "kept one of two instructions" in history
    assert OFFER in history
    again = await browser.post(f"{PAGE}/keep", {"employee": "anna", "mark": mark, "keep": keep})
    assert again.status_code == 409


async def test_what_was_kept_by_a_click_is_undone_by_command(world: Worlds, visits: Visits) -> None:
    admin = Admin(await world(BOTH))
    w = admin.world
    browser = visits(w, PAGE).browser
    page = await browser.get(PAGE)
    mark = page.text.partition('name="mark" value="')[2].partition('"')[0]
    await browser.post(f"{PAGE}/keep", {"employee": "anna", "mark": mark, "keep": "b"})

    await admin.reads("undo")

    table = (await w.app.staff.tables())["anna"]["followup"]["steps"][0]
    assert (table["instruction"], table["instruction_b"]) == (ASK, OFFER)


async def test_a_click_that_was_saved_over_is_not_undone(world: Worlds, visits: Visits) -> None:
    admin = Admin(await world(BOTH))
    w = admin.world
    browser = visits(w, PAGE).browser
    page = await browser.get(PAGE)
    mark = page.text.partition('name="mark" value="')[2].partition('"')[0]
    await browser.post(f"{PAGE}/keep", {"employee": "anna", "mark": mark, "keep": "b"})
    await w.save([step("s1", "9h", instruction=OFFER)])

    told = await admin.reads("undo")

    assert "saved since" in told


@pytest.mark.parametrize("form", [{"keep": "c"}, {}])
async def test_only_one_of_the_two_can_be_kept(
    world: Worlds, visits: Visits, form: dict[str, str]
) -> None:
    w = await world(BOTH)
    browser = visits(w, PAGE).browser
    await browser.get(PAGE)

    assert (await browser.post(f"{PAGE}/keep", form)).status_code == 400


async def test_the_second_instruction_is_written_on_the_tab_and_exported(
    world: Worlds, visits: Visits
) -> None:
    w = await world([step("s1", "4h", instruction=ASK)])
    person = await visits(w, TAB).opens()

    await person.press(step__0__instruction_b=OFFER)

    assert (await w.app.staff.tables())["anna"]["followup"]["steps"][0]["instruction_b"] == OFFER
    assert person.form.values["step.0.instruction_b"] == OFFER
    await person.press(step__0__instruction_b="")
    assert "instruction_b" not in (await w.app.staff.tables())["anna"]["followup"]["steps"][0]


async def test_commands_show_the_second_instruction_and_leave_it_alone(world: Worlds) -> None:
    admin = Admin(await world(BOTH))

    shown = await admin.reads("steps 1")
    await admin.reads("edit 1 5h")
    await admin.reads("once 1 on")

    assert f"get this instead:\n{OFFER}" in shown
    table = (await admin.world.app.staff.tables())["anna"]["followup"]["steps"][0]
    assert (table["delay"], table["once"], table["instruction_b"]) == ("5h", True, OFFER)
