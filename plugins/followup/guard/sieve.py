"""Tells of most texts in a moment that a search through them finds nothing.

The guard looks for hundreds of wordings in a dozen languages, and a text has none of them as a
rule. Searched as written, each sign of it is compared with the beginning of every wording. Here the
same wordings are put in another order: those that begin with a word are tried where a word begins,
and those whose letters no English text has are not tried there at all.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

_PIECE = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|.", re.DOTALL)
_WORD = r"\b"
_OPTIONAL = ("?", "*", "{")


class Sieve:
    """Whether any of the patterns, which have the same flags, is found in a text."""

    def __init__(self, *patterns: re.Pattern[str]) -> None:
        self._patterns = patterns
        self._flags = patterns[0].flags

    def __call__(self, text: str) -> bool:
        """As all of them together say it."""
        return (self._plain if text.isascii() else self._whole).search(text) is not None

    # Both when they are needed: a worker that starts has no time for them.
    @cached_property
    def _plain(self) -> re.Pattern[str]:
        flags = self._flags
        return _in_order(
            [each for each in self._every() if not _is_never_plain(each, flags)], flags
        )

    @cached_property
    def _whole(self) -> re.Pattern[str]:
        return _in_order(list(self._every()), self._flags)

    def _every(self) -> Iterator[str]:
        return (each for pattern in self._patterns for each in _alternatives(pattern.pattern))


def _in_order(alternatives: Sequence[str], flags: int) -> re.Pattern[str]:
    heads = [each.removeprefix(_WORD) for each in alternatives if each.startswith(_WORD)]
    others = [each for each in alternatives if not each.startswith(_WORD)]
    return re.compile(
        "|".join([rf"\b(?=\w)(?:{'|'.join(heads)})", *others] if heads else others), flags
    )


def _alternatives(pattern: str) -> Iterator[str]:
    """What stands between the bars that are in no brackets."""
    depth, found = 0, ""
    for piece in _PIECE.findall(pattern):
        depth += (piece == "(") - (piece == ")")
        if piece == "|" and not depth:
            yield found
            found = ""
        else:
            found += piece
    yield found


def _is_never_plain(alternative: str, flags: int) -> bool:
    """Whether it begins with a letter that stands for none of ASCII's, capital or small."""
    rest = alternative.removeprefix(_WORD)
    if rest.startswith("(?:"):
        inside, after = _group(rest)
        if after.startswith(_OPTIONAL):
            return False
        return all(_is_never_plain(each, flags) for each in _alternatives(inside))
    letter, after = rest[:1], rest[1:]
    if not letter.isalpha() or letter.isascii() or after.startswith(_OPTIONAL):
        return False
    return not any(re.fullmatch(letter, chr(code), flags) for code in range(128))


def _group(text: str) -> tuple[str, str]:
    """What is in the brackets that it begins with, and what follows."""
    depth, length = 0, 0
    for piece in _PIECE.findall(text):
        depth += (piece == "(") - (piece == ")")
        length += len(piece)
        if not depth:
            break
    return text[len("(?:") : length - 1], text[length:]
