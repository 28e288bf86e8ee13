"""Whatever a browser may send to the employee pages: a page comes back, what is stored is sound."""

import random

import pytest

from plugins.followup.options import FollowupOptions
from tests.story.browsing import Browsing
from tests.story.conftest import Worlds
from tests.story.filling import Person
from tests.story.words import step

TRIES = 60
TAB = "/employees/anna/followup"
WORDS = (
    *(
        "",
        "0",
        "4",
        "-1",
        "1e9",
        "9" * 40,
        "²",
        "٢٤",
        "null",
        "on",
        "\0",
        "\ud7ff",
        "🚲",
        "x" * 5000,
    ),
    *("mon", "sun", "workdays", "all", "09:00", "24:00", "25:99", "2026-12-25", "2026-02-30"),
    *(
        "Europe/Berlin",
        "Nowhere/City",
        "<b>",
        "'; DROP TABLE chats; --",
        "s1",
        "price",
        "1",
        "4711",
    ),
)
BUTTONS = (
    *("save", "look", "play", "add", "up.0", "up.1", "down.1", "down.99", "delete.0", "delete.7"),
    *("undo", "add.mon", "add.special", "add.nonsense", "remove.mon.0", "remove.special.0", "copy"),
    *("remove", "up", "delete.x", "", ".", "..", "save.1", "nonsense", "9" * 50),
)
STRANGE = ("gone.place", "gone.instruction", "restored", "base", "step.1.id", "step.9.instruction")


@pytest.mark.parametrize("path", [TAB, "/employees/anna/hours", "/employees/anna/persona"])
async def test_any_form_gets_a_page(world: Worlds, path: str) -> None:
    hours = {"mon": ["09:00-12:00"], "tue": ["22:00-06:00"]}
    w = await world(
        [step("s1", "4h"), step("s2", "20s")],
        working_hours=hours,
        special_days={"2026-12-25": []},
    )
    await w.client(name="Grace")
    dice = random.Random(path)  # noqa: S311  nothing secret
    async with Browsing(w.app.web) as browser:
        for _ in range(TRIES):
            person = await Person(browser, path).opens()
            form = {**person.form.values, "do": dice.choice(BUTTONS)}
            for field in dice.choices([*form, *STRANGE], k=dice.randint(0, 4)):
                if field not in {"csrf", "do"}:
                    form[field] = dice.choice(WORDS)

            page = await browser.post(path, form)

            assert page.status_code in {200, 404, 409, 422}, (form, page.text)
            table = (await w.app.staff.tables())["anna"]["followup"]
            assert FollowupOptions.model_validate(table).chain_steps is not None


@pytest.mark.parametrize(
    "query", ["version=", "version=-", "before=x", "before=-1", "saved=", "q=%00"]
)
async def test_any_query_gets_a_page(world: Worlds, query: str) -> None:
    w = await world([step("s1", "4h")])

    for path in (TAB, f"{TAB}/history", "/employees", "/employees/anna/hours"):
        assert (await w.page(f"{path}?{query}")).status_code in {200, 404}
