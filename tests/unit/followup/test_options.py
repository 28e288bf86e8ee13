"""The table of a chain in the settings: delays, steps and their ids."""

import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.api import SettingsError, validated
from plugins.followup.model import (
    LONGEST_DELAY,
    Chain,
    Limits,
    Step,
    Terms,
    delay_of,
    delay_text,
)
from plugins.followup.options import FollowupOptions, StepOptions, as_table
from tests.unit.followup.strategies import examples

LENGTHS = {
    "20s": timedelta(seconds=20),
    "1s": timedelta(seconds=1),
    "90m": timedelta(minutes=90),
    "1h30m": timedelta(hours=1, minutes=30),
    "1d2h": timedelta(days=1, hours=2),
    "4h": timedelta(hours=4),
    "48h": timedelta(days=2),
    "1d2h3m4s": timedelta(days=1, hours=2, minutes=3, seconds=4),
    " 4H ": timedelta(hours=4),
    "1h 30m": timedelta(hours=1, minutes=30),
    "0h20s": timedelta(seconds=20),
    "3650d": LONGEST_DELAY,
    "00000000000020s": timedelta(seconds=20),
}
NO_DELAYS = (
    *("", " ", "4", "h", "-1h", "+1h", "1.5h", "1,5h", "4 hours", "1w", "30m1h", "1h1h"),
    *("1h30", "PT4H", "inf", "1e3s", "4h\x00", "4h;", "½h", "²s"),
)
OUT_OF_RANGE = ("0s", "0d0h0m0s", "3651d", "3650d1s", f"{10**30}d", "9" * 5_000 + "s")


@pytest.mark.parametrize(("text", "length"), LENGTHS.items())
def test_a_delay_is_read(text: str, length: timedelta) -> None:
    assert delay_of(text) == length


@pytest.mark.parametrize("text", NO_DELAYS)
def test_what_is_no_delay_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape("write it like '20s', '90m', '1h30m' or")):
        delay_of(text)


@pytest.mark.parametrize("text", OUT_OF_RANGE, ids=lambda text: text[:12])
def test_a_delay_is_above_nothing_and_at_most_ten_years(text: str) -> None:
    with pytest.raises(ValueError, match="a delay is above 0 and at most 3650d"):
        delay_of(text)


@examples(200)
@given(st.integers(1, int(LONGEST_DELAY.total_seconds())))
def test_a_delay_that_was_written_is_read_again(seconds: int) -> None:
    delay = timedelta(seconds=seconds)

    assert delay_of(delay_text(delay)) == delay


@examples(300)
@given(st.text(alphabet="0123456789dhms .-+", max_size=12) | st.text(max_size=6))
def test_any_text_is_a_delay_or_refused(text: str) -> None:
    try:
        delay = delay_of(text)
    except ValueError:
        return

    assert timedelta() < delay <= LONGEST_DELAY


def step(**changed: object) -> dict[str, Any]:
    return {"id": "available", "delay": "4h", "instruction": "Ask.", **changed}


def options(**table: object) -> FollowupOptions:
    return validated(FollowupOptions, table, "employees.anna.followup")


def test_a_chain_is_on_and_empty_unless_it_says_otherwise() -> None:
    assert options() == FollowupOptions(enabled=True, steps=())


def test_a_step_is_read() -> None:
    read = options(enabled=False, steps=[step(once=True, instruction=" Ask. ")])

    assert read.enabled is False
    assert read.chain_steps == (Step("available", timedelta(hours=4), "Ask.", once=True),)


def test_a_step_runs_in_every_silence_unless_it_says_once() -> None:
    assert options(steps=[step()]).chain_steps[0].once is False


def test_steps_without_an_id_are_given_free_ones() -> None:
    given_ids = (None, "step-2", None, "step-1", None)

    read = options(steps=[step(id=name) for name in given_ids])

    names = [one.id for one in read.chain_steps]
    assert names == ["step-3", "step-2", "step-4", "step-1", "step-5"]


