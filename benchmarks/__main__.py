"""`make bench`: the application and the timers of others, on one machine in one run.

Case by case everybody in turn, each peer in processes of its own, each figure bounded in time.
Writes docs/benchmarks.md and its plot; with `--quick` only build/benchmarks.md, and no figure of
that means anything: it shows within minutes that everything still runs.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import aiohttp
import psutil
import psycopg
import redis
from sqlalchemy.exc import SQLAlchemyError

from benchmarks.crew import RivalError
from benchmarks.ground import BRIEF, QUICK, ROOT, Ground, Size, ground, missing, node
from benchmarks.ours import Ours
from benchmarks.peers import NAMES
from benchmarks.plot import plot
from benchmarks.report import OURS, report
from benchmarks.rivals import Rival
from benchmarks.stand import machine

CASES = ("rearm", "widget", "slow", "trickle", "herd", "great", "kill", "waiting")
_ALONE = {"great", "widget"}
"""Asked of us alone: peers tell how long a start takes with `waiting`, and have no widget."""
FAULTS = (
    *(RivalError, OSError, subprocess.SubprocessError, ValueError, LookupError, AssertionError),
    *(SQLAlchemyError, psycopg.Error, redis.RedisError, psutil.Error, aiohttp.ClientError),
)
"""One cell fails, and says so; the others are measured all the same."""
_BEGIN, _END = "<!-- the benchmark writes from here -->", "<!-- to here -->"


@dataclass
class Found:
    """What was measured: by case and name, a mapping for each pass, or why there is none."""

    cells: dict[str, dict[str, list[Mapping[str, object] | str]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, case: str, name: str, what: Mapping[str, object] | str) -> None:
        """One pass of one cell."""
        self.cells.setdefault(case, {}).setdefault(name, []).append(what)

    def save(self) -> None:
        """After each cell: a run that is broken off has what it found."""
        build = ROOT / "build"
        build.mkdir(exist_ok=True)
        (build / "benchmarks.json").write_text(json.dumps(self.cells, indent=1))

    def keep(self, earlier: dict[str, dict[str, list[Mapping[str, object] | str]]]) -> None:
        """The cases of an earlier run, where this one has none."""
        kept = [case for case in earlier if case not in self.cells]
        if kept:
            self.notes.append(f"kept from the run before, minutes earlier: {', '.join(kept)}")
        self.cells |= {case: earlier[case] for case in kept}


def main() -> None:
    """Measure, print, write."""
    told = _arguments()
    size = QUICK if told.quick else BRIEF if told.brief else Size()
    found = Found(notes=[*_chosen(told, size), *missing(told.peers)])
    peers = [name for name in told.peers if _runs(name)]
    earlier = json.loads((ROOT / "build/benchmarks.json").read_text()) if told.keep else {}
    end = time.monotonic() + told.minutes * 60
    with ground() as place:
        for number in range(told.passes):
            sys.stderr.write(f"pass {number + 1} of {told.passes}\n")
            for case in told.cases:
                for each in _who(case, peers, place, size):
                    _measure(found, case, each, end)
    if told.keep:
        found.keep(earlier)
    text = report(found.cells, [machine(), *versions(), *found.notes], size)
    sys.stdout.write(f"\n{text}\n")
    _write(found, text, quick=told.quick)


def _chosen(told: argparse.Namespace, size: Size) -> Iterator[str]:
    """How much was asked for, so that nobody takes less for the whole."""
    yield ", ".join(f"{name} {value:g}" for name, value in asdict(size).items())
    left = [name for name in NAMES if name not in told.peers]
    if left:
        yield f"left out by choice: {', '.join(left)}"


def _runs(name: str) -> bool:
    return not list(missing([name]))


def _who(case: str, peers: Sequence[str], place: Ground, size: Size) -> Sequence[Ours | Rival]:
    ours = [Ours(name, place, size) for name in OURS]
    return ours if case in _ALONE else [*ours, *(Rival(name, place, size) for name in peers)]


def _measure(found: Found, case: str, who: Ours | Rival, end: float) -> None:
    began = time.monotonic()
    if began > end:
        found.add(case, who.name, "not run: the time was up")
        return
    try:
        what: Mapping[str, object] | str = getattr(who, case)()
    except FAULTS as error:
        what = f"failed: {str(error)[:100]}"
    found.add(case, who.name, what)
    found.save()
    spent = time.monotonic() - began
    sys.stderr.write(f"{case}, {who.name}: {spent:.0f} s, {_short(what)}\n")
    sys.stderr.flush()


def _short(what: Mapping[str, object] | str) -> str:
    if isinstance(what, str):
        return what
    rounded = {name: round(v, 2) if isinstance(v, float) else v for name, v in what.items()}
    return ", ".join(f"{name} {value}" for name, value in rounded.items())


def versions() -> Sequence[str]:
    """Of the peers, as their environments have them."""
    names = ("rq", "rq-scheduler", "celery", "taskiq", "taskiq-redis", "apscheduler")
    names += ("procrastinate", "python-telegram-bot", "redis", "hiredis")
    lines = [
        _versions(ROOT / ".venv-bench", names),
        _versions(ROOT / ".venv-bench-arq", ("arq", "redis")),
    ]
    lock = json.loads((ROOT / "benchmarks/peers/bullmq/package-lock.json").read_text())
    if node() is not None:
        bullmq = lock["packages"]["node_modules/bullmq"]["version"]
        lines.append(f"BullMQ {bullmq} on Node.js {node()}")
    return [line for line in lines if line]


def _versions(folder: Path, names: Sequence[str]) -> str:
    code = (
        "from importlib.metadata import version; "
        f"print(', '.join(f'{{name}} {{version(name)}}' for name in {names}))"
    )
    python = folder / "bin/python"
    if not python.exists():
        return ""
    told = [str(python), "-c", code]
    return subprocess.run(told, capture_output=True, text=True, check=False).stdout.strip()


def _write(found: Found, text: str, *, quick: bool) -> None:
    found.save()
    (ROOT / "build/benchmarks.md").write_text(text)
    if quick:
        return
    page = ROOT / "docs/benchmarks.md"
    before, _, rest = page.read_text(encoding="utf-8").partition(_BEGIN)
    after = rest.partition(_END)[2]
    page.write_text(f"{before}{_BEGIN}\n\n{text}\n\n{_END}{after}", encoding="utf-8")
    (ROOT / "docs/images/benchmarks.svg").write_text(plot(found.cells), encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench ARGS=…", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small numbers, writes no page")
    parser.add_argument("--brief", action="store_true", help="about a third of everything")
    parser.add_argument("--passes", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=30, help="what did not fit is left out")
    parser.add_argument("--keep", action="store_true", help="other cases as in the run before")
    parser.add_argument("--cases", nargs="+", choices=CASES, default=CASES)
    parser.add_argument("--peers", nargs="*", choices=NAMES, default=NAMES)
    return parser.parse_args()


if __name__ == "__main__":
    main()
