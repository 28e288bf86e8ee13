"""The process may die at any moment: none twice, and none lost unless shown as uncertain."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from bot.testing import FakeModel
from tests.story.conftest import Worlds
from tests.story.words import sayings, steps
from tests.story.world import Killed, World

A_DAY = timedelta(days=1)
STRIDE = 5
"""Every fifth moment, so that it takes seconds; 1 tries them all."""


class Fate:
    """Kills the process when its turn comes: at the nth transaction that it begins."""

    def __init__(self, left: int) -> None:
        self.left = left
        self.struck = False

    def __call__(self, _connection: Any) -> None:
        self.left -= 1
        if self.left == 0:
            self.struck = True
            raise Killed


async def live(w: World) -> None:
    """A client writes twice, a day apart; the channel delivers again what was not acknowledged."""
    if w.clock.now() < w.start + A_DAY:
        await w.client("Hello", message_id="m1")
        await w.until(w.start + A_DAY)
    await w.client("Hello again", message_id="m2")
    await w.until(w.start + 2 * A_DAY)


async def struck_down(w: World, fate: Fate) -> None:
    """Live until killed, then on after the restart."""
    engine = w.app.database.engine.sync_engine
    event.listen(engine, "begin", fate)
    try:
        await live(w)
    except Killed:
        await w.restart()
        await live(w)
    else:
        event.remove(engine, "begin", fate)


async def out(w: World) -> tuple[Counter[str], Counter[str]]:
    """What went out, and what of it or besides is uncertain, by kind and silence."""
    rows = {row["message_id"]: f"{row['step_id']} of {row['silence']}" for row in await w.rows()}
    sent = Counter(rows.get(message.id, "answer") for _, message in w.sender.sent)
    known = await w.messages()
    unsure = Counter(rows.get(m.id, "answer") for m in known if m.delivery == "uncertain")
    return sent, unsure


async def test_killed_between_any_two_transactions_nothing_is_sent_twice_or_lost(
    world: Worlds,
) -> None:
    whole = Counter({"answer": 2, "s1 of 1": 1, "s2 of 1": 1, "s1 of 2": 1, "s2 of 2": 1})
    moments = 0
    struck = True
    while struck:
        moments += 1
        w = await world(steps("1h", "4h"), model=FakeModel(sayings()))
        fate = Fate(moments * STRIDE)
        await struck_down(w, fate)
        struck = fate.struck
        sent, unsure = await out(w)
        assert sent <= whole, f"twice, killed at transaction {moments * STRIDE}"
        assert whole - sent <= unsure, f"lost, killed at transaction {moments * STRIDE}"
        await w.app.close()

    assert moments > 12


@pytest.mark.parametrize("point", range(6))
@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_while_the_channel_is_called_nothing_is_sent_twice_or_lost(
    world: Worlds, point: int, when: str
) -> None:
    w = await world(steps("1h", "4h"), model=FakeModel(sayings()))
    send = w.sender.send
    calls = iter(range(100))

    async def die_once(*what: Any) -> str | None:
        strikes = next(calls) == point
        if strikes and when == "before":
            raise Killed
        external_id = await send(*what)
        if strikes:
            raise Killed
        return external_id

    w.sender.send = die_once
    try:
        await live(w)
    except Killed:
        await w.restart()
    await live(w)

    sent, unsure = await out(w)
    assert sum(unsure.values()) == 1
    assert max((sent - unsure).values()) <= 2
    assert sum(sent.values()) == (6 if when == "after" else 5)


async def test_killed_while_the_model_composes_the_reminder_goes_after_the_restart(
    world: Worlds,
) -> None:
    model = FakeModel(sayings())
    w = await world(steps("1h"), model=model)
    await w.client()

    async def die() -> None:
        raise Killed

    model.meanwhile.append(die)
    try:
        await w.wait("2h")
    except Killed:
        await w.restart()

    assert await w.reminders() == ["+1h s1"]


async def test_killed_under_another_name_the_reminder_goes_when_the_lease_has_ended(
    world: Worlds,
) -> None:
    model = FakeModel(sayings())
    w = await world(steps("1h"), model=model)
    await w.client()

    async def die() -> None:
        raise Killed

    model.meanwhile.append(die)
    try:
        await w.wait("2h")
    except Killed:
        await w.app.close()
        await w.boot("somebody else")
    await w.wait("10m")

    assert await w.states() == ["s1 sent sent"]
    assert await w.reminders() == ["+1h4m s1"]


async def test_restarted_again_and_again_everything_goes_on_where_it_was(world: Worlds) -> None:
    w = await world(steps("1h", "1h", "1h"))
    await w.client()

    for _ in range(8):
        await w.wait("25m")
        await w.restart()

    assert await w.reminders() == ["+1h s1", "+2h s2", "+3h s3"]
    assert len(w.sender.sent) == 4
