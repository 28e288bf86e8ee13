"""The one answer to a wish for no more messages, in the client's language."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from bot.optout.folding import folded
from bot.optout.hearing import shares, tongue_of
from bot.optout.tongues import tongues

_FALLBACK = "en"
_ENOUGH = 2
"""Frequent words that have to be found before a language counts as guessed."""
_SCRIPTS = {
    "GREEK": "el",
    "HEBREW": "he",
    "THAI": "th",
    "HANGUL": "ko",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "DEVANAGARI": "hi",
    "BENGALI": "bn",
    "CJK": "zh",
}


def farewell(wish: str, earlier: Sequence[str] = ()) -> str:
    """The confirmation; what was said earlier tells the language where many share the word."""
    return tongues()[_language(wish, earlier)].farewell


def is_farewell(text: str) -> bool:
    """Whether that is one of the confirmations."""
    return any(text == each.farewell for each in tongues().values())


def _language(wish: str, earlier: Sequence[str]) -> str:
    own = tongue_of(wish)
    said = shares(wish)
    if own is not None and len(said) <= 1:
        return own
    guess = guessed(" ".join(earlier))
    return guess or (own if own is not None and _FALLBACK not in said else _FALLBACK)


def guessed(text: str) -> str | None:
    """The language that a text is in, as far as script and frequent words tell."""
    scripts = Counter(unicodedata.name(sign, "?").split()[0] for sign in text if sign.isalpha())
    if not scripts:
        return None
    if scripts["HIRAGANA"] + scripts["KATAKANA"] > 0:
        return "ja"
    script = scripts.most_common(1)[0][0]
    if script in _SCRIPTS:
        return _SCRIPTS[script]
    if script == "ARABIC":
        return "fa" if re.search("[پچژگکی]", text) else "ar"
    return _by_words(text, cyrillic=script == "CYRILLIC")


def _by_words(text: str, *, cyrillic: bool) -> str | None:
    words = folded(text).split()
    scores = {
        code: sum(f" {word}" in tongue.common for word in words)
        for code, tongue in tongues().items()
        if tongue.common
    }
    if cyrillic and re.search("[іїєґ]", text.lower()):
        return "uk"
    best = max(scores, key=lambda code: scores[code])
    if scores[best] >= _ENOUGH:
        return best
    return "ru" if cyrillic else None
