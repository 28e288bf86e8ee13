"""The live system and the simulator go by the same rules: the same events, the same reminders.

The clients and the employee write, and the settings are saved, at moments that hypothesis makes
up; nobody answers by itself, because in a file of events everybody's messages are written down.
"""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.app import people_of
from bot.model import Author
from bot.testing import FakeClock
from plugins.followup.hours import Hours
from plugins.followup.options import FollowupOptions
from plugins.followup.simulate import Reminder, Simulation, simulate
from tests.story.words import BERLIN, settings_of, weekdays
from tests.story.world import DeafJobs, World

Table = dict[str, Any]

START = datetime(2026, 3, 27, 14, 0, tzinfo=UTC)
"""A Friday afternoon; on the Sunday after it the clocks are put forward in Berlin."""
DELAYS = ("1s", "20s", "10m", "20m", "1h30m", "4h", "1d")
GAPS = (5400, 9 * 3600, 86400, 0, 0.25, 10, 60, 600, 1200, 3600, 4 * 3600)
HOURS: Sequence[Table] = (
    {},
    {},
    weekdays("09:00-13:00", "14:00-18:00"),
    {"fri": ["22:00-06:00"], "sun": ["02:15-03:30"], "tue": ["00:00-24:00"]},
)
SPECIAL: Sequence[Table] = ({}, {"2026-03-30": [], "2026-04-01": ["11:00-11:10"]})


def chains() -> st.SearchStrategy[Table]:
    step = st.fixed_dictionaries(
        {
            "id": st.sampled_from("abc"),
            "delay": st.sampled_from(DELAYS),
            "instruction": st.just("Ask."),
            "once": st.booleans(),
        }
    )
    return st.fixed_dictionaries(
        {
            "enabled": st.sampled_from((True,) * 7 + (False,)),
            "steps": st.lists(step, min_size=2, max_size=3, unique_by=lambda each: each["id"]),
        }
    )


@st.composite
def events(draw: st.DrawFn) -> list[Table]:
    """Mostly clients who are answered, now and then a save."""
    kinds = ("talk",) * 8 + ("client", "employee", "settings", "settings")
    at = START
    told: list[Table] = []
    for gap in draw(st.lists(st.sampled_from(GAPS), min_size=3, max_size=9)):
        at += timedelta(seconds=gap)
        kind = draw(st.sampled_from(kinds))
        line = {"at": at.isoformat(), "employee": "anna"}
        if kind == "settings":
            told.append({**line, "type": kind, "followup": draw(chains())})
            continue
        line["chat"] = draw(st.sampled_from(("c1", "c2")))
        if kind != "employee":
            told.append({**line, "type": "client", "text": "…"})
        if kind != "client":
            told.append({**line, "type": "employee", "text": "…"})
    return told


def simulated(person: Table, told: Sequence[Table], until: datetime) -> list[str]:
    options = FollowupOptions.model_validate(person["followup"])
    hours = Hours.of(person["timezone"], person["working_hours"], person["special_days"])
    simulation = Simulation({"anna": (options.chain, hours)})
    found = simulate(simulation, (json.dumps(line).encode() for line in told), until)
    return [one.line() for one in found if isinstance(one, Reminder)]


async def lived(person: Table, told: Sequence[Table], until: datetime, url: str) -> list[str]:
    start = settings_of(None, **person)
    w = World(start, url, FakeClock(START - timedelta(days=1)), DeafJobs(), model=None)
    await w.boot()
    for line in told:
        at = datetime.fromisoformat(line["at"])
        await w.until(at - datetime.resolution)
        w.clock.move_to(at)
        await happen(w, person, line)
    await w.until(until)
    reminders = [reminder for who in ("c1", "c2") for reminder in await went_out(w, who)]
    await w.app.close()
    return [one.line() for one in sorted(reminders, key=lambda one: (one.at, one.chat))]


async def happen(w: World, person: Table, line: Table) -> None:
    """What is due at this very moment comes afterwards, so nothing runs here."""
    if line["type"] == "settings":
        edited = settings_of(None, **{**person, "followup": line["followup"]})
        await w.app.staff.save(people_of(edited, w.app.plugins))
    else:
        await w.receive(line["text"], author=Author(line["type"]), who=line["chat"])


async def went_out(w: World, who: str) -> list[Reminder]:
    rows = [row for row in await w.rows(who) if row["state"] == "sent"]
    cut = [row["at"].replace(microsecond=0) for row in rows]
    return [
        Reminder(at, who, "anna", row["step_id"], row["silence"])
        for at, row in zip(cut, rows, strict=True)
    ]


@settings(
    max_examples=40,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    told=events(),
    chain=chains(),
    week=st.sampled_from(HOURS),
    special=st.sampled_from(SPECIAL),
    rest=st.sampled_from((3 * 86400, 3 * 86400, 3 * 86400, 3600, 0)),
)
def test_the_live_system_sends_what_the_simulator_tells(
    tables: Path, told: list[Table], chain: Table, week: Table, special: Table, rest: int
) -> None:
    person = {
        "timezone": BERLIN,
        "working_hours": week,
        "special_days": special,
        "followup": chain,
    }
    until = datetime.fromisoformat(told[-1]["at"]) + timedelta(seconds=rest)

    expected = simulated(person, told, until)
    with TemporaryDirectory() as folder:
        path = copyfile(tables, Path(folder) / "live.db")
        live = asyncio.run(lived(person, told, until, f"sqlite:///{path}"))

    assert live == expected
