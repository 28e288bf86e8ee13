"""A plot of lines over time as SVG, in a few lines of our own."""

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

_WIDTH, _HEIGHT = 760, 240
_LEFT, _TOP = 60, 40
_COLOURS = ("#0b6e99", "#c4541a", "#3f7d20", "#7a3b9a", "#a8871c", "#555555")

Line = Sequence[tuple[float, float]]


def plot(panels: Mapping[str, Mapping[str, Line]], unit_of_time: str) -> str:
    """One panel below the other, each with a title and named lines, all from zero."""
    drawn = [
        _panel(title, lines, number * (_HEIGHT + 2 * _TOP), unit_of_time)
        for number, (title, lines) in enumerate(panels.items())
    ]
    height = len(panels) * (_HEIGHT + 2 * _TOP)
    width = _WIDTH + 2 * _LEFT
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="13">\n'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>\n{"".join(drawn)}</svg>\n'
    )


def _panel(title: str, lines: Mapping[str, Line], top: int, unit: str) -> str:
    points = [point for line in lines.values() for point in line] or [(0.0, 0.0)]
    most_x = max(x for x, _ in points) or 1.0
    most_y = (max(y for _, y in points) or 1.0) * 1.1
    base = top + _TOP + _HEIGHT
    parts = [
        f'<text x="{_LEFT}" y="{top + 18}" font-weight="bold">{escape(title)}</text>\n',
        f'<path d="M{_LEFT} {top + _TOP}V{base}H{_LEFT + _WIDTH}" stroke="#222" fill="none"/>\n',
        f'<text x="{_LEFT - 6}" y="{top + _TOP + 12}" text-anchor="end">{most_y:.0f}</text>\n',
        f'<text x="{_LEFT - 6}" y="{base}" text-anchor="end">0</text>\n',
        (
            f'<text x="{_LEFT + _WIDTH}" y="{base + 18}" text-anchor="end">'
            f"{most_x:.0f} {escape(unit)}</text>\n"
        ),
    ]
    for number, (name, line) in enumerate(lines.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        place = " ".join(
            f"{_LEFT + x / most_x * _WIDTH:.1f},{base - y / most_y * _HEIGHT:.1f}" for x, y in line
        )
        parts.append(
            f'<polyline points="{place}" fill="none" stroke="{colour}" stroke-width="1.5"/>\n'
            f'<text x="{_LEFT + 10 + number * 120}" y="{top + _TOP + 14}" fill="{colour}">'
            f"{escape(name)}</text>\n"
        )
    return "".join(parts)
