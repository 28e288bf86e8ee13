"""`python -m tests.bench.memory`: what a server's memory does over 10,000 requests for pages.

Starts the real command on a new data folder, has clients write, then asks for every kind of page in
turn, as browsers do: whole pages, searches, parts for scripts, forms that compute, films, refusals.
"""

import argparse
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path

import httpx2

from tests.running import Place, Running, Visitor, eventually

PAGE = Path(__file__).parents[2] / "docs" / "list-performance.md"
_BEGIN, _END = "<!-- the measure of memory writes from here -->", "<!-- to here, memory -->"
_CLIENTS = 60
_WARM = 2
_FLAT = 5.0
"""As many megabytes more, from the end of the second part to the last, are no leak."""
_HTML = {"accept": "text/html"}
_PART = {**_HTML, "x-part": "list"}
_TAB = "/employees/anna/followup"

Ask = Callable[[httpx2.Client], httpx2.Response]


def main() -> int:
    """The figures; 1 if memory grows."""
    told = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder))
        place.settings("4h", "24h", "3d")
        running = place.start()
        try:
            sizes = _measured(running, told.requests)
        finally:
            place.close()
    print(_table(sizes))  # noqa: T201  a script's output
    if told.write:
        text = PAGE.read_text(encoding="utf-8")
        made = f"{_BEGIN}\n\n{_table(sizes)}\n\n{_END}"
        text = re.sub(f"{_BEGIN}.*{_END}", lambda _: made, text, flags=re.DOTALL)
        PAGE.write_text(text, encoding="utf-8")
    settled = min(_WARM, len(sizes) - 1)
    return 1 if sizes[-1][1] - sizes[settled][1] > _FLAT else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.memory")
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--write", action="store_true", help="into docs/list-performance.md")
    return parser.parse_args()


def _measured(running: Running, count: int) -> list[tuple[int, float]]:
    """The size in megabytes after so many requests, from none to all, in ten parts."""
    visitors = [Visitor(running.base) for _ in range(_CLIENTS)]
    for number, visitor in enumerate(visitors):
        visitor.say(f"Hello, number {number} here: is the blue one still there?")
    eventually(lambda: all(each.heard() for each in visitors), "all answers")
    with httpx2.Client(base_url=running.base, headers=_HTML, timeout=60) as browser:
        sizes = [(0, _megabytes(running.process.pid))]
        asks = cycle(_asks(browser))
        began = time.monotonic()
        for part in range(1, 11):
            for ask in islice(asks, count // 10):
                answer = ask(browser)
                assert answer.status_code in {200, 303, 404}, answer.text
            sizes.append((part * count // 10, _megabytes(running.process.pid)))
            spent = time.monotonic() - began
            print(f"{sizes[-1][0]}: {sizes[-1][1]:.1f} MB, {spent:.0f} s", file=sys.stderr)  # noqa: T201
    return sizes


def _asks(browser: httpx2.Client) -> list[Ask]:
    """Every kind of request, in turn."""
    paths = [
        *("/followup", "/followup?q=visitor", "/followup?view=attention", "/chats", "/chats?q=zz"),
        *("/employees", "/employees/anna/persona", "/employees/anna/hours", _TAB),
        *("/employees/anna/channels", f"{_TAB}/history", "/followup/numbers", "/account", "/users"),
        *("/static/app.css", "/followup/static/lists.js", "/nowhere", "/followup/chats/4711"),
        *(f"/followup/chats/{chat}" for chat in range(1, 9)),
        *(f"/followup/chats/{chat}/download" for chat in range(1, 4)),
        "/sign-in",
    ]
    form = dict(_fields(browser.get(_TAB).text))

    def whole(path: str) -> Ask:
        return lambda browser: browser.get(path)

    def part(path: str) -> Ask:
        return lambda browser: browser.get(path, headers=_PART)

    def press(button: str) -> Ask:
        return lambda browser: browser.post(_TAB, data={**form, "do": button}, headers=_PART)

    return [
        *map(whole, paths),
        *map(part, paths[:5]),
        *map(press, ("look", "look", "add", "play")),
    ]


def _fields(page: str) -> Iterator[tuple[str, str]]:
    """What a browser would send of the tab's form."""
    for tag in re.findall(r"<input[^>]*>", page):
        named = re.search(r'name="([^"]*)"', tag)
        if named and "checkbox" not in tag:
            value = re.search(r'value="([^"]*)"', tag)
            yield named[1], value[1] if value else ""
    yield from re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>\n?([^<]*)', page)
    yield "scene", "price"


def _megabytes(process: int) -> float:
    """Resident, as Linux counts it."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


def _table(sizes: list[tuple[int, float]]) -> str:
    head = "| requests | " + " | ".join(f"{count:,}" for count, _ in sizes) + " |"
    line = f"|---|{'---:|' * len(sizes)}"
    return f"{head}\n{line}\n| MB | " + " | ".join(f"{size:.1f}" for _, size in sizes) + " |"


if __name__ == "__main__":
    sys.exit(main())
