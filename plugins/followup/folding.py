"""Folds names so that case, accents and scripts do not matter: "Иван" and "Ivan" meet."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from anyascii import anyascii

STEMS = 3
"""A word is kept under each of its beginnings up to this length, see `stem_of`."""
LONGEST_WORD = 40
# A name of ten kilobytes is somebody's joke: its first words find it too.
MOST_WORDS = 24
_LONGEST_NAME = 2000
_MOST_ASKED = 6
LONGEST_LINE = 200
"""A name's words in one line are kept beside each of them, so there are not too many."""
# "anna92" is found by "anna" and by "92"; many such names then share a few beginnings only.
_WORD = re.compile(r"[a-z]+|[0-9]+")


@lru_cache(4096)
def words_of(name: str, most: int = MOST_WORDS) -> tuple[str, ...]:
    """The distinct words of a name, folded, in order; letters and digits are words apart.

    What does not fit into `LONGEST_LINE` is left out.
    """
    plain = unicodedata.normalize("NFKD", name[:_LONGEST_NAME]).casefold()
    bare = "".join(sign for sign in plain if not unicodedata.category(sign).startswith("M"))
    found = _WORD.findall(anyascii(bare).casefold())
    words = list(dict.fromkeys(word[:LONGEST_WORD] for word in found))[:most]
    while len(line_of(words)) > LONGEST_LINE:
        words.pop()
    return tuple(words)


def asked(text: str) -> tuple[str, ...]:
    """The beginnings of words that somebody looks for; each must be met by a word."""
    return words_of(text, _MOST_ASKED)


def line_of(words: Sequence[str]) -> str:
    """All words in one line, each after a space."""
    return "".join(f" {word}" for word in words)


def name_of(title: str) -> str:
    """The words of a chat's title in one line: by these it is found."""
    return line_of(words_of(title))


def stems_of(word: str) -> tuple[str, ...]:
    """The beginnings under which a word is kept."""
    return tuple(word[:length] for length in range(1, min(len(word), STEMS) + 1))


def stem_of(beginning: str) -> str:
    """Where to look for words that begin like that; longer ones are told apart there."""
    return beginning[:STEMS]


def begins(words: tuple[str, ...], beginning: str) -> bool:
    """Whether one of the words begins like that."""
    return any(word.startswith(beginning) for word in words)