def test_two_steps_of_one_id_are_refused() -> None:
    with pytest.raises(SettingsError, match="steps: two steps have the id 'available'"):
        options(steps=[step(), step(delay="1h")])


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"id": ""}, "steps.0.id: "),
        ({"id": "x" * 65}, "steps.0.id: "),
        ({"delay": ""}, "steps.0.delay: '' is not a delay"),
        ({"delay": "-1h"}, "steps.0.delay: '-1h' is not a delay"),
        ({"delay": 4}, "steps.0.delay: write the delay as text"),
        ({"delay": 4.5}, "steps.0.delay: write the delay as text"),
        ({"delay": None}, "steps.0.delay: write the delay as text"),
        ({"delay": timedelta()}, "steps.0.delay: "),
        ({"delay": timedelta(seconds=-1)}, "steps.0.delay: "),
        ({"delay": LONGEST_DELAY + timedelta(seconds=1)}, "steps.0.delay: "),
        ({"instruction": ""}, "steps.0.instruction: say what the reminder should do"),
        ({"instruction": "x" * 4001}, "steps.0.instruction: "),
        ({"instruction": 7}, "steps.0.instruction: should be text in quotes"),
        ({"once": "perhaps"}, "steps.0.once: should be true or false"),
        ({"onec": True}, "steps.0.onec: unknown key; did you mean 'once'?"),
    ],
    ids=str,
)
def test_a_fault_in_a_step_names_its_key(changed: dict[str, object], text: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(f"employees.anna.followup.{text}")):
        options(steps=[step(**changed)])


def test_a_length_of_time_is_taken_as_a_delay() -> None:
    assert StepOptions(delay=timedelta(hours=4), instruction="Ask.").delay == timedelta(hours=4)


def test_a_chain_that_was_written_as_a_table_is_read_again() -> None:
    chain = Chain(
        (
            Step("available", timedelta(hours=4), "Ask.", once=True),
            Step("offer", timedelta(days=1, seconds=5), "Offer."),
        ),
        enabled=False,
    )

    read = FollowupOptions.model_validate(as_table(chain))

    assert read.chain == chain


def test_terms_are_read_and_written_the_same_way() -> None:
    limits = {"chat_day": 3, "tokens_day": 100_000}
    hours = {"mon": ["10:00-12:00"], "sun": []}
    table = {"hours": hours, "special_days": {"2026-12-25": []}, "client_zone": True}

    chain = options(**table, limits=limits).chain

    assert chain.terms.week == {"mon": ("10:00-12:00",), "sun": ()}
    assert chain.terms.limits == Limits(chat_day=3, tokens_day=100_000)
    assert as_table(chain) == {"enabled": True, "steps": [], **table, "limits": limits}
    assert options(**as_table(chain)).chain == chain


def test_terms_that_say_nothing_are_not_written() -> None:
    assert as_table(options().chain) == {"enabled": True, "steps": []}
    assert options().chain.terms == Terms()


def test_an_empty_table_of_hours_is_always_open_and_none_is_the_working_hours() -> None:
    assert options(hours={}).chain.terms.week == {}
    assert as_table(options(hours={}).chain)["hours"] == {}
    assert options().chain.terms.week is None


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ({"hours": {"mon": ["9-18"]}}, 'hours.mon.0: should be an interval like "09:00-18:00"'),
        ({"hours": {"monday": []}}, "hours.monday: unknown key; did you mean 'mon'?"),
        ({"hours": ["09:00-18:00"]}, "hours: should be a table"),
        ({"special_days": {"2026-12-25": []}}, "special_days: belong to hours of their own"),
        (
            {"hours": {}, "special_days": {"25.12.": []}},
            "special_days.25.12.: should be a date like 2026-12-25",
        ),
        ({"client_zone": "yes please"}, "client_zone: should be true or false"),
        ({"limits": {"chat_day": 0}}, "limits.chat_day: should be greater than or equal to 1"),
        ({"limits": {"chat_dya": 3}}, "limits.chat_dya: unknown key; did you mean 'chat_day'?"),
    ],
)
def test_a_fault_in_the_terms_names_its_key(table: dict[str, object], text: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(f"employees.anna.followup.{text}")):
        options(**table)
