"""A plot of bars as SVG: a panel for each case, ours in one colour and the others in another."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from benchmarks.report import OURS, TITLES, Cells, value

_SHOWN = {
    "rearm": ("rate", "messages a second, longer is better"),
    "waiting": ("bytes", "bytes, shorter is better"),
    "herd": ("rate", "jobs a second, longer is better"),
    "slow": ("wall", "seconds, shorter is better"),
    "trickle": ("p99", "p99 in ms, shorter is better"),
}
_WIDTH, _NAMES, _BAR, _GAP = 760, 150, 16, 6
_OURS, _OTHERS, _INK = "#0b6e99", "#b9b9b9", "#222222"


def plot(cells: Cells) -> str:
    """One panel below the other; what was not measured has no bar."""
    parts, top = [], 12
    for case, (key, unit) in _SHOWN.items():
        names = list(cells.get(case, {}))
        found = [(name, value(cells, case, name, key)) for name in names]
        rows = [(name, number) for name, number in found if number is not None]
        if rows:
            parts.append(_panel(f"{TITLES[case]} ({unit})", rows, top))
            top += 40 + len(rows) * (_BAR + _GAP) + 16
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH + 180} {top}" '
        'font-family="sans-serif" font-size="13">\n<title>This application and the timers of '
        'others</title>\n<rect width="100%" height="100%" fill="#ffffff"/>\n'
        f"{''.join(parts)}</svg>\n"
    )


def _panel(title: str, rows: Sequence[tuple[str, float]], top: int) -> str:
    most = max(number for _, number in rows) or 1.0
    room = _WIDTH - _NAMES
    parts = [
        f'<text x="12" y="{top + 18}" font-weight="bold" fill="{_INK}">{escape(title)}</text>\n'
    ]
    for number, (name, found) in enumerate(rows):
        y = top + 32 + number * (_BAR + _GAP)
        width = max(1.0, found / most * room)
        colour = _OURS if name in OURS else _OTHERS
        parts.append(
            f'<text x="{_NAMES}" y="{y + 13}" text-anchor="end" fill="{_INK}">'
            f"{escape(name)}</text>\n"
            f'<rect x="{_NAMES + 8}" y="{y}" width="{width:.1f}" height="{_BAR}" '
            f'fill="{colour}"/>\n'
            f'<text x="{_NAMES + 14 + width:.1f}" y="{y + 13}" fill="{_INK}">{found:,.4g}</text>\n'
        )
    return "".join(parts)
