"""A share of chats gets no reminders, and is compared with the others."""

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from bot.testing import FakeModel
from plugins.followup.adapters.tables import held, silences
from plugins.followup.counting import HoldOut, Wanted, numbers
from plugins.followup.figures.statistics import Judgement
from plugins.followup.lots import lot_of
from plugins.followup.options import FollowupOptions
from plugins.followup.plugin import Followup
from tests.story.admin import Admin
from tests.story.conftest import Worlds
from tests.story.filling import TAB, Visits, words
from tests.story.words import say, steps
from tests.story.world import World


async def compared(w: World, days: int = 30) -> HoldOut:
    plugin = w.app.plugins[0]
    assert isinstance(plugin, Followup)
    zone = w.app.runtime.clock.now().tzinfo
    assert zone is not None
    found = (await numbers(plugin.ports, Wanted(days, zone))).employees[0].hold_out
    assert found is not None
    return found


async def crowd(w: World, count: int) -> tuple[list[int], list[int]]:
    """Chats in and out of a hold-out of a half."""
    for n in range(1, count + 1):
        await w.client(who=f"c{n}")
    inside = [n for n in range(1, count + 1) if lot_of("anna", n) < 50]
    return inside, [n for n in range(1, count + 1) if n not in inside]


def half(**more: object) -> dict[str, object]:
    return {"followup": {"steps": steps("4h"), "hold_out": 50, **more}}


async def test_the_hold_out_gets_nothing_and_the_others_do(world: Worlds) -> None:
    w = await world(None, **half())
    inside, outside = await crowd(w, 12)
    assert inside
    assert outside

    await w.wait("5h")

    assert {ref.address for ref, m in w.sender.sent if m.plugin} == {f"c{n}" for n in outside}
    assert await w.why(f"c{inside[0]}") == "off"
    listed = (await w.page("/followup")).text
    assert f'"/followup/chats/{inside[0]}"' not in listed
    page = words((await w.page(f"/followup/chats/{inside[0]}")).text)
    assert "No reminder is scheduled: in the hold-out group" in page


async def test_both_groups_are_counted_from_the_moment_a_reminder_came_due(world: Worlds) -> None:
    w = await world(None, **half())
    inside, outside = await crowd(w, 12)
    await w.client("Before it came due.", who=f"c{inside[0]}")
    await w.wait("4h")
    await w.client("Hello again!", who=f"c{inside[1]}")
    await w.client("Yes!", who=f"c{outside[0]}")
    await w.wait("47h")
    await w.client("Yes, late.", who=f"c{outside[1]}")
    await w.wait("7d")

    found = await compared(w)

    assert (found.share, found.running) == (50, True)
    # Who wrote again has begun another silence, which came due as well.
    assert found.held.due == len(inside) + 1
    assert found.held.in_day == found.held.in_week == 1
    assert found.reminded.due == len(outside) + 2
    assert (found.reminded.in_day, found.reminded.in_week) == (1, 2)
    assert found.judgement is Judgement.TOO_FEW
    assert "Too few to tell" in words((await w.page("/followup/numbers")).text)


async def test_a_silence_that_lasts_counts_without_any_message(world: Worlds) -> None:
    w = await world(None, **half())
    inside, _ = await crowd(w, 6)
    await w.wait("3h")
    assert (await compared(w)).held.due == 0

    await w.wait("2h")
    now = await compared(w)
    await w.wait("8d")
    later = await compared(w)

    assert (now.held.due, now.held.days) == (len(inside), 0)
    assert (later.held.days, later.held.weeks) == (len(inside), len(inside))


async def test_a_save_does_not_move_when_a_chat_would_have_been_reminded(world: Worlds) -> None:
    w = await world(None, **half())
    inside, _ = await crowd(w, 6)
    await w.wait("5h")
    await w.save(None, followup={"steps": steps("30h"), "hold_out": 50})

    async with w.app.database.read() as connection:
        query = select(silences.c.held_at).where(silences.c.chat_id == inside[0])
        at = (await connection.execute(query)).scalar_one()
    assert at is not None
    assert at < w.clock.now()


async def test_where_reminders_help_the_page_says_so_and_what_that_costs(world: Worlds) -> None:
    w = await world(None, model=FakeModel([say()]), **half())
    _, outside = await crowd(w, 90)
    await w.wait("4h")
    for n in outside[:30]:
        await w.client("Yes!", who=f"c{n}")
    await w.wait("3d")

    found = await compared(w)
    page = words((await w.page("/followup/numbers?days=7")).text)

    assert found.judgement is Judgement.SECOND
    assert found.cost is not None
    assert found.cost.low < found.tally.tokens / found.reminded.in_day < found.cost.high
    assert "Reminders help, likely." in page
    assert "Tokens per recovered chat:" in page


async def test_a_smaller_hold_out_catches_nothing_up(world: Worlds) -> None:
    w = await world(None, **half())
    inside, _ = await crowd(w, 6)
    await w.wait("5h")
    await w.save(None, followup={"steps": steps("4h"), "hold_out": 0})
    await w.wait("3d")

    assert await w.reminders(f"c{inside[0]}") == []
    await w.client("Hello again", who=f"c{inside[0]}")
    await w.wait("5h")
    assert len(await w.reminders(f"c{inside[0]}")) == 1


async def test_an_erased_chat_leaves_the_comparison(world: Worlds) -> None:
    w = await world(None, **half())
    inside, _ = await crowd(w, 6)
    await w.wait("5h")
    await w.client("Hello again", who=f"c{inside[0]}")

    await w.app.runtime.eraser.erase(inside[0], "root")

    async with w.app.database.read() as connection:
        assert (await connection.execute(select(held))).all() == []


async def test_the_share_is_saved_on_the_tab_exported_and_refused_in_words(
    world: Worlds, visits: Visits
) -> None:
    w = await world(steps("4h"))
    person = await visits(w, TAB).opens()

    refused = await person.press(hold_out="51")
    assert refused.status_code == 422
    assert "The hold-out is a whole number from 0 to 50." in refused.text
    await person.press(hold_out="10")

    assert (await w.app.staff.tables())["anna"]["followup"]["hold_out"] == 10
    assert person.form.values["hold_out"] == "10"


async def test_the_share_is_set_shown_and_undone_by_command(world: Worlds) -> None:
    admin = Admin(await world(steps("4h")))

    assert "0 of a hundred chats" in await admin.reads("holdout")
    assert "10 of a hundred chats get no" in await admin.reads("holdout 10 %")
    assert "already" in await admin.reads("holdout 10")
    assert "from 0 to 50" in await admin.reads("holdout 51")
    assert "10 of a hundred chats" in await admin.reads("holdout")
    await admin.reads("undo")
    assert "0 of a hundred chats" in await admin.reads("holdout")


@pytest.mark.parametrize("share", [-1, 51, 2.5, True, "10"])
async def test_the_settings_take_whole_numbers_up_to_fifty(share: object) -> None:
    with pytest.raises(ValidationError, match="hold_out"):
        FollowupOptions.model_validate({"hold_out": share})
