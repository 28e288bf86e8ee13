"""`python -m tests.bench.list`: how long the list takes with a million waiting chats.

Seeds a database of each kind, then asks for pages as a browser does: from the request to the last
byte of the answer, in one process. `--write` puts the table into docs/list-performance.md.
"""

import argparse
import asyncio
import platform
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx2

from bot.app import App, Outside, build
from bot.news import LocalNews
from bot.testing import FakeClock, FakeJobs
from config.settings import Settings
from plugins.followup.dashboard.cursor import written
from plugins.followup.dashboard.finding import Slice, Wish, find
from plugins.followup.folding import asked
from tests.bench.crowd import START, fill_postgres, fill_sqlite
from tests.conftest import migrated
from tests.torture.store import postgres

PAGE = Path(__file__).parents[2] / "docs" / "list-performance.md"
_PLACES = 50 * 199
_LIMIT = 150
_PART = {"x-part": "list"}
_BEGIN, _END = "<!-- the benchmark writes from here -->", "<!-- to here -->"


@dataclass(frozen=True, slots=True)
class Case:
    """Something that people ask for; `whole` with the frame, `far` is page 200 of it."""

    title: str
    text: str = ""
    employee: str = ""
    path: str = "/followup"
    whole: bool = False
    far: bool = False


CASES = (
    Case("the list as it opens, the whole page", whole=True),
    Case("the list, page 200", far=True),
    Case("one employee with 300,000 chats", employee="e0"),
    Case("one employee with 1,000 chats", employee="e7"),
    Case("one employee with 300,000 chats, page 200", employee="e0", far=True),
    Case("one letter: `m`", "m"),
    Case("a beginning of 200,000 names: `vis`", "vis"),
    Case("the same, page 200", "vis", far=True),
    Case("among 200,000 with the same first letters nobody: `visq`", "visq"),
    Case("the last of all in the list: `zacharias`", "zacharias"),
    Case("in another script: `иван`", "иван"),
    Case("a whole name: `maria berton`", "maria berton"),
    Case("one chat of a million: `visitor 123450`", "visitor 123450"),
    Case("two common words: `anna s`", "anna s"),
    Case("two common words that never meet: `vis mar`", "vis mar"),
    Case("two common words that never meet: `vis zach`", "vis zach"),
    Case("300,000 of the one, 400,000 of the other, none of both: `shop salon`", "shop salon"),
    Case("three common words: `maria shop b`", "maria shop b"),
    Case("three that never meet: `salon shop vis`", "salon shop vis"),
    Case("a common word and the last of all: `site zacharias`", "site zacharias"),
    Case("among 400,000 with the same first letters nobody: `salz`", "salz"),
    Case("a letter that hardly any name has: `x`", "x"),
    Case("the employee's name: `chloe`", "chloe"),
    Case("the employee's name and the client's: `boris maria`", "boris maria"),
    Case("an employee with 300,000 chats and a name", "olga", "e0"),
    Case("an employee with 1,000 chats and a common name", "zach", "e7"),
    Case("an employee with 1,000 chats and two words that never meet", "shop salon", "e7"),
    Case("an employee with 50,000 chats and the last of all", "zach b", "e6"),
    Case("nobody: `qqqq`", "qqqq"),
    Case("what needs attention", path="/followup?view=attention"),
)


def main() -> int:
    """Both databases, one table; 1 if a case is too slow."""
    told = _arguments()
    columns: dict[str, dict[str, Sequence[float]]] = {}
    sizes: list[str] = []
    for store in told.store or ["sqlite", "postgres"]:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=told.folder)))
            began = time.monotonic()
            url = _filled(stack, store, folder, told.chats)
            sizes.append(f"{store} {time.monotonic() - began:.0f} s")
            print(f"{store}: filled in {time.monotonic() - began:.0f} s", file=sys.stderr)  # noqa: T201
            columns[store] = asyncio.run(_measured(url, told.times))
    table = _table(columns)
    print(table)  # noqa: T201  a script's output
    if told.write:
        _write(told, table, sizes)
    slow = [each for times in columns.values() for each in times.values() if _p95(each) > _LIMIT]
    return 1 if slow else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.list")
    parser.add_argument("--chats", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=60, help="how often each case is asked")
    parser.add_argument("--store", choices=["sqlite", "postgres"], action="append")
    parser.add_argument("--folder", help="where SQLite's file goes for the time being")
    parser.add_argument("--write", action="store_true", help="into docs/list-performance.md")
    return parser.parse_args()


def _filled(stack: ExitStack, store: str, folder: Path, count: int) -> str:
    if store == "postgres":
        url = stack.enter_context(postgres()).new()
        migrated(url)
        fill_postgres(url, count)
        return url
    url = f"sqlite:///{folder}/list.db"
    migrated(url)
    fill_sqlite(folder / "list.db", count)
    return url


async def _measured(url: str, times: int) -> dict[str, Sequence[float]]:
    outside = Outside(database_url=url, jobs=FakeJobs(), news=LocalNews(), clock=FakeClock(START))
    app = build(Settings(), outside)
    transport = httpx2.ASGITransport(app=app.web)
    found: dict[str, Sequence[float]] = {}
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as browser:
        for case in CASES:
            address, headers = await _address(app, case), {} if case.whole else _PART
            spent: list[float] = []
            for _ in range(times):
                began = time.perf_counter()
                answer = await browser.get(address, headers=headers)
                spent.append((time.perf_counter() - began) * 1000)
                assert answer.status_code == 200, answer.text
            found[case.title] = sorted(spent)
    await app.close()
    return found


async def _address(app: App, case: Case) -> str:
    address = case.path
    if case.text or case.employee:
        address += f"?q={quote(case.text)}&employee={case.employee}"
    if not case.far:
        return address
    async with app.database.read() as connection:
        people = await app.runtime.lists.people(connection)
        wish = Wish(asked(case.text), case.employee or None)
        places = await find(connection, wish, people, Slice(_PLACES))
    return f"{address}{'&' if '?' in address else '?'}after={written(places[-1])}"


def _p95(spent: Sequence[float]) -> float:
    return spent[int(len(spent) * 0.95)]


def _table(columns: dict[str, dict[str, Sequence[float]]]) -> str:
    head = "".join(f" {store} median | {store} p95 | {store} worst |" for store in columns)
    lines = [f"| asked for |{head}", f"|---|{'---:|' * 3 * len(columns)}"]
    for case in CASES:
        cells = ""
        for times in columns.values():
            spent = times[case.title]
            cells += f" {spent[len(spent) // 2]:.0f} | {_p95(spent):.0f} | {spent[-1]:.0f} |"
        lines.append(f"| {case.title} |{cells}")
    return "\n".join(lines)


def _write(told: argparse.Namespace, table: str, sizes: Sequence[str]) -> None:
    text = PAGE.read_text(encoding="utf-8")
    said = (
        f"{told.chats:,} waiting chats, each case asked {told.times} times, milliseconds; "
        f"Python {platform.python_version()}, two cores. Filling took {', '.join(sizes)}."
    )
    made = f"{_BEGIN}\n\n{said}\n\n{table}\n\n{_END}"
    text = re.sub(f"{_BEGIN}.*{_END}", lambda _: made, text, flags=re.DOTALL)
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
