"""`python -m tests.torture.driver`: real processes, real kills; a table, and 1 for any breach."""

import argparse
import logging
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from tests.torture.disk import can_mount
from tests.torture.fleet import FAKETIME
from tests.torture.plan import plan
from tests.torture.rounds import Result, run
from tests.torture.store import postgres
from tests.torture.table import totals, written

BUILD = Path("build/torture")


def main() -> None:
    given = _given()
    BUILD.mkdir(parents=True, exist_ok=True)
    # Side by side: most of a round is waiting, and a busy machine only adds to the trouble.
    with ProcessPoolExecutor(len(given.store)) as pool:
        running = [pool.submit(_torture, store, given) for store in given.store]
        results = [result for each in running for result in each.result()]
    if not results:
        sys.exit(f"no round of so many kills has '{given.only}' in its name; nothing was tried")
    (BUILD / "table.md").write_text(written(results))
    sys.stdout.write(f"\n{written(results)}\n{totals(results)}\n")
    for line in _left_out():
        sys.stdout.write(f"{line}\n")
    sys.exit(0 if all(result.findings.clean for result in results) else 1)


def _torture(store: str, given: argparse.Namespace) -> Sequence[Result]:
    """All rounds on that database, one after another."""
    # That Valkey dies is what we do to it.
    logging.getLogger("bot.embedded").setLevel(logging.ERROR)
    rounds = plan(given.kills, given.seed, sqlite=store == "sqlite", at_once=given.at_once)
    chosen = [each for each in rounds if given.only in each.name]
    with ExitStack() as stack:
        server = stack.enter_context(postgres()) if store == "postgres" else None
        return [_tell(run(each, server.new() if server else None)) for each in chosen]


def _tell(result: Result) -> Result:
    """A line while the others run; what the processes said is kept if something is wrong."""
    states = dict(result.books.states())
    sys.stdout.write(
        f"{result.database}, {result.name}: {result.kills} kills, {result.seconds:.0f} s, "
        f"{states}, recovered {result.recovery.found} in {result.recovery.due:.0f} s / "
        f"{result.recovery.claimed:.0f} s{', ' + result.note if result.note else ''}\n"
    )
    (BUILD / f"{result.database}-{result.name}.log".replace(" ", "-")).write_text(result.printed)
    if not result.findings.clean:
        sys.stdout.write(f"{result.findings.text()}\n")
    sys.stdout.flush()
    return result


def _left_out() -> Sequence[str]:
    """What could not be done on this machine, said plainly."""
    lines: list[str] = []
    if not FAKETIME.exists():
        lines.append("Clock jumps were left out: libfaketime is not installed.")
    if not can_mount():
        lines.append("A full disk was left out: only root may mount a small one.")
    return lines


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=250, help="on each database")
    parser.add_argument("--at-once", type=int, default=63, help="kills in one round")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--store", nargs="+", default=["sqlite", "postgres"])
    parser.add_argument("--only", default="", help="rounds with this in their name")
    return parser.parse_args()


if __name__ == "__main__":
    main()
