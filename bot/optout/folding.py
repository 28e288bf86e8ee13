"""Writes texts alike, whoever types them: no capitals, accents, signs or stretched letters."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

# Accents of Latin, Greek and Cyrillic, vowel signs of Hebrew and Arabic; those of other scripts are
# letters that nobody leaves out.
_MARKS = re.compile("[\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u064b-\u0655\u0640\u0670]")
_SAME = str.maketrans(
    {
        "ı": "i",
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "æ": "ae",
        "œ": "oe",
        "ک": "ك",
        "ی": "ي",
        "ى": "ي",
        "ة": "ه",
        "ヶ": "ケ",
    }
)
_QUOTED_INSIDE = re.compile("['’‘`´ʼ׳]")
# Nothing of all that is needed where there are plain letters only.
_PLAIN = {code: " " for code in range(128) if not chr(code).isalnum()} | {39: None, 96: None}
_SPELLED = 4
"""So many single letters are one word: S.T.O.P."""
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
# Scripts that are written without spaces, or with as many as one likes.
_SPACELESS = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")

# So many different letters and signs are remembered; most are asked about again at once.
_SIGNS = 4096

LATIN = "latin"
_SCRIPTS = (
    (0x0250, LATIN),
    (0x0400, "greek"),
    (0x0530, "cyrillic"),
    (0x0600, "hebrew"),
    (0x0700, "arabic"),
    (0x0980, "devanagari"),
    (0x0A00, "bengali"),
    (0x0F00, "thai"),
    (0x1100, "other"),
    (0x1200, "korean"),
    (0x1F00, LATIN),
    (0x2000, "greek"),
    (0xA000, "east"),
    (0xD7B0, "korean"),
)


@lru_cache(_SIGNS)
def script_of(letter: str) -> str:
    """A rough name for how it is written; Chinese and Japanese are one."""
    return next((name for end, name in _SCRIPTS if ord(letter) < end), "other")


def folded(text: str, *, accents: bool = False) -> str:
    """Words with a space before each; without any where a script has none."""
    if text.isascii():
        return _spaced(text.lower().translate(_PLAIN).split())
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = _QUOTED_INSIDE.sub("", plain)
    if not accents:
        plain = _MARKS.sub("", unicodedata.normalize("NFKD", plain)).translate(_SAME)
        plain = unicodedata.normalize("NFC", plain)
    words = "".join(sign if _is_letter(sign) else _gap(sign) for sign in plain).split()
    return "".join(words) if _SPACELESS.search(plain) else _spaced(words)


def _spaced(words: Sequence[str]) -> str:
    if len(words) >= _SPELLED and all(len(word) == 1 for word in words):
        words = ["".join(words)]
    return "".join(f" {word}" for word in words)


def unstretched(text: str) -> tuple[str, ...]:
    """The same with "stoooop" as "stop", and as "stoop": some words have two of a letter."""
    if _STRETCHED.search(text) is None:
        return (text,)
    return (_STRETCHED.sub(r"\1", text), _STRETCHED.sub(r"\1\1", text))


@lru_cache(_SIGNS)
def _is_letter(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LMN"


@lru_cache(_SIGNS)
def _gap(sign: str) -> str:
    """What nobody sees is not even a gap."""
    return "" if unicodedata.category(sign) == "Cf" else " "
