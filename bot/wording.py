"""Looks at what a model wrote before a client sees it: leaks, and what is for machines; pure."""

import base64
import codecs
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

RUN = 8
"""As many words in a row from what should stay unseen are no chance any more."""
_FEWEST = 3
_SIGNS_PER_WORD = 1.75
_TELLING = 24
"""So many letters in a row, the blanks left out, are no chance either."""
_CODED = re.compile(r"[A-Za-z0-9+/]{32,}")
_LETTERS = frozenset("LMN")

_TOKENS = re.compile(
    r"\[\[.*?\]\]|<\|.*?\|>|<</?\w+>>|\[/?INST\]|</?think(?:ing)?>|```|~~~|<!--|-->"
    r'|["\u201c]?\b(?:verdict|reason|until)["\u201d]\s*:'
    r'|\{\s*["\u201c]|["\u201d]\s*\}',
    re.IGNORECASE | re.DOTALL,
)
_LABELS = re.compile(
    r"^\W{0,3}(?:skip|send|stop|postpone|verdict|reason(?:ing)?|decision|assistant|draft"
    r"|final answer|reminder(?: text)?|message(?: text)?|response)\s*(?:\*\*)?\s*:",
    re.MULTILINE | re.IGNORECASE,
)
# In capitals or all small: "System: Shimano" is a line about a bike.
_ROLES = re.compile(
    r"^\W{0,3}(?:SYSTEM|system|USER|user|ANALYSIS|analysis|OUTPUT|output)\s*:"
    r"|^\W{0,3}(?:SKIP|SEND|STOP|POSTPONE)\W*$",
    re.MULTILINE,
)
_HEADING = re.compile(r"^#{1,6}\s+\S", re.MULTILINE)
_ALONE = re.compile(
    r"\W*(?:null|none|undefined|nan|n/a|no[_ ]?reply|no[_ ]?message|no[_ ]?response|skip|send|stop"
    r"|postpone|concluded|not_interested|opted_out|human_active)\W*",
    re.IGNORECASE,
)
_TALK = re.compile(
    r"\b(?:as|i am|i'm) an? (?:ai |large )?language model\b|\bas an ai assistant,? i (?:can|do)"
    r"|\bmy (?:system )?(?:prompt|instructions?) (?:is|are|says?|tells?|was|were)\b"
    r"|\bsystem prompt\b|\bi (?:was|am|have been|'ve been) (?:instructed|prompted|programmed) to\b"
    r"|^(?:sure|certainly|okay|of course)[,!.] here(?:'s| is)\b"
    r"|^here(?:'s| is) (?:a|the|my|your) (?:\w+ )?(?:reminder|message|draft|text|reply|follow-?up)"
    r"|\bthe client (?:has been silent|(?:has not|hasn't|did not|didn't) (?:repl|respond|answer))"
    r"|\bals (?:ki-)?sprachmodell\b|\ben tant que modèle (?:de langage|linguistique)\b"
    r"|\bcomo modelo de (?:lenguaje|linguagem)\b|\bin quanto modello linguistico\b"
    r"|\bкак (?:языковая модель|ии-модель)\b|\bbir (?:yapay zeka )?dil modeli olarak\b"
    r"|كنموذج لغ|作为一个?(?:人工智能)?语言模型|言語モデルとして|भाषा मॉडल के (?:रूप|तौर)",
    re.IGNORECASE,
)


