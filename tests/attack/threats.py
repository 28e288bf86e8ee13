"""Attacks everything that `threats.toml` names: `python -m tests.attack.threats` writes the page.

A threat is told with its control, the tests that attack it, and what became of them in the run.
The run fails, and the page says so, if one test of any row fails, is left out, or is not there.
With words it attacks only rows that hold one of them; of the others the page tells the last result.
"""

import sys
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TABLE = Path(__file__).with_name("threats.toml")
PAGE = ROOT / "docs" / "threats.md"
HELD = "held"
_COLUMNS = 4
UNTRIED = "not run yet"

_INTRO = """\
# Who could want what, and what keeps it from them

This page is written by `make audit`, which runs every test that it names: they do what an attacker
would. What is promised to whom, and how to report a hole, is in [SECURITY.md](../SECURITY.md).

| threat | control | attacked by | result |
|---|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class Threat:
    """A row of the table."""

    threat: str
    control: str
    tests: Sequence[str]


@dataclass(eq=False)
class Outcomes:
    """Listens to pytest: what became of the cases of each test."""

    passed: Counter[str] = field(default_factory=Counter)
    others: Counter[str] = field(default_factory=Counter)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name = report.nodeid.partition("[")[0]
        if report.when == "call" and report.passed:
            self.passed[name] += 1
        elif not report.passed:
            self.others[name] += 1

    def of(self, threat: Threat) -> str:
        """What a reader of the page is told."""
        broken = [each for each in threat.tests if self.others[each] or not self.passed[each]]
        if broken:
            return f"BROKEN: {named(broken)}"
        cases = sum(self.passed[each] for each in threat.tests)
        return f"{HELD}, {cases} case{'' if cases == 1 else 's'}"


def threats() -> Sequence[Threat]:
    """All of them, in the order of the page."""
    rows = tomllib.loads(TABLE.read_text(encoding="utf-8"))["threats"]
    return [Threat(row["threat"], row["control"], tuple(row["tests"])) for row in rows]


def named(tests: Sequence[str]) -> str:
    """Tests as the page names them."""
    return ", ".join(f"`{each}`" for each in tests)


def last_results() -> Mapping[str, str]:
    """What the page says of each threat, if the same tests were run then."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    told = {(row[0], row[2]): row[3] for row in rows if len(row) == _COLUMNS}
    return {each.threat: told.get((each.threat, named(each.tests)), UNTRIED) for each in threats()}


def main(words: Sequence[str]) -> int:
    """Attack, write the page, and fail if anything gave way."""
    known, results = threats(), dict(last_results())
    chosen = [each for each in known if not words or any(word in each.threat for word in words)]
    tests = list(dict.fromkeys(test for each in chosen for test in each.tests))
    outcomes = Outcomes()
    pytest.main(["-q", "--no-header", "-n", "0" if words else "2", *tests], [outcomes])
    results |= {each.threat: outcomes.of(each) for each in chosen}
    rows = [
        f"| {each.threat} | {each.control} | {named(each.tests)} | {results[each.threat]} |"
        for each in known
    ]
    PAGE.write_text(_INTRO + "\n".join(rows) + "\n", encoding="utf-8")
    held = [each for each in results.values() if each.startswith(HELD)]
    sys.stdout.write(f"{len(held)} of {len(known)} threats held; the table is {PAGE.name}\n")
    return 0 if len(held) == len(known) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
