"""The tables of `phrases.toml`, read once: what each language says, as patterns."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.optout.folding import LATIN, folded, script_of

_TABLES = Path(__file__).with_name("phrases.toml")
_TOKEN = re.compile(r"[\[\]()|]|[^\[\]()|]+")


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language, everything folded; `polite` is by the first and by the last word."""

    code: str
    scripts: frozenset[str]
    words: frozenset[str]
    exact: frozenset[str]
    phrases: re.Pattern[str]
    asked: re.Pattern[str]
    back: frozenset[str]
    polite: re.Pattern[str]
    parting: re.Pattern[str]
    guards: re.Pattern[str]
    common: frozenset[str]
    farewell: str


@cache
def tongues() -> Mapping[str, Tongue]:
    """Every language by its code."""
    tables = tomllib.loads(_TABLES.read_text(encoding="utf-8"))
    return {code: _tongue(code, table) for code, table in tables.items()}


def _tongue(code: str, table: Mapping[str, Any]) -> Tongue:
    strict = table.get("strict", False)
    letters = "".join(map(folded, table["phrases"]))
    script = Counter(map(script_of, letters.replace(" ", ""))).most_common(1)[0][0]
    polite, gap = _any_of(table["polite"]), "(?= |$)" if letters.startswith(" ") else ""
    return Tongue(
        code,
        frozenset({script, LATIN} if table.get("latin") else {script}),
        frozenset() if strict else frozenset(map(folded, table["words"])),
        frozenset(folded(each, accents=True) for each in table["words"]) if strict else frozenset(),
        _pattern(table["phrases"]),
        _pattern(table["asked"]),
        frozenset(map(folded, table["back"])),
        re.compile(f"(?:{polite}){gap}"),
        re.compile(f"(?:{polite})$"),
        re.compile(f"(?:{_any_of(table['guards'])}){gap}"),
        frozenset(word for each in table.get("common", "").split() for word in [folded(each)]),
        table["farewell"],
    )


def _any_of(words: Sequence[str]) -> str:
    """The longest first: "thank you" before "thank"."""
    return "|".join(map(re.escape, sorted(set(map(folded, words)), key=len, reverse=True)))


def _pattern(templates: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{''.join(_parts(each))})" for each in templates))


def _parts(template: str) -> Iterator[str]:
    """A template as a pattern over folded text: [a|b] is a choice, (a|b) may be left out."""
    for token in _TOKEN.findall(template):
        match token:
            case "[" | "(":
                yield "(?:"
            case "]":
                yield ")"
            case ")":
                yield ")?"
            case "|":
                yield "|"
            case words:
                yield re.escape(folded(words))
