"""Limits and waves, by example."""

from datetime import UTC, datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.followup.chain import postponed
from plugins.followup.hours import Hours
from plugins.followup.model import Chain, Due, Limits, Reason, Silence, Step
from plugins.followup.restraint import (
    CROWD,
    WAVE,
    Spent,
    hold,
    in_crowds,
    today,
    tomorrow,
    turn_in_wave,
)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
BERLIN = ZoneInfo("Europe/Berlin")
ALWAYS = Hours(BERLIN)
STEP = Step("s1", HOUR, "Ask.")


def ago(*hours: float) -> list[datetime]:
    return [NOW - hour * HOUR for hour in hours]


@pytest.mark.parametrize(
    ("limits", "spent", "until"),
    [
        (Limits(), Spent(ago(1), ago(1), day=9, tokens=9), None),
        (Limits(chat_day=2), Spent(ago(1)), None),
        (Limits(chat_day=2), Spent(ago(1, 5)), NOW + 19 * HOUR),
        (Limits(chat_day=2), Spent(ago(5, 1, 3)), NOW + 21 * HOUR),
        (Limits(chat_day=2), Spent(ago(1, 24)), None),
        (Limits(chat_week=2), Spent(ago(30, 100)), NOW + 68 * HOUR),
        (Limits(chat_day=1, chat_week=2), Spent(ago(1, 100)), NOW + 68 * HOUR),
        (Limits(person_day=1), Spent((), ago(6)), NOW + 18 * HOUR),
        (Limits(person_day=1), Spent(ago(6), ()), None),
        (Limits(person_day=2), Spent((), ago(6), person_claimed=1), NOW + MINUTE),
        (Limits(person_day=2), Spent((), ago(30), person_claimed=1), None),
        (Limits(day=5), Spent(day=4), None),
        (Limits(day=5), Spent(day=4, day_claimed=1), NOW + MINUTE),
        (Limits(day=5), Spent(day=5), NOW + 11 * HOUR),
        (Limits(day=5), Spent(day=7), NOW + 11 * HOUR),
    ],
)
def test_one_more_waits_until_the_limit_allows_it(
    limits: Limits, spent: Spent, until: datetime | None
) -> None:
    found = hold(limits, spent, NOW, BERLIN)

    assert (found.until if found else None) == until
    assert found is None or found.reason is Reason.RATE_LIMITED


def test_a_budget_that_is_spent_waits_for_the_next_day() -> None:
    found = hold(Limits(tokens_day=100), Spent(tokens=100), NOW, BERLIN)

    assert found is not None
    assert (found.until, found.reason) == (NOW + 11 * HOUR, Reason.BUDGET_SPENT)
    assert hold(Limits(tokens_day=100), Spent(tokens=99), NOW, BERLIN) is None


def test_a_day_is_the_employees_own_also_when_the_clocks_change() -> None:
    sunday = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)

    assert today(sunday, BERLIN) == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert tomorrow(sunday, BERLIN) == datetime(2026, 3, 29, 22, tzinfo=UTC)


@pytest.mark.parametrize("crowd", [1, CROWD])
def test_a_lone_chat_and_a_few_go_at_once(crowd: int) -> None:
    assert turn_in_wave(7, NOW, crowd, ALWAYS) == NOW


def test_a_crowd_is_spread_evenly_over_five_minutes_and_everybody_keeps_the_place() -> None:
    turns = [turn_in_wave(chat, NOW, CROWD + 1, ALWAYS) for chat in range(1, 3001)]

    minutes = [sum(NOW + n * MINUTE <= t < NOW + (n + 1) * MINUTE for t in turns) for n in range(5)]
    assert sum(minutes) == 3000
    assert all(540 <= count <= 660 for count in minutes)
    assert turns == [turn_in_wave(chat, NOW, 9999, ALWAYS) for chat in range(1, 3001)]


@pytest.mark.parametrize(("close", "minutes"), [("13:02", 2), ("13:00", 0), ("18:00", 5)])
def test_nobody_waits_beyond_closing(close: str, minutes: int) -> None:
    opened = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)  # noon in Berlin
    at = opened + timedelta(minutes=60)
    hours = Hours.of("Europe/Berlin", {"mon": [f"12:00-{close}"]}, {})

    turns = [turn_in_wave(chat, at, CROWD + 1, hours) for chat in range(1, 500)]

    assert max(turns) <= at + minutes * MINUTE
    assert minutes == 0 or max(turns) > at + (minutes - 1) * MINUTE


@pytest.mark.parametrize(
    ("wanted", "saved", "crowded"),
    [(0, None, False), (-60, None, True), (0, -10, True), (0, -11, False), (0, 0, False)],
)
def test_many_are_due_together_after_an_opening_or_a_save(
    wanted: int, saved: int | None, *, crowded: bool
) -> None:
    found = Due(STEP, NOW + wanted * MINUTE, NOW)
    chain = Chain((STEP,), saved_at=None if saved is None else NOW + saved * MINUTE)

    assert in_crowds(found, chain) is crowded
    assert timedelta(minutes=5) == WAVE


@given(
    gaps=st.lists(st.integers(1, 3000), max_size=60),
    limits=st.builds(
        Limits,
        chat_day=st.none() | st.integers(1, 4),
        chat_week=st.none() | st.integers(1, 9),
        person_day=st.none() | st.integers(1, 5),
        day=st.none() | st.integers(1, 6),
    ),
)
def test_however_often_it_is_tried_no_window_holds_more_than_its_limit(
    gaps: list[int], limits: Limits
) -> None:
    sent: list[datetime] = []
    for minute in accumulate(gaps):
        now = NOW + minute * MINUTE
        since = today(now, BERLIN)
        spent = Spent(sent, sent, day=sum(at >= since for at in sent))
        held = hold(limits, spent, now, BERLIN)
        assert held is None or held.until > now
        if held is None:
            sent.append(now)

    for at in sent:
        day = sum(at - 24 * HOUR < other <= at for other in sent)
        week = sum(at - 168 * HOUR < other <= at for other in sent)
        same = sum(today(other, BERLIN) == today(at, BERLIN) for other in sent)
        assert day <= min(limits.chat_day or day, limits.person_day or day)
        assert week <= (limits.chat_week or week)
        assert same <= (limits.day or same)


def test_what_a_limit_put_off_waits_while_that_limit_is_as_it_was() -> None:
    until = NOW + timedelta(hours=20)
    silence = postponed(Silence(1, NOW, NOW), until, Reason.RATE_LIMITED, ("day", 3))

    assert silence.held_until(Limits(day=3, chat_day=1)) == until
    assert silence.held_until(Limits(day=4)) is None
    assert silence.held_until(Limits()) is None
    assert postponed(silence, until).held_until(Limits()) == until
