"""Cuts texts where a reader would."""

import re

from channels.cuts import cuts

_WORD = re.compile(r"\s+")
# A text that is much shorter than it could be is worse than a cut inside of a word.
_LEAST = 3


def size(text: str) -> int:
    """How long networks count it: in UTF-16, where an emoji is two."""
    return len(text.encode("utf-16-le")) // 2


def parts(text: str, limit: int) -> list[str]:
    """The text in pieces of at most `limit`: by paragraphs, lines, sentences, words, or anyhow."""
    return [text[start:end] for start, end in cuts(text, limit)]


def shortened(text: str, limit: int) -> str:
    """The text, or its beginning up to a word, with … in place of the rest."""
    if size(text) <= limit:
        return text
    head = text[: _fitting(text, limit - 1)]
    cut = max((found.start() for found in _WORD.finditer(text, 0, len(head) + 1)), default=0)
    kept = head[:cut] if cut * _LEAST >= len(head) else head
    return kept.rstrip(" ,;:-") + "…"


def _fitting(text: str, limit: int) -> int:
    """How many characters fit."""
    return len(text.encode("utf-16-le")[: limit * 2].decode("utf-16-le", "ignore"))
