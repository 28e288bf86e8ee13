"""Where a long text is cut: at paragraphs, else lines, sentences, words."""

import re
from collections.abc import Iterator

# Telegram's, which is the usual one.
LIMIT = 4096
_BEYOND_16_BITS = 0xFFFF
# The best place first; one in the first quarter would make the part too short.
_PLACES = (
    re.compile(r"\n[ \t]*\n"),
    re.compile(r"\n"),
    re.compile(r"(?<=[.!?…。！？])[\"')\]»”]*\s"),  # noqa: RUF001  they end sentences too
    re.compile(r"\s"),
)


def cuts(text: str, limit: int = LIMIT) -> Iterator[tuple[int, int]]:
    """Start and end of each part, white space around it left out; none if there is no more."""
    at = 0
    while True:
        at += len(text[at:]) - len(text[at:].lstrip())
        if at == len(text):
            return
        end = _end(text, at, limit)
        yield at, at + len(text[at:end].rstrip())
        at = end


def _end(text: str, start: int, limit: int) -> int:
    """Where the part that starts there ends at the latest good place."""
    furthest = _furthest(text, start, limit)
    if furthest == len(text):
        return furthest
    for place in _PLACES:
        # White space right behind the last character that fits is good too: it is left out.
        found = [match.end() for match in place.finditer(text, start, furthest + 1)]
        if found and found[-1] - start > limit // 4:
            return found[-1]
    return furthest


def _furthest(text: str, start: int, limit: int) -> int:
    """The first character that does not fit any more; networks count UTF-16 units."""
    units = 0
    for at in range(start, len(text)):
        units += 2 if ord(text[at]) > _BEYOND_16_BITS else 1
        if units > limit:
            return at
    return len(text)
