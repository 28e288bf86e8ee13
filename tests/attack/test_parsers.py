"""Whatever comes from outside is read or refused, and soon: nothing breaks, nothing hangs."""

import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.attack.parsers import KIB, MANY, Parser, parsers

NAMES = list(parsers(Path()))
SOON = 1.0
"""Seconds of this processor for the longest text that can come; usual ones take no millisecond."""
FORM = 64 * KIB
"""Longer ones are repeated from the beginning alone, but for the audit, that has the time."""
PIECES = (
    *(b"[", b"{", b'"', b"\\", b"\\u0000", b"\\ud800", b"\0", b"%00", b"%", b"&", b"=", b"=&"),
    *(b"\xff", b"\xed\xa0\x80", b"\xe2\x80\xae", b"\xf0\x9f\x9a\xb2", b"\xef\xbb\xbf", b"\r\n"),
    *(
        b"0",
        b"1",
        b"9",
        b"1e999",
        b"-",
        b"1.",
        b"NaN",
        b"null",
        b"true",
        b"1d",
        b"1 h ",
        b"\xd9\xa1",
    ),
    *(b" ", b"\n", b"\t", b"a", b"a ", b".", b",", b":", b"/", b"<|", b"(", b"*", b"_", b"`", b"<"),
    *(b"http://", b"[[x]]\n", b'[{"id":', b"a.b.", b"stop ", b"ignore ", b"system:", b"&amp;"),
)
SLOW_HERE = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Parser]:
    return dict(parsers(tmp_path_factory.mktemp("fuzz")))


@st.composite
def mutated(draw: st.DrawFn, seeds: tuple[bytes, ...]) -> bytes:
    """What it is made for, with pieces put in, taken out and repeated."""
    found = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(found)))
        end = min(len(found), start + draw(st.integers(0, 12)))
        piece = draw(st.sampled_from(PIECES) | st.binary(max_size=6) | st.just(found[start:end]))
        found = found[:start] + piece * draw(st.sampled_from([1, 1, 1, 2, 40])) + found[end:]
    return found


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@settings(max_examples=MANY, deadline=None, suppress_health_check=SLOW_HERE, database=None)
def test_whatever_comes_is_read_or_refused(
    known: dict[str, Parser], name: str, data: st.DataObject
) -> None:
    parser = known[name]
    raw = data.draw(mutated(tuple(parser.seeds)) | st.binary(max_size=40))

    with suppress(*parser.errors):
        parser.read(raw)


@pytest.mark.parametrize("name", NAMES)
def test_the_longest_text_that_can_come_is_read_soon(known: dict[str, Parser], name: str) -> None:
    parser = known[name]
    slow = {}

    for piece in PIECES:
        for start in (b"", *parser.seeds[: 2 if parser.longest <= FORM else MANY // 1000]):
            raw = start + piece * (parser.longest // len(piece)) + b"x"
            began = time.process_time()
            with suppress(*parser.errors):
                parser.read(raw)
            took = time.process_time() - began
            if took > SOON:
                slow[start[:4] + piece] = round(took, 1)

    assert slow == {}


@pytest.mark.parametrize("digits", [20, 400, 4000, 5000])
@pytest.mark.parametrize(
    "told",
    [
        '"location": {"latitude": N, "longitude": 1}',
        '"venue": {"title": "x", "location": {"latitude": 1.5, "longitude": -N}}',
        '"voice": {"duration": N}',
        '"dice": {"value": N}',
        '"date": N',
        '"message_id": N',
        '"message_thread_id": N',
    ],
)
def test_a_number_beyond_all_numbers_is_only_a_number(
    known: dict[str, Parser], told: str, digits: int
) -> None:
    parser = known["Telegram's update"]
    head, _, tail = parser.seeds[0].partition(b'"message_id": 2')
    more = told.replace("N", "9" * digits).encode()

    with suppress(*parser.errors):
        parser.read(head + b'"message_id": 2, ' + more + tail.replace(b', "text"', b', "x"'))
