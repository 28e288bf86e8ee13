"""Event files, employees and schedules as hypothesis makes them up."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.unit.followup.reference import WEEKDAYS, Table

# Few and short, so that moments often meet: delays, gaps between events and graces alike.
DELAYS = ("1s", "20s", "1m", "10m", "20m", "1h30m", "4h", "24h", "2d")
GAPS = (9 * 3600, 600, 20, 86400, 0.25, 1, 10, 30, 60, 300, 1200, 3600, 4 * 3600, 3 * 86400)
INTERVALS = (
    "00:00-24:00",
    "00:00-00:00",
    "09:00-18:00",
    "09:00-13:00",
    "14:00-18:00",
    "22:00-06:00",
    "23:45-00:15",
    "02:00-02:30",
    "02:15-03:15",
    "12:00-12:00",
    "00:30-00:00",
    "01:00-01:15",
)
# Each zone with days around which its clocks do something.
PLACES = {
    "UTC": ("2026-03-02",),
    "Europe/Berlin": ("2026-03-28", "2026-10-24"),
    "America/New_York": ("2026-03-07", "2026-10-31"),
    "Australia/Lord_Howe": ("2026-04-04", "2026-10-03"),
    "Africa/Casablanca": ("2026-02-14", "2026-03-21"),
    "Asia/Kathmandu": ("2026-12-30",),
    "America/Havana": ("2026-03-07", "2026-10-31"),
    "Asia/Beirut": ("2026-03-28", "2026-10-24"),
    "America/St_Johns": ("2010-03-13", "2010-11-06"),
    "Pacific/Apia": ("2011-12-28",),
}
NAMES = ("anna", "bert")
CHATS = ("c1", "c2", "c3", "ß")
STEP_IDS = ("a", "b", "c", "d")


def examples(count: int) -> settings:
    """The same examples at every run; many more, and new ones, with the profile "thorough"."""
    thorough = settings.get_current_profile_name() == "thorough"
    return settings(
        max_examples=count * 25 if thorough else count,
        derandomize=not thorough,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


def followups() -> st.SearchStrategy[dict[str, Any]]:
    """A chain as the settings and the settings events have it."""
    step = st.fixed_dictionaries(
        {
            "id": st.sampled_from(STEP_IDS),
            "delay": st.sampled_from(DELAYS),
            "instruction": st.just("Ask."),
            "once": st.booleans(),
        }
    )
    return st.fixed_dictionaries(
        {
            "enabled": st.sampled_from((True,) * 5 + (False,)),
            "steps": st.integers(0, 9).flatmap(
                lambda dice: st.lists(
                    step, min_size=min(dice, 1), max_size=4, unique_by=lambda step: step["id"]
                )
            ),
        }
    )


def weeks() -> st.SearchStrategy[dict[str, list[str]]]:
    """A weekly schedule, seldom an empty one."""
    intervals = st.lists(st.sampled_from(INTERVALS), max_size=2)
    return st.dictionaries(st.sampled_from(WEEKDAYS), intervals, max_size=7)


@st.composite
def specials(draw: st.DrawFn, first_day: str) -> dict[str, list[str]]:
    """Special days in the two weeks after that day."""
    first = datetime.fromisoformat(first_day).date()
    offsets = draw(st.lists(st.integers(-1, 14), max_size=3, unique=True))
    intervals = st.lists(st.sampled_from(INTERVALS), max_size=2)
    return {(first + timedelta(days=offset)).isoformat(): draw(intervals) for offset in offsets}


@st.composite
def event_files(
    draw: st.DrawFn,
) -> tuple[dict[str, Table], list[Table | bytes], datetime]:
    """Employees, lines (bytes are bad as such) and a moment at which to end."""
    zone = draw(st.sampled_from(sorted(PLACES)))
    first_day = draw(st.sampled_from(PLACES[zone]))
    staff: dict[str, Table] = {}
    for name in NAMES:
        staff[name] = {
            "timezone": zone,
            "working_hours": draw(st.just({}) | weeks()),
            "special_days": draw(specials(first_day)),
            "followup": draw(followups()),
        }
    at = datetime.fromisoformat(first_day).replace(tzinfo=UTC)
    lines: list[Table | bytes] = []
    for gap in draw(st.lists(st.sampled_from(GAPS), min_size=4, max_size=20)):
        lines += draw(_happenings(at))
        at += timedelta(seconds=gap)
    return (
        staff,
        lines,
        at + timedelta(seconds=draw(st.sampled_from((10 * 86400, *GAPS, 0, -600, -86400)))),
    )


@st.composite
def _happenings(draw: st.DrawFn, at: datetime) -> list[Table | bytes]:
    """One or two lines of one moment; most often a client who is answered."""
    kind = draw(
        st.sampled_from(("talk",) * 6 + ("client", "employee", "edit", "off and on", "bad"))
    )
    line: dict[str, Any] = {"at": _written(at), "employee": draw(st.sampled_from(NAMES))}
    message = {**line, "chat": draw(st.sampled_from(CHATS)), "text": "…"}
    edit = {**line, "type": "settings", "followup": draw(followups())}
    match kind:
        case "talk":
            answer_at = at + timedelta(seconds=draw(st.sampled_from((0, 0.25, 1, 1))))
            answer = {**message, "type": "employee", "at": _written(answer_at)}
            return [{**message, "type": "client"}, answer]
        case "edit":
            return [edit]
        case "off and on":
            switches = [{**edit["followup"], "enabled": enabled} for enabled in (False, True)]
            return [{**edit, "followup": switch} for switch in switches]
        case "bad":
            return [draw(bad_lines(line))]
        case _:
            return [{**message, "type": kind}]


def _written(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def bad_lines(good: Mapping[str, Any]) -> st.SearchStrategy[Table | bytes]:
    """Lines with one fault; the one that is only too early is left for the reader to find."""
    earlier = datetime.fromisoformat(good["at"]) - timedelta(microseconds=1)
    message = {**good, "type": "client", "chat": "c1", "text": "…"}
    edit = {**good, "type": "settings"}
    step = {"id": "a", "delay": "4h", "instruction": "Ask.", "once": False}
    faulty: list[object] = [
        7,
        {**message, "at": good["at"].removesuffix("Z")},
        {**message, "at": None},
        {**message, "employee": "nobody"},
        {**message, "chat": ""},
        {**message, "type": "manager"},
        {**message, "text": 7},
        edit,
        {**edit, "followup": {"steps": [{**step, "id": None}]}},
        {**edit, "followup": {"steps": [{**step, "delay": "0s"}]}},
        {**edit, "followup": {"steps": [step, step]}},
        {**edit, "followup": {"steps": [step], "colour": "red"}},
    ]
    raw: list[Table | bytes] = [json.dumps(fault).encode() for fault in faulty]
    return st.sampled_from([{**message, "at": _written(earlier)}, b"{", b"\xff", *raw])
