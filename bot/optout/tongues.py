"""The tables of `phrases.toml`, read once: what each language says, as patterns."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from bot.optout.folding import LATIN, folded, script_of

_TABLES = Path(__file__).with_name("phrases.toml")
_TOKEN = re.compile(r"[\[\]()|]|[^\[\]()|]+")


@dataclass(frozen=True)
class Tongue:
    """One language, everything folded; its patterns are made when a text is first held to them."""

    code: str
    scripts: frozenset[str]
    words: frozenset[str]
    exact: frozenset[str]
    back: frozenset[str]
    common: frozenset[str]
    farewell: str
    vocabulary: frozenset[str]
    """Every word that a wish may hold, with all that is polite around it."""
    table: Mapping[str, Any]

    @cached_property
    def phrases(self) -> re.Pattern[str]:
        """Clear sentences."""
        return _pattern(self.table["phrases"])

    @cached_property
    def asked(self) -> re.Pattern[str]:
        """Clear questions."""
        return _pattern(self.table["asked"])

    @cached_property
    def polite(self) -> re.Pattern[str]:
        """What may stand before, up to the end of a word."""
        return re.compile(f"(?:{_any_of(self.table['polite'])}){self._gap}")

    @cached_property
    def parting(self) -> re.Pattern[str]:
        """What may stand behind."""
        return re.compile(f"(?:{_any_of(self.table['polite'])})$")

    @cached_property
    def guards(self) -> re.Pattern[str]:
        """What makes a part of a sentence a condition, or somebody else's words."""
        return re.compile(f"(?:{_any_of(self.table['guards'])}){self._gap}")

    @property
    def _gap(self) -> str:
        return "(?= |$)" if folded(self.table["phrases"][0]).startswith(" ") else ""


@cache
def tongues() -> Mapping[str, Tongue]:
    """Every language by its code."""
    tables = tomllib.loads(_TABLES.read_text(encoding="utf-8"))
    return {code: _tongue(code, table) for code, table in tables.items()}


@cache
def speakers() -> Mapping[str, frozenset[str]]:
    """By each word of any vocabulary, the codes of the languages that have it."""
    found: dict[str, set[str]] = {}
    for code, tongue in tongues().items():
        for word in tongue.vocabulary:
            found.setdefault(word, set()).add(code)
    return {word: frozenset(codes) for word, codes in found.items()}


@cache
def ways_back() -> frozenset[str]:
    """In any language, what takes the wish back."""
    return frozenset(words for each in tongues().values() for words in each.back)


def _tongue(code: str, table: Mapping[str, Any]) -> Tongue:
    strict = table.get("strict", False)
    letters = "".join(map(folded, table["phrases"]))
    script = Counter(map(script_of, letters.replace(" ", ""))).most_common(1)[0][0]
    said = [*table["phrases"], *table["asked"], *table["words"], *table["polite"]]
    return Tongue(
        code,
        scripts=frozenset({script, LATIN} if table.get("latin") else {script}),
        words=frozenset() if strict else frozenset(map(folded, table["words"])),
        exact=frozenset(folded(each, accents=True) for each in table["words"] if strict),
        back=frozenset(map(folded, table["back"])),
        common=frozenset(
            word for each in table.get("common", "").split() for word in [folded(each)]
        ),
        farewell=table["farewell"],
        vocabulary=frozenset(word for each in said for word in _words(each)),
        table=table,
    )


def _words(template: str) -> Iterator[str]:
    """Each word of a template, whichever of its choices holds it."""
    for token in _TOKEN.findall(template):
        yield from folded(token).split()


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
