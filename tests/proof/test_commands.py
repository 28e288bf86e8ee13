"""An admin's commands in the middle of everything: the law holds, whoever comes first."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from bot.model import ChatRef, Command
from tests.proof.interleavings import TWO, Explorer, Scenario, due, reply, time_passes, told
from tests.proof.machine import Histories, histories
from tests.proof.system import System
from tests.story.words import verdict

COUNT = 40
IN_CHATS = ("now", "skip")
OF_STEPS = ("edit 1 1h", "once 1 on", "once 1 off", "move 2 1", "remove 1 yes", "undo", "off", "on")
_ids = count(1)


def commanded(words: str) -> Callable[[System], object]:
    """An admin types it, and nobody else has a turn meanwhile."""

    def act(system: System) -> None:
        plugin = next(each for each in system.app.plugins if each.name == "followup")
        ref, at = ChatRef("tg", "7"), system.clock.now()
        command = Command(next(_ids), ref, "telegram 7", "anna", f"/followup {words}", at)
        assert system.stage.do(plugin.command(command)) is not None

    return act


def early(system: System) -> None:
    """Long before the reminder is due: both workers come for nothing."""
    due(system)
    system.clock.advance(-timedelta(hours=3))


now, skip = commanded("now 1"), commanded("skip 1")
SCENARIOS = (
    Scenario("now, before it is due", early, TWO, [[now], [reply]]),
    Scenario("now, when it is due", due, TWO, [[now], [reply]]),
    Scenario("now, under a lease that ends", due, TWO, [[now, time_passes]]),
    Scenario("now, and the model holds it back", told(verdict("skip")), TWO, [[now, now]]),
    Scenario("skip", due, TWO, [[skip], [reply]]),
    Scenario("skip, under a lease that ends", due, TWO, [[time_passes, skip]]),
    Scenario("skip and now", due, TWO, [[skip, now]]),
    Scenario("a step removed and back", due, TWO, [[commanded("remove 1 yes"), commanded("undo")]]),
    Scenario("off and undone", due, TWO, [[commanded("off"), commanded("undo")]]),
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_no_order_breaks_the_law_with(scenario: Scenario, orders_system: System) -> None:
    found = Explorer(orders_system, scenario).explore()

    assert found.faults == []
    assert found.schedules > 1


class WithAdmin(Histories):
    """The same histories, and an admin who types whatever comes to mind."""

    @rule(chat=st.integers(1, 2), word=st.sampled_from(IN_CHATS))
    def an_admin_commands(self, chat: int, word: str) -> None:
        commanded(f"{word} {chat}")(self.system)
        self.check()

    @rule(words=st.sampled_from(OF_STEPS))
    def an_admin_edits(self, words: str) -> None:
        commanded(words)(self.system)
        self.check()


def test_no_history_with_an_admin_breaks_the_law(histories_system: System) -> None:
    histories(histories_system, COUNT, WithAdmin)
