"""Rule 7 on the client's own wall clock, where that is wanted and known; and why a chat waits."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from plugins.followup.chain import (
    Go,
    Later,
    answered,
    at_moment,
    client_wrote,
    due,
    hurried,
    postponed,
    saved,
    sent,
)
from plugins.followup.hours import Hours
from plugins.followup.model import Chain, Due, Reason, Silence, Step, Terms

BERLIN = Hours.of("Europe/Berlin", {"mon": ["09:00-18:00"], "tue": ["09:00-18:00"]}, {})
STEP = Step("s1", timedelta(hours=1), "Ask.")
CHAIN = Chain((STEP,), terms=Terms(client_zone=True))
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
TOKYO, NEW_YORK = "Asia/Tokyo", "America/New_York"


def silent(hour: int, zone: str | None = None) -> Silence:
    at = MONDAY + timedelta(hours=hour)
    return replace(answered(client_wrote(None, at), at), zone=zone)


def due_hour(silence: Silence, chain: Chain = CHAIN) -> float:
    found = due(silence, chain, BERLIN)
    assert isinstance(found, Due)
    return (found.at - MONDAY) / timedelta(hours=1)


@pytest.mark.parametrize(("zone", "hour"), [(None, 8), (TOKYO, 4), (NEW_YORK, 14)])
def test_hours_are_read_on_the_clients_wall_clock_if_it_is_known(
    zone: str | None, hour: int
) -> None:
    assert due_hour(silent(3, zone)) == hour


def test_without_the_wish_the_employees_clock_counts() -> None:
    assert due_hour(silent(3, TOKYO), replace(CHAIN, terms=Terms())) == 8


def test_a_timer_looks_at_the_same_clock() -> None:
    five = MONDAY + timedelta(hours=5)
    ten = MONDAY + timedelta(hours=10)

    assert at_moment(silent(3, TOKYO), CHAIN, BERLIN, five) == Go(STEP)
    assert at_moment(silent(3), CHAIN, BERLIN, five) == Later(MONDAY + timedelta(hours=8))
    assert at_moment(silent(3, TOKYO), CHAIN, BERLIN, ten) == Later(
        MONDAY + timedelta(hours=24), closed=True
    )


def test_the_zone_stays_until_the_client_tells_another() -> None:
    assert client_wrote(silent(3, TOKYO), MONDAY).zone == TOKYO


def test_terms_survive_a_save_of_the_steps() -> None:
    assert saved(CHAIN, (), MONDAY, enabled=True).terms == CHAIN.terms


def test_a_reason_to_wait_is_told_until_its_moment() -> None:
    until = MONDAY + timedelta(hours=12)
    silence = postponed(silent(8), until, Reason.RATE_LIMITED)

    found = due(silence, CHAIN, BERLIN)

    assert isinstance(found, Due)
    assert found.why(MONDAY) is Reason.RATE_LIMITED
    assert found.why(until) is Reason.WAITING_FOR_HOURS


@pytest.mark.parametrize("hours", [1, 24])
def test_a_reason_to_wait_is_over_when_something_later_holds(hours: int) -> None:
    step = replace(STEP, delay=timedelta(hours=24))
    silence = postponed(silent(8), MONDAY + timedelta(hours=8 + hours), Reason.BUDGET_SPENT)

    found = due(silence, replace(CHAIN, steps=(step,)), BERLIN)

    assert isinstance(found, Due)
    assert (found.held is Reason.BUDGET_SPENT) == (hours == 24)


def test_a_reason_goes_with_the_wait() -> None:
    held = postponed(silent(8), MONDAY + timedelta(hours=12), Reason.RATE_LIMITED)

    for after in (sent(held, "s1", MONDAY), hurried(held, MONDAY), client_wrote(held, MONDAY)):
        assert after.postponed_for is None
    assert postponed(held, MONDAY).postponed_for is None
