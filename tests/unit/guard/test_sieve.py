import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.followup.guard import promises, shape, sources
from plugins.followup.guard.sieve import Sieve

PATTERNS = [
    *promises._SAID.values(),
    sources._ORDERS,
    shape._ALWAYS,
    shape._ROUND,
    shape._GREETED,
    shape._SIGNED,
]
PIECES = sorted({piece for each in PATTERNS for piece in re.findall(r"\w+|\W", each.pattern)})
SIEVES = [(each, Sieve(each)) for each in PATTERNS]
KINDS = list(promises._SAID.values())
ANY_KIND = Sieve(*KINDS)
TEXTS = st.lists(st.sampled_from([*PIECES, " ", " ", "\n"]), max_size=12).map("".join)


@given(TEXTS | TEXTS.map(str.upper) | st.text())
def test_a_sieve_finds_what_the_patterns_find(text: str) -> None:
    for pattern, has_any in SIEVES:
        assert has_any(text) == (pattern.search(text) is not None)


@given(TEXTS)
def test_a_sieve_of_many_finds_what_any_of_them_finds(text: str) -> None:
    assert ANY_KIND(text) == any(kind.search(text) for kind in KINDS)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"\bsay[ıi]n\b", "SAYIN"),
        (r"ſ", "S"),
        (r"\bé?a", "xx a"),
        (r"(?:é|ü)?b", "b"),
        (r"\ba\|b|c", "A|B"),
        (r"[(|]x|y", "(x"),
        ("ılık", "ilik"),
    ],
)
def test_letters_of_others_that_stand_for_plain_ones_are_tried(pattern: str, text: str) -> None:
    found = re.compile(pattern, re.IGNORECASE)

    assert found.search(text)
    assert Sieve(found)(text)


def test_what_begins_with_letters_of_others_is_not_tried_on_plain_texts() -> None:
    assert not Sieve(re.compile(r"\bза наш|(?:免费|赠品)|gift"))("free")
    assert Sieve(re.compile(r"\bза наш|(?:免费|赠品)|gift"))("免费")
