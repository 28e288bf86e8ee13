"""The corpus: conversations of small businesses, and what a good colleague would do next."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.model import Author, Employee, Message
from plugins.followup.hours import Hours
from plugins.followup.model import Step
from plugins.followup.verdicts import Occasion

CORPUS = Path(__file__).parent / "corpus"
NOW = datetime(2026, 3, 10, 14, 0)  # noqa: DTZ001  a Tuesday, on the wall clock of each business
_PAUSE = timedelta(minutes=2)
_DAY = timedelta(days=1)
_WEEK = {day: ["09:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}


@dataclass(frozen=True)
class Case:
    """A conversation that went silent, and which verdicts are right.

    `said` begins each line with who speaks: `client:`, `we:` or `reminder:`; a line `--- 2d`
    is a pause. `verdicts` are pairs of verdict and reason, a reason alone stands for any verdict.
    """

    id: str
    language: str
    kind: str
    persona: str
    name: str
    zone: str
    task: str
    said: Sequence[str]
    verdicts: Sequence[str]
    until: str = ""
    mentions: Sequence[str] = ()
    silent: timedelta = timedelta(hours=4)
    answer: Mapping[str, str] = field(default_factory=dict)

    @property
    def local(self) -> datetime:
        return NOW.replace(tzinfo=ZoneInfo(self.zone))

    def occasion(self) -> Occasion:
        """What the composer is told of it."""
        reminders = sum(line.startswith("reminder:") for line in self.said)
        return Occasion(
            employee=Employee(self.language, self.name, self.persona, self.zone),
            step=Step("step", timedelta(hours=4), self.task),
            place=reminders + 1,
            of=max(3, reminders + 1),
            history=self.history(),
            silent_for=self.silent,
            local=self.local,
            hours=Hours.of(self.zone, _WEEK, {}),
        )

    def history(self) -> Sequence[Message]:
        """The last client message lies as far back as the client is silent."""
        last = max(n for n, line in enumerate(self.said) if line.startswith("client:"))
        at = self.local.astimezone(UTC) - self.silent
        moments = [at] * len(self.said)
        for n in range(last - 1, -1, -1):
            moments[n] = moments[n + 1] - _gap(self.said[n])
        for n in range(last + 1, len(self.said)):
            moments[n] = moments[n - 1] + _gap(self.said[n])
        return [
            _message(n, line, moment)
            for n, (line, moment) in enumerate(zip(self.said, moments, strict=True), 1)
            if not line.startswith("---")
        ]


def cases(folder: Path = CORPUS) -> Sequence[Case]:
    """All of them, in the order of the files."""
    return [case for path in sorted(folder.glob("*.toml")) for case in _of(path)]


def _of(path: Path) -> Sequence[Case]:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    shop: dict[str, Any] = table["business"]
    return [
        Case(
            id=f"{path.stem}-{n:02}",
            language=path.stem,
            kind=case["kind"],
            persona=shop["persona"],
            name=shop["name"],
            zone=shop["zone"],
            task=case.get("task", shop["task"]),
            said=case["said"],
            verdicts=case["verdicts"],
            until=case.get("until", ""),
            mentions=case.get("mentions", ()),
            silent=timedelta(hours=case.get("silent", 4)),
            answer=case["answer"],
        )
        for n, case in enumerate(table["case"], 1)
    ]


def _gap(line: str) -> timedelta:
    return int(line.strip("- d")) * _DAY if line.startswith("---") else _PAUSE


def _message(n: int, line: str, at: datetime) -> Message:
    who, _, text = line.partition(": ")
    author = Author.CLIENT if who == "client" else Author.EMPLOYEE
    plugin = "followup" if who == "reminder" else None
    return Message(n, 1, n, author, text, at, plugin=plugin)
