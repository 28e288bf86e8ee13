"""The table that a run leaves."""

from collections.abc import Sequence

from tests.torture.rounds import Result

_HEAD = (
    "database",
    "round",
    "kills",
    "crashes",
    "delivered",
    "uncertain",
    "skipped",
    "failed",
    "left over",
    "due, max s",
    "claimed, max s",
    "in flight",
    "lost",
    "twice",
    "after a reply",
    "outside hours",
    "seconds",
)


def written(results: Sequence[Result]) -> str:
    """Markdown, a row for each round."""
    rows = [_HEAD, tuple("---" for _ in _HEAD), *(_row(result) for result in results)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def totals(results: Sequence[Result]) -> str:
    kills = sum(result.kills for result in results)
    lost = sum(len(result.findings.lost) for result in results)
    twice = sum(len(result.findings.twice) for result in results)
    seconds = sum(result.seconds for result in results)
    return f"{kills} kills in {seconds / 60:.0f} minutes: {lost} lost, {twice} twice."


def _row(result: Result) -> tuple[str, ...]:
    states, found = result.books.states(), result.findings
    name = f"{result.name} ({result.note})" if result.note else result.name
    cells = (
        result.database,
        name,
        result.kills,
        result.crashes,
        result.books.reminders_out(),
        states["uncertain"],
        states["skipped"],
        states["failed"],
        result.recovery.found,
        f"{result.recovery.due:.0f}",
        f"{result.recovery.claimed:.0f}",
        found.in_flight,
        len(found.lost),
        len(found.twice),
        len(found.after_reply),
        len(found.outside_hours),
        f"{result.seconds:.0f}",
    )
    return tuple(str(cell) for cell in cells)
