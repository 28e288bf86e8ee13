"""Nothing twice, nothing lost, whatever happens in whatever order."""

from datetime import timedelta
from time import perf_counter

import pytest

from tests.proof.machine import histories
from tests.proof.report import Report
from tests.proof.system import System
from tests.story.words import steps

COUNT = 200


def test_no_history_breaks_the_law(histories_system: System, report: Report) -> None:
    start = perf_counter()

    histories(histories_system, COUNT)

    report.histories = (COUNT, timedelta(seconds=perf_counter() - start))


def test_the_law_is_asked(histories_system: System) -> None:
    """A history without trouble: both chats get all of their reminders, and the law sees it."""
    system = histories_system
    system.reset(steps("20m", "4h", "24h"))
    system.client("c1")
    system.client("c2")
    system.run_jobs()

    system.settle()

    out = [(ref.address, message.plugin) for ref, message in system.channel.sent]
    assert sorted(out, key=str) == sorted(
        [(who, plugin) for who in ("c1", "c2") for plugin in (None, *("followup",) * 3)], key=str
    )
    assert system.faults_found() == []


def test_a_job_stops_wherever_somebody_else_could_have_a_turn(histories_system: System) -> None:
    system = histories_system
    system.reset(steps("20m"))
    system.client()
    system.run_jobs()
    system.clock.advance(timedelta(minutes=20))

    actor, seen = system.start("w1", "followup", 1), []
    while not actor.gone:
        seen.append(actor.at)
        system.go(actor)

    assert " ".join(seen) == (
        "start read write committed model write committed send sent write committed"
    )


@pytest.mark.parametrize("kind", ["followup", "answer", "sweep"])
def test_a_process_may_die_at_any_statement_of(kind: str, histories_system: System) -> None:
    """Each of them once; whatever was lost there goes out later, or was sent already."""
    system, statements, died = histories_system, 0, True
    while died:
        system.reset(steps("20m"))
        system.client("c1")
        system.run_jobs()
        system.clock.advance(timedelta(minutes=20))
        system.client("c2")

        actor = system.start("w1", kind, 2 if kind == "answer" else 1)
        actor.statements_left = statements
        system.finish(actor)
        died = actor.killed
        system.settle()

        assert system.faults_found() == []
        statements += 1
    assert statements > 5
