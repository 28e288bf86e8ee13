"""Details that nothing else would notice if they were wrong."""

from datetime import UTC, datetime, timedelta

import pytest

from plugins.followup.chain import answered, channel_failed, client_wrote, sent
from plugins.followup.hours import Hours, is_open
from plugins.followup.model import delay_text

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