def words(text: str) -> list[str]:
    """The words in lower case; of scripts without blanks every sign is one."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(map(_spaced, plain)).split()


def leaks(text: str, secret: str, run: int = RUN, *, facts_are_free: bool = False) -> bool:
    """Whether the text repeats so much of what should stay unseen that it is no chance.

    With `facts_are_free` a run of words that holds a number counts as something to be told.
    """
    marks, said = _marks(secret, run, facts_are_free), _said(text)
    if not marks.whole:
        return False
    if " ".join(said) == marks.whole or not marks.runs.isdisjoint(_runs(said, marks.length)):
        return True
    return any(_tells(look, marks) for look in _looks(text))


@dataclass(frozen=True, slots=True)
class _Marks:
    """What gives a secret away: all of it, runs of its words, and those without the blanks.

    The last are for a text that spells it letter by letter, backwards, or in a simple code;
    `heads` are their first letters, by which a text is searched once and not for each.
    """

    whole: str
    length: int = 1
    runs: frozenset[str] = frozenset()
    squeezed: tuple[str, ...] = ()
    heads: frozenset[str] = frozenset()


# The same prompts and personas are looked for in every text.
@lru_cache(maxsize=64)
def _marks(secret: str, run: int, facts_are_free: bool) -> _Marks:  # noqa: FBT001  a cache's key
    hidden = words(secret)
    whole = " ".join(hidden)
    scale = _SIGNS_PER_WORD if hidden and _is_unspaced(hidden) else 1
    if len(hidden) < _FEWEST * scale:
        return _Marks(whole)
    length = min(int(run * scale), len(hidden))
    runs = [
        run
        for run in _runs(hidden, length)
        if not (facts_are_free and any(word.isnumeric() for word in run.split()))
    ]
    squeezed = [piece for run in runs if len(piece := run.replace(" ", "")) >= _TELLING]
    heads = frozenset(piece[:_TELLING] for piece in squeezed)
    return _Marks(whole, length, frozenset(runs), tuple(squeezed), heads)


# Each text is looked at for several secrets.
@lru_cache(maxsize=16)
def _said(text: str) -> list[str]:
    return words(text)


@lru_cache(maxsize=16)
def _looks(text: str) -> Sequence[str]:
    return [_squeezed(look) for look in _undisguised(text)]


def _tells(look: str, marks: _Marks) -> bool:
    """Whether one of the squeezed runs stands in it."""
    starts = range(len(look) - _TELLING + 1) if marks.heads else ()
    if all(look[start : start + _TELLING] not in marks.heads for start in starts):
        return False
    return any(piece in look for piece in marks.squeezed)


def _undisguised(text: str) -> Iterator[str]:
    yield text
    yield text[::-1]
    yield codecs.encode(text, "rot13")
    for word in _CODED.findall(text):
        with suppress(ValueError):
            yield base64.b64decode(word + "=" * (-len(word) % 4)).decode(errors="replace")
        with suppress(ValueError):
            yield bytes.fromhex(word).decode(errors="replace")


def _squeezed(text: str) -> str:
    return "".join(words(text))


def machinery_in(text: str) -> str | None:
    """A piece of what models and programs say to each other, if there is one."""
    if _ALONE.fullmatch(text):
        return text.strip()
    for pattern in (_TOKENS, _LABELS, _ROLES, _HEADING, _TALK):
        if found := pattern.search(text):
            return found[0].strip()
    return None


def is_unspaced(sign: str) -> bool:
    """Whether it belongs to a script that writes no blanks between words."""
    return (
        "\u3040" <= sign <= "\u30ff"
        or "\u3400" <= sign <= "\u9fff"
        or "\u0e00" <= sign <= "\u0eff"
        or "\U00020000" <= sign <= "\U0003ffff"
    )


# A prompt has thousands of signs and a few dozens of different ones.
@lru_cache(maxsize=4096)
def _spaced(sign: str) -> str:
    if is_unspaced(sign):
        return f" {sign} "
    return sign if unicodedata.category(sign)[0] in _LETTERS else " "


def _is_unspaced(hidden: Sequence[str]) -> bool:
    return sum(is_unspaced(word[0]) for word in hidden) * 2 > len(hidden)


def _runs(hidden: list[str], length: int) -> Iterator[str]:
    for start in range(len(hidden) - length + 1):
        yield " ".join(hidden[start : start + length])
