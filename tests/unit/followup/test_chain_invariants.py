"""What holds for every silence, every chain and all hours."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from plugins.followup.chain import (
    Go,
    Later,
    Missed,
    answered,
    at_moment,
    client_wrote,
    due,
    frozen,
    grace,
    postponed,
    resumed,
    saved,
    sent,
    skipped,
    used_up,
)
from plugins.followup.hours import Hours, is_open, next_open
from plugins.followup.model import Chain, Due, Reason, Silence, Step, Waiting
from tests.unit.followup.strategies import STEP_IDS, examples, specials, weeks

MONDAY = datetime(2026, 3, 23, tzinfo=UTC)
moments = st.integers(0, 14 * 24 * 60).map(lambda minutes: MONDAY + timedelta(minutes=minutes))
steps = st.builds(
    Step,
    st.sampled_from(STEP_IDS),
    st.sampled_from([timedelta(seconds=20), timedelta(hours=4), timedelta(days=1)]),
    st.just("Ask."),
    st.booleans(),
)
chains = st.builds(
    Chain,
    st.lists(steps, min_size=1, max_size=4, unique_by=lambda step: step.id).map(tuple),
    saved_at=st.none() | moments,
)
schedules = st.builds(
    Hours.of,
    st.sampled_from(["UTC", "Europe/Berlin", "Africa/Casablanca"]),
    weeks(),
    specials("2026-03-23"),
)
passed = st.lists(st.sampled_from(STEP_IDS), max_size=3, unique=True).map(tuple)


@st.composite
def silences(draw: st.DrawFn) -> Silence:
    began = draw(moments)
    return Silence(
        number=draw(st.integers(1, 5)),
        began=began,
        anchor=max(began, draw(moments)),
        answered_at=max(began, draw(moments)),
        passed=draw(passed),
        used=draw(st.frozensets(st.sampled_from(STEP_IDS))),
        postponed_until=draw(st.none() | moments),
    )


def found(silence: Silence, chain: Chain, hours: Hours) -> Due:
    """What is due, where anything is."""
    reminder = due(silence, chain, hours)
    assume(isinstance(reminder, Due))
    assert isinstance(reminder, Due)
    return reminder


@examples(150)
@given(silences(), chains, schedules)
def test_a_reminder_never_comes_before_any_of_its_reasons_to_wait(
    silence: Silence, chain: Chain, hours: Hours
) -> None:
    reminder = found(silence, chain, hours)

    answered_at, until = silence.answered_at, silence.postponed_until
    assert answered_at is not None
    assert reminder.wanted >= silence.anchor + reminder.step.delay
    assert reminder.wanted >= answered_at + grace(reminder.step)
    assert until is None or reminder.wanted >= until
    assert chain.saved_at is None or reminder.wanted >= chain.saved_at


@examples(150)
@given(silences(), chains, schedules)
def test_a_reminder_goes_at_the_first_open_moment(
    silence: Silence, chain: Chain, hours: Hours
) -> None:
    reminder = found(silence, chain, hours)

    assert is_open(reminder.at, hours)
    assert reminder.at == next_open(reminder.wanted, hours)
    assert isinstance(at_moment(silence, chain, hours, reminder.at), Go)


@examples(100)
@given(silences(), chains, schedules)
def test_a_step_is_never_sent_twice_nor_when_used_up(
    silence: Silence, chain: Chain, hours: Hours
) -> None:
    reminder = found(silence, chain, hours)

    assert reminder.step in chain.steps
    assert reminder.step.id not in silence.passed
    assert not (reminder.step.once and reminder.step.id in silence.used)


@examples(100)
@given(silences(), chains, schedules, moments)
def test_a_save_never_brings_forward_what_is_due(
    silence: Silence, chain: Chain, hours: Hours, at: datetime
) -> None:
    assume(chain.saved_at is None or at >= chain.saved_at)
    before = found(silence, chain, hours)

    after = due(silence, saved(chain, chain.steps, at, enabled=True), hours)

    if isinstance(after, Due):
        assert after.at >= before.at
    else:
        assert after.reason is Reason.NEVER_OPENS


@examples(100)
@given(silences(), chains, schedules)
def test_a_chain_without_edits_moves_on_and_ends(
    silence: Silence, chain: Chain, hours: Hours
) -> None:
    order = [step.id for step in chain.steps]
    places, moments_sent = [], []

    while isinstance(reminder := due(silence, chain, hours), Due):
        places.append(order.index(reminder.step.id))
        moments_sent.append(reminder.at)
        silence = sent(silence, reminder.step.id, reminder.at)

    assert len(set(places)) == len(places)
    assert places == sorted(places)
    assert moments_sent == sorted(moments_sent)
    assert reminder.reason in {Reason.DONE, Reason.NEVER_OPENS}


@examples(100)
@given(silences(), chains, schedules, st.tuples(moments, moments).map(sorted))
def test_a_returned_chat_never_gets_its_reminder_at_once(
    silence: Silence, chain: Chain, hours: Hours, human: list[datetime]
) -> None:
    taken, returned = human

    after = resumed(frozen(silence, taken), chain, returned)

    reminder = found(after, chain, hours)
    assert reminder.at >= returned + grace(reminder.step)


@examples(100)
@given(silences(), chains, schedules, moments)
def test_a_timer_at_any_moment_does_what_that_moment_asks_for(
    silence: Silence, chain: Chain, hours: Hours, now: datetime
) -> None:
    reminder = found(silence, chain, hours)

    match at_moment(silence, chain, hours, now):
        case Go(step):
            assert step == reminder.step
            assert timedelta() <= now - reminder.at <= timedelta(hours=24)
            assert is_open(now, hours)
        case Missed(step):
            assert step == reminder.step
            assert now - reminder.at > timedelta(hours=24)
        case Later(at, closed=True):
            assert now >= reminder.at
            assert not is_open(now, hours)
            assert at == next_open(now, hours)
        case Later(at):
            assert now < at == reminder.at
        case Waiting(reason):
            assert reason is Reason.NEVER_OPENS


@examples(100)
@given(silences(), moments, moments)
def test_a_new_silence_keeps_only_what_belongs_to_the_chat(
    silence: Silence, taken: datetime, at: datetime
) -> None:
    before = replace(frozen(silence, taken), opted_out=True, stopped=Reason.OPTED_OUT)

    after = client_wrote(before, at)

    began = max(at, before.anchor)
    assert after == Silence(
        before.number + 1,
        began,
        began,
        used=before.used,
        frozen_since=taken,
        opted_out=True,
    )


def test_the_hours_may_close_for_good_before_a_late_timer_fires() -> None:
    hours = Hours.of("UTC", {"mon": []}, {"2026-03-23": ["09:00-10:00"]})
    chain = Chain((Step("a", timedelta(hours=1), "Ask."),))
    began = MONDAY + timedelta(hours=8)
    silence = Silence(1, began, began, answered_at=began)

    at_nine = at_moment(silence, chain, hours, MONDAY + timedelta(hours=9))
    at_ten = at_moment(silence, chain, hours, MONDAY + timedelta(hours=10))

    assert at_nine == Go(chain.steps[0])
    assert at_ten == Waiting(Reason.NEVER_OPENS)


def test_a_sending_is_known_for_run_once_even_when_its_silence_is_over() -> None:
    silence = client_wrote(client_wrote(None, MONDAY), MONDAY)

    after = used_up(silence, "a")

    assert after == replace(silence, used=frozenset({"a"}))


@pytest.mark.parametrize("over", [sent, skipped])
def test_what_a_step_was_postponed_to_is_not_for_the_next_one(
    over: Callable[[Silence, str, datetime], Silence],
) -> None:
    silence = postponed(client_wrote(None, MONDAY), MONDAY + timedelta(days=3))

    after = over(silence, "a", MONDAY + timedelta(days=1))

    assert after.postponed_until is None


def test_what_arrives_late_never_moves_the_anchor_back() -> None:
    silence = client_wrote(None, MONDAY)

    after = skipped(silence, "a", MONDAY - timedelta(hours=1))

    assert after.anchor == MONDAY


def test_an_answer_that_arrives_late_does_not_replace_a_later_one() -> None:
    silence = replace(client_wrote(None, MONDAY), answered_at=MONDAY + timedelta(hours=1))

    after = answered(silence, MONDAY)

    assert after.answered_at == MONDAY + timedelta(hours=1)
