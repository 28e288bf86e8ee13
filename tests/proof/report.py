"""The tables that a run of the proof writes."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path


@dataclass(frozen=True)
class Catch:
    """Who found a planted bug, how fast, and what was seen of it; None if nobody did."""

    bug: str
    layer: str | None
    took: timedelta
    seen: str


@dataclass
class Report:
    """Grows while the tests run; `path` is where the table of planted bugs is written."""

    path: Path
    catches: list[Catch] = field(default_factory=list)
    schedules: dict[str, tuple[int, timedelta]] = field(default_factory=dict)
    histories: tuple[int, timedelta] | None = None

    @property
    def lines(self) -> list[str]:
        """For the end of a run."""
        found = []
        if self.histories is not None:
            count, took = self.histories
            found.append(f"{count} histories in {took.total_seconds():.1f} s")
        if self.schedules:
            count = sum(count for count, _ in self.schedules.values())
            took = sum((took for _, took in self.schedules.values()), timedelta())
            where = f"{len(self.schedules)} scenarios"
            found.append(f"{count} schedules of {where} in {took.total_seconds():.1f} s")
        return [*found, *self.table()] if self.catches else found

    def table(self) -> list[str]:
        """The planted bugs, a line each."""
        rows = [
            f"| {each.bug} | {each.layer or 'NOBODY'} | {each.took.total_seconds():.1f} s "
            f"| {_cell(each.seen)} |"
            for each in self.catches
        ]
        return ["| planted bug | caught by | after | seen as |", "|---|---|---|---|", *rows]

    def write(self) -> None:
        caught = sum(each.layer is not None for each in self.catches)
        title = f"# Planted bugs: {caught} of {len(self.catches)} caught"
        self.path.parent.mkdir(exist_ok=True)
        self.path.write_text("\n".join([title, "", *self.table(), ""]), encoding="utf-8")


def _cell(text: str, longest: int = 110) -> str:
    line = " ".join(text.replace("|", "/").split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
