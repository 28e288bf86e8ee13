"""Tables of what was measured: each peer's figure, ours beside it, and what it does not do."""

from collections.abc import Callable, Mapping, Sequence
from statistics import median

from benchmarks.ground import Size

Cell = Mapping[str, object] | str
Cells = Mapping[str, Mapping[str, Sequence[Cell]]]

OURS = ("ours, SQLite", "ours, PostgreSQL")
WITHOUT = {
    "ours, SQLite": "every commit synced; claim, gate and mark",
    "ours, PostgreSQL": "every commit synced; claim, gate and mark",
    "rq": "Redis only, not synced; no gate; one job a process; due times cut to whole seconds",
    "rq_scheduler": "Redis only, not synced; no gate; one job a process; looks once a second",
    "celery": "Redis only, not synced; no gate; all timers are held in the worker's memory",
    "arq": "Redis only, not synced; no gate; no call to cancel, done by hand here",
    "taskiq": "Redis only, not synced; no gate; looks once a second",
    "apscheduler": "Redis only, not synced; no gate; a job is removed before it runs",
    "procrastinate": "synced (PostgreSQL); no gate; a killed worker's jobs stay `doing`",
    "ptb": "memory only: nothing is durable; no gate",
    "bullmq": "Redis only, not synced; no gate; Node.js",
}
TITLES = {
    "rearm": "(a) Client message → timer put off",
    "waiting": "(b) What one waiting chat takes; (g) from a start to what is due",
    "great": "(g) The same with a million",
    "herd": "(c) All due at one second, instant model and channel",
    "slow": "(d) All due at one second, a model of 1 s",
    "trickle": "(e) 50 a second, each at its own moment: lag in milliseconds",
    "kill": "(f) kill -9 when a third is done, jobs of 1 s",
    "widget": "(h) Widget message → stored and acknowledged, 500 a second, milliseconds",
}
COLUMNS: Mapping[str, Sequence[tuple[str, str, int]]] = {
    "rearm": (
        ("timers/s", "rate", 0),
        ("p99 ms", "p99", 1),
        ("CPU ms each", "cpu", 2),
        ("whole messages/s", "whole rate", 0),
        ("p99 ms", "whole p99", 1),
        ("CPU ms each", "whole cpu", 2),
    ),
    "waiting": (("bytes each", "bytes", 1), ("waiting", "waiting", 0), ("start s", "start", 2)),
    "great": (
        ("start s", "start", 2),
        ("waiting", "waiting", 0),
        ("bytes of Redis each", "bytes", 3),
        ("MB", "memory", 0),
    ),
    "herd": (
        ("jobs/s", "rate", 0),
        ("seconds", "wall", 2),
        ("ran", "ran", 0),
        ("of", "armed", 0),
        ("MB", "memory", 0),
    ),
    "slow": (("seconds", "wall", 2), ("ran", "ran", 0), ("of", "armed", 0), ("MB", "memory", 0)),
    "trickle": (
        ("p50", "p50", 1),
        ("p99", "p99", 1),
        ("earliest", "earliest", 1),
        ("ran", "ran", 0),
    ),
    "kill": (
        ("not done", "lost", 0),
        ("twice", "twice", 0),
        ("in flight", "in flight", 0),
        ("uncertain", "uncertain", 0),
        ("taken up again, s", "back", 1),
    ),
    "widget": (
        ("p50", "p50", 1),
        ("p99", "p99", 1),
        ("said", "said", 0),
        ("acknowledged", "acknowledged", 0),
    ),
}
_RATE = {"rearm": "rate", "herd": "rate"}
_TIME = {"slow": "wall", "trickle": "p99"}


def report(cells: Cells, notes: Sequence[str], size: Size) -> str:
    """Everything, as Markdown."""
    parts = [_targets(cells), *(_table(case, rows, size) for case, rows in cells.items())]
    return "\n\n".join([*(f"- {note}" for note in notes), *parts]).replace("\n\n- ", "\n- ")


def value(cells: Cells, case: str, name: str, key: str) -> float | None:
    """The median over all passes that have one."""
    passes = cells.get(case, {}).get(name, ())
    found = [each.get(key) for each in passes if isinstance(each, Mapping)]
    numbers = [float(each) for each in found if isinstance(each, int | float)]
    return median(numbers) if numbers else None


def ratios(cells: Cells, case: str, pair: tuple[str, str], key: str) -> Sequence[float]:
    """How many times the first's figure is the second's, for each pass."""
    first, second = (cells.get(case, {}).get(name, ()) for name in pair)
    both = [
        (one[key], other[key])
        for one, other in zip(first, second, strict=False)
        if isinstance(one, Mapping) and isinstance(other, Mapping)
    ]
    return [
        float(one) / float(other)
        for one, other in both
        if isinstance(one, int | float) and isinstance(other, int | float) and other
    ]


