"""How delays are found in what an admin types."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.followup.commands.delays import first_delay, last_delay
from plugins.followup.commands.replies import RefusedError
from plugins.followup.model import LONGEST_DELAY, delay_text
from tests.unit.followup.strategies import examples

HOUR = timedelta(hours=1)
WRITTEN = {
    "4h": 4 * HOUR,
    "4 h": 4 * HOUR,
    "4H": 4 * HOUR,
    "4 hours": 4 * HOUR,
    "1 hour": HOUR,
    "4hrs": 4 * HOUR,
    "4h30": 4.5 * HOUR,
    "4h30m": 4.5 * HOUR,
    "4h 30 min": 4.5 * HOUR,
    "4 hours and 30 minutes": 4.5 * HOUR,
    "4 hours, 30 minutes": 4.5 * HOUR,
    "90 min": 1.5 * HOUR,
    "90m": 1.5 * HOUR,
    "90 mins": 1.5 * HOUR,
    "1 day": 24 * HOUR,
    "2 days": 48 * HOUR,
    "1d2h": 26 * HOUR,
    "1 day 2 hours": 26 * HOUR,
    "20s": timedelta(seconds=20),
    "20 seconds": timedelta(seconds=20),
    "007h": 7 * HOUR,
    "3650 days": LONGEST_DELAY,
}
NONE = (
    "",
    "h",
    "4",
    "hours",
    "four hours",
    "4 horses",
    "4hx",
    "-4h",
    "1.5h",
    "1,5h",
    "4h-5h",
    "²h",
)


@pytest.mark.parametrize(("text", "delay"), WRITTEN.items())
def test_it_is_found_first_and_last(text: str, delay: timedelta) -> None:
    for first in (text, f"after {text}", f"in {text}"):
        assert first_delay(first) == (delay, "")
        assert first_delay(f"{first} Ask for 2 bikes.") == (delay, "Ask for 2 bikes.")
        assert first_delay(f"{first}: Ask.") == (delay, "Ask.")
    for last in (text, f"after {text}", f"in {text}", f"({text})", f"{text}."):
        assert last_delay(f"Ask for 2 bikes. {last}") == (delay, "Ask for 2 bikes.")


@pytest.mark.parametrize("text", NONE)
def test_what_is_none_is_left_alone(text: str) -> None:
    assert first_delay(f"{text} Ask.") == (None, f"{text} Ask.")
    assert last_delay(f"Ask {text}") == (None, f"Ask {text}")


@pytest.mark.parametrize(
    "text", ["0h", "0 days 0 min", "3651 days", "9" * 5000 + "h", "4h and 9999999d"]
)
def test_what_is_out_of_range_is_refused(text: str) -> None:
    with pytest.raises(RefusedError, match="a delay is above 0 and at most 3650 days"):
        first_delay(f"{text} Ask.")
    with pytest.raises(RefusedError, match="a delay is above 0 and at most 3650 days"):
        last_delay(f"Ask. {text}")


def test_at_the_end_of_a_sentence_it_may_have_to_be_said_plainly() -> None:
    assert last_delay("Say it takes 4h", after_only=True) == (None, "Say it takes 4h")
    assert last_delay("Say it after 4h", after_only=True) == (4 * HOUR, "Say it")


def test_in_the_middle_it_is_a_part_of_the_sentence() -> None:
    text = "Ask whether 4 hours are enough"

    assert first_delay(text) == (None, text)
    assert last_delay(text) == (None, text)


@examples(200)
@given(st.integers(1, int(LONGEST_DELAY.total_seconds())))
def test_every_delay_that_is_shown_can_be_typed(seconds: int) -> None:
    delay = timedelta(seconds=seconds)

    assert first_delay(f"{delay_text(delay)} Ask.") == (delay, "Ask.")


@examples(300)
@given(st.text(alphabet="0123456789dhmsinoyura .,:-()after", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (first_delay, last_delay):
        try:
            delay, left = read(text)
        except RefusedError:
            continue
        assert delay is None or timedelta() < delay <= LONGEST_DELAY
        assert left in text
