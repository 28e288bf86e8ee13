"""Details that nothing else would notice if they were wrong."""

from datetime import UTC, datetime, timedelta

import pytest

from plugins.followup.chain import (
    answered,
    channel_failed,
    client_wrote,
    refused,
    sent,
    stopped,
)
from plugins.followup.hours import Hours, is_open
from plugins.followup.model import Reason, Silence, delay_text
from plugins.followup.quiet import opted

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("delay", "text"),
    [
        (timedelta(days=1, hours=2), "1d2h"),
        (timedelta(minutes=90), "1h30m"),
        (timedelta(seconds=20), "20s"),
        (timedelta(minutes=1), "1m"),
        (timedelta(days=2, seconds=1), "2d1s"),
    ],
)
def test_a_delay_is_written_as_people_write_it(delay: timedelta, text: str) -> None:
    assert delay_text(delay) == text


def test_a_sent_reminder_starts_the_next_step_with_no_failures_counted() -> None:
    silence = answered(client_wrote(None, NINE), NINE)
    failed = channel_failed(silence, NINE, None)

    after = sent(failed, "s1", NINE + timedelta(hours=4))

    assert failed.channel_failures == 1
    assert (after.channel_failures, after.composer_failures, after.postponed_until) == (0, 0, None)


def test_hours_without_a_schedule_keep_their_zone() -> None:
    assert Hours.of("Asia/Tokyo", {}, {}).zone.key == "Asia/Tokyo"


def test_hours_go_by_the_second() -> None:
    hours = Hours.of("UTC", {"mon": ["09:00-09:01"]}, {})

    assert not is_open(NINE - timedelta(seconds=1), hours)
    assert is_open(NINE + timedelta(seconds=59), hours)
    assert is_open(NINE + timedelta(seconds=1), hours)
    assert not is_open(NINE + timedelta(seconds=60), hours)


@pytest.fixture
def reminded() -> Silence:
    """The first silence, with two steps sent."""
    silence = answered(client_wrote(None, NINE), NINE)
    first = sent(silence, "s1", NINE + timedelta(hours=4))
    return sent(first, "s2", NINE + timedelta(hours=8))


def test_a_refused_reminder_stops_its_silence_and_is_not_used_up(reminded: Silence) -> None:
    after = refused(reminded, 1, "s2", Reason.UNREACHABLE)

    assert (after.stopped, after.opted_out) == (Reason.UNREACHABLE, False)
    assert after.used == {"s1"}
    assert after.passed == ("s1", "s2")


def test_a_refusal_of_an_earlier_silence_stops_nothing(reminded: Silence) -> None:
    later = client_wrote(reminded, NINE + timedelta(hours=9))

    after = refused(later, 1, "s2", Reason.OPTED_OUT)

    assert (after.stopped, after.opted_out) == (None, False)
    assert after.used == {"s1"}


def test_a_refusal_because_the_client_opted_out_lasts(reminded: Silence) -> None:
    after = client_wrote(refused(reminded, 1, "s2", Reason.OPTED_OUT), NINE + timedelta(hours=9))

    assert after.opted_out


def test_who_opts_out_is_stopped_and_who_opts_in_again_goes_on(reminded: Silence) -> None:
    out = opted(reminded, out=True)

    assert (out.stopped, out.opted_out) == (Reason.OPTED_OUT, True)
    assert opted(out, out=False) == reminded


def test_opting_in_leaves_another_reason_to_stop(reminded: Silence) -> None:
    concluded = stopped(reminded, Reason.CONCLUDED)

    assert opted(concluded, out=False) == concluded
