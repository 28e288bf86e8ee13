"""A plot of bars as SVG: a panel for each case, ours in one colour and the others in another."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from benchmarks.report import OURS, TITLES, Cells, value

_SHOWN = {
    "rearm": ("rate", "a second, longer is better"),
    "waiting": ("bytes", "bytes, shorter is better"),
    "herd": ("rate", "jobs a second, longer is better"),
    "slow": ("wall", "seconds, shorter is better"),
    "trickle": ("p99", "p99 in ms, shorter is better"),
}
_WIDTH, _NAMES, _BAR, _GAP = 760, 150, 16, 6
_WHOLE = 100
_OURS, _OTHERS, _INK = "#0b6e99", "#b9b9b9", "#222222"


def plot(cells: Cells) -> str:
    """One panel below the other; what was not measured has no bar."""
    parts, top = [], 12
    for case, (key, unit) in _SHOWN.items():
        names = list(cells.get(case, {}))
        found = [(name, value(cells, case, name, key)) for name in names]
        rows = [
            (name, number, _part(cells, case, name)) for name, number in found if number is not None
        ]
        if rows:
            parts.append(_panel(f"{TITLES[case]} ({unit})", rows, top))
            top += 40 + len(rows) * (_BAR + _GAP) + 16
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH + 180} {top}" '
        'font-family="sans-serif" font-size="13">\n<title>This application and the timers of '
        'others</title>\n<rect width="100%" height="100%" fill="#ffffff"/>\n'
        f"{''.join(parts)}</svg>\n"
    )


def _part(cells: Cells, case: str, name: str) -> str:
    """How many ran, where that was not all of them: then the bar is not the whole truth."""
    ran, armed = value(cells, case, name, "ran"), value(cells, case, name, "armed")
    return "" if ran is None or armed is None or ran >= armed else f" ({ran:,.0f} of {armed:,.0f})"


def _written(number: float) -> str:
    return f"{number:,.0f}" if number >= _WHOLE else f"{number:.3g}"


def _panel(title: str, rows: Sequence[tuple[str, float, str]], top: int) -> str:
    most = max(number for _, number, _ in rows) or 1.0
    room = _WIDTH - _NAMES
    parts = [
        f'<text x="12" y="{top + 18}" font-weight="bold" fill="{_INK}">{escape(title)}</text>\n'
    ]
    for number, (name, found, part) in enumerate(rows):
        y = top + 32 + number * (_BAR + _GAP)
        width = max(1.0, found / most * room)
        colour = _OURS if name in OURS else _OTHERS
        parts.append(
            f'<text x="{_NAMES}" y="{y + 13}" text-anchor="end" fill="{_INK}">'
            f"{escape(name)}</text>\n"
            f'<rect x="{_NAMES + 8}" y="{y}" width="{width:.1f}" height="{_BAR}" '
            f'fill="{colour}"/>\n'
            f'<text x="{_NAMES + 14 + width:.1f}" y="{y + 13}" fill="{_INK}">'
            f"{_written(found)}{part}</text>\n"
        )
    return "".join(parts)