def _table(case: str, rows: Mapping[str, Sequence[Cell]], size: Size) -> str:
    compared = case in _RATE or case in _TIME
    head = ["", *(title for title, _, _ in COLUMNS[case])]
    head += ["ours, SQLite / it, by pass"] if compared else []
    lines = [[*head, "note"], ["---"] * (len(head) + 1)]
    for name, passes in rows.items():
        faults = [each for each in passes if isinstance(each, str)]
        figures = [_figure(rows, case, name, column) for column in COLUMNS[case]]
        if case == "kill" and isinstance(passes[0], Mapping) and figures[-1] == "-":
            none = not value({case: rows}, case, name, "in flight")
            figures[-1] = "-" if none else f"not within {size.patience:g}"
        if case in {"waiting", "great"} and isinstance(passes[0], Mapping):
            figures = [f"not within {size.patience:g}" if x == "-" else x for x in figures]
        more = [_compared(rows, case, name)] if compared else []
        lines.append([name, *figures, *more, "; ".join([*faults, WITHOUT[name]])])
    body = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"### {TITLES[case]}\n\n{body}"


def _figure(
    rows: Mapping[str, Sequence[Cell]], case: str, name: str, column: tuple[str, str, int]
) -> str:
    _, key, digits = column
    found = value({case: rows}, case, name, key)
    return "-" if found is None else f"{found:,.{digits}f}"


def _compared(rows: Mapping[str, Sequence[Cell]], case: str, name: str) -> str:
    key = _RATE.get(case) or _TIME[case]
    found = ratios({case: rows}, case, (OURS[0], name), key)
    return ", ".join(f"{each:.2g}" for each in found) or "-"


def _targets(cells: Cells) -> str:
    """What is wanted, beside what this run reached."""
    lines = ["| | wanted | this run | |", "| --- | --- | --- | --- |"]
    for letter, wanted, reached, holds in _WANTED:
        for name in OURS:
            found = reached(cells, name)
            if found is not None:
                text = f"{name}: {found:.3g}"
                lines.append(f"| {letter} | {wanted} | {text} | {_judged(holds(found))} |")
    return "### What is wanted, and what was reached\n\n" + "\n".join(lines)


def _judged(holds: object) -> str:
    return "reached" if holds else "**not reached**"


def _of(case: str, key: str) -> Callable[[Cells, str], float | None]:
    return lambda cells, name: value(cells, case, name, key)


def _times(
    case: str, other: str, only: Sequence[str] = OURS
) -> Callable[[Cells, str], float | None]:
    def reached(cells: Cells, name: str) -> float | None:
        found = ratios(cells, case, (name, other), "rate")
        return median(found) if found and name in only else None

    return reached


_WANTED: Sequence[
    tuple[str, str, Callable[[Cells, str], float | None], Callable[[float], bool]]
] = (
    ("a", "at least 1.3 times BullMQ", _times("rearm", "bullmq", OURS[:1]), lambda x: x >= 1.3),
    (
        "a",
        "at least 5 times procrastinate",
        _times("rearm", "procrastinate", OURS[1:]),
        lambda x: x >= 5,
    ),
    ("b", "under 20 bytes of Redis", _of("waiting", "bytes"), lambda x: x < 20),
    ("c", "at least 20 times RQ's no-op", _times("herd", "rq"), lambda x: x >= 20),
    ("c", "at least BullMQ's no-op", _times("herd", "bullmq"), lambda x: x >= 1),
    ("d", "at most 1.2 s", _of("slow", "wall"), lambda x: x <= 1.2),
    ("d", "under 134 MB (128 MiB)", _of("slow", "memory"), lambda x: x < 134),
    ("e", "p50 under 10 ms", _of("trickle", "p50"), lambda x: x < 10),
    ("e", "p99 under 50 ms", _of("trickle", "p99"), lambda x: x < 50),
    ("e", "never early", _of("trickle", "earliest"), lambda x: x >= 0),
    ("f", "none lost", _of("kill", "lost"), lambda x: x == 0),
    ("f", "none twice", _of("kill", "twice"), lambda x: x == 0),
    ("f", "taken up again within 5 s", _of("kill", "back"), lambda x: x < 5),
    ("g", "out within 1 s of a start with 1,000,000", _of("great", "start"), lambda x: x < 1),
    ("h", "p99 under 20 ms", _of("widget", "p99"), lambda x: x < 20),
)
