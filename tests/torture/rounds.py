"""Rounds of torture: a fleet, clients that write, faults at random, then calm and the books."""

import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

from bot.clock import SystemClock
from tests.chaos.server import Chaos, serving
from tests.torture.audit import violations
from tests.torture.books import Books, Findings, findings
from tests.torture.crowd import NIGHT, Crowd
from tests.torture.disk import own_disk
from tests.torture.faults import Fault, Ordeal
from tests.torture.fleet import Fleet, Setting
from tests.torture.watch import Recovery, settle

_QUIET = 300.0


@dataclass(frozen=True)
class Round:
    """One kind of trial; `disk` is the size of the data folder's own file system."""

    name: str
    roles: Mapping[str, str]
    faults: Sequence[Fault]
    kills: int = 0
    hurry: bool = False
    faked_clock: bool = False
    disk: str = ""
    watched: bool = True
    model: bool = True
    seed: int = 7
    per_second: float = 6.0
    night: int = NIGHT


@dataclass
class Result:
    """A row of the table."""

    name: str
    database: str
    kills: int
    crashes: int
    recovery: Recovery
    books: Books
    findings: Findings
    seconds: float
    note: str = ""
    quiet: bool = True
    printed: str = ""


def run(round_: Round, database: str | None) -> Result:
    """The whole trial; everything that was started has ended afterwards."""
    began = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="torture-")))
        chaos = stack.enter_context(serving(Chaos(round_.seed)))
        setting = Setting(
            folder,
            round_.roles,
            chaos.url,
            database,
            hurry=round_.hurry,
            model=round_.model,
            faked_clock=round_.faked_clock,
        )
        if round_.disk:
            own_disk(stack, setting.data, round_.disk)
        fleet = Fleet(setting)
        stack.callback(fleet.close)
        return _run(round_, fleet, chaos, began)


def _run(round_: Round, fleet: Fleet, chaos: Chaos, began: float) -> Result:
    fleet.up()
    crowd = Crowd(chaos, fleet.bases, round_.seed, round_.per_second)
    crowd.gather(night=round_.night)
    crowd.start()
    ordeal = Ordeal(fleet, Random(round_.seed), round_.kills)  # noqa: S311  a repeatable test
    with ThreadPoolExecutor(1) as other:
        try:
            for fault in round_.faults:
                fault(ordeal)
            chaos.dice.calm = True
            fleet.ready()
        finally:
            clients = other.submit(crowd.stop)
        recovery, quiet = settle(fleet.store, SystemClock().now(), _QUIET, clients)
    clients.result()
    others: list[str] = [] if quiet else [f"not quiet within {_QUIET:.0f} s"]
    others += violations(fleet)
    if round_.faked_clock and not _moved(fleet):
        others.append("the clock did not move: no stored moment lies ahead")
    steps = len(fleet.setting.delays)
    confirmed = chaos.telegram.confirmed()
    books = Books(fleet.store, chaos.log.entries(), crowd.clients, steps, confirmed)
    found = findings(books, others)
    return Result(
        name=round_.name,
        database="SQLite" if fleet.store.is_sqlite else "PostgreSQL",
        kills=fleet.kills,
        crashes=len(fleet.crashes),
        recovery=recovery if round_.watched else Recovery(recovery.found),
        books=books,
        findings=found,
        seconds=time.monotonic() - began,
        note=", ".join(ordeal.notes),
        quiet=quiet,
        printed=fleet.printed(),
    )


def _moved(fleet: Fleet) -> bool:
    latest = fleet.store.rows("SELECT max(intent_at) AS intent_at FROM followup_reminders")
    moment = latest[0]["intent_at"]
    return moment is not None and moment > SystemClock().now() + timedelta(hours=1)
