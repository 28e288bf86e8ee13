"""Checks a composed text before anything is sent; pure."""

import re
from collections.abc import Iterator

LONGEST_REMINDER = 1000
_RUN = 8
"""As many words in a row from the instruction or the persona are no chance any more."""
_FEWEST = 3

_WORD = re.compile(r"\w+")


def fault_in(text: str, instruction: str, persona: str) -> str | None:
    """What is wrong with the text, or nothing; the words of the task must never be seen."""
    if not text.strip():
        return "it is empty"
    if len(text) > LONGEST_REMINDER:
        return f"it is longer than {LONGEST_REMINDER} characters"
    if _leaks(text, instruction):
        return "it repeats the instruction"
    if _leaks(text, persona):
        return "it repeats the persona"
    return None


def _leaks(text: str, secret: str) -> bool:
    words = _words(secret)
    said = f" {' '.join(_words(text))} "
    if len(words) < _FEWEST:
        return False
    return any(f" {' '.join(run)} " in said for run in _runs(words))


def _runs(words: list[str]) -> Iterator[list[str]]:
    length = min(_RUN, len(words))
    for start in range(len(words) - length + 1):
        yield words[start : start + length]


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
