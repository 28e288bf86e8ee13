"""Cuts texts where a reader would."""

import re

_PARAGRAPH, _LINE, _WORD = re.compile(r"\n[ \t]*\n\s*"), re.compile(r"\n"), re.compile(r"\s+")
_SENTENCE = re.compile(r"(?<=[.!?…。！？])\s+")  # noqa: RUF001  they end sentences too
# A part that is much shorter than it could be is worse than a cut inside of a paragraph.
_LEAST = 3


def size(text: str) -> int:
    """How long networks count it: in UTF-16, where an emoji is two."""
    return len(text.encode("utf-16-le")) // 2


def parts(text: str, limit: int) -> list[str]:
    """The text in pieces of at most `limit`: by paragraphs, lines, sentences, words, or anyhow."""
    pieces: list[str] = []
    rest = text.strip()
    while size(rest) > limit:
        cut, after = _cut(rest, limit)
        pieces.append(rest[:cut].rstrip())
        rest = rest[after:].lstrip()
    return [*pieces, rest] if rest.strip() else pieces


def shortened(text: str, limit: int) -> str:
    """The text, or its beginning up to a word, with … in place of the rest."""
    if size(text) <= limit:
        return text
    head = text[: _fitting(text, limit - 1)]
    cut = max((found.start() for found in _WORD.finditer(text, 0, len(head) + 1)), default=0)
    kept = head[:cut] if cut * _LEAST >= len(head) else head
    return kept.rstrip(" ,;:-") + "…"


def _cut(text: str, limit: int) -> tuple[int, int]:
    """Where the first part ends, and where the next one begins."""
    fits = _fitting(text, limit)
    for separator in (_PARAGRAPH, _LINE, _SENTENCE, _WORD):
        found = [m for m in separator.finditer(text, 0, fits + 1) if m.start() <= fits]
        if found and found[-1].start() * _LEAST >= fits:
            return found[-1].start(), found[-1].end()
    return fits, fits


def _fitting(text: str, limit: int) -> int:
    """How many characters fit."""
    return len(text.encode("utf-16-le")[: limit * 2].decode("utf-16-le", "ignore"))
