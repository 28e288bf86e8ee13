"""An admin wants the next reminder now: the delay does not count any more, all else does."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given

from plugins.followup.chain import (
    Go,
    at_moment,
    client_wrote,
    due,
    frozen,
    grace,
    hurried,
    postponed,
    resumed,
    sent,
    skipped,
    stopped,
)
from plugins.followup.hours import Hours, is_open
from plugins.followup.model import Chain, Due, Reason, Silence, Waiting
from tests.unit.followup.story import Scenario, played, steps_of
from tests.unit.followup.strategies import examples
from tests.unit.followup.test_chain_invariants import (
    MONDAY,
    chains,
    moments,
    schedules,
    silences,
)

OFFICE = {day: ["09:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
ASKED = ("Mon 09:00 client", "Mon 09:00:05 employee")

HURRIED = [
    Scenario(
        title="it goes at that moment, and the next counts from it",
        story=[*ASKED, "Mon 10:00 hurry"],
        sent=["Mon 10:00 available", "Tue 10:00 offer", "Thu 10:00 goodbye"],
    ),
    Scenario(
        title="each hurry is for one step",
        story=[*ASKED, "Mon 10:00 hurry", "Mon 11:00 hurry"],
        sent=["Mon 10:00 available", "Mon 11:00 offer", "Wed 11:00 goodbye"],
    ),
    Scenario(
        title="on the heels of an answer it waits ten minutes",
        chain="available 4h",
        story=[*ASKED, "Mon 09:01 hurry"],
        sent=["Mon 09:10:05 available"],
    ),
    Scenario(
        title="it waits for an answer to the client",
        chain="available 4h",
        story=["Mon 09:00 client", "Mon 10:00 hurry", "Mon 10:30 employee"],
        sent=["Mon 10:40 available"],
    ),
    Scenario(
        title="it waits for the hours",
        chain="available 48h",
        hours=OFFICE,
        story=["Mon 17:00 client", "Mon 17:00 employee", "Mon 20:00 hurry"],
        sent=["Tue 09:00 available"],
    ),
    Scenario(
        title="what it was postponed to does not count any more",
        chain="available 4h",
        story=[*ASKED, "Mon 13:00 postpone Fri 12:00", "Tue 10:00 hurry"],
        sent=["Tue 10:00 available"],
    ),
    Scenario(
        title="what it is postponed to afterwards counts",
        chain="available 4h",
        story=[*ASKED, "Mon 10:00 hurry", "Mon 10:00 postpone Fri 12:00"],
        sent=["Fri 12:00 available"],
    ),
    Scenario(
        title="the client's message ends it",
        chain="available 4h",
        hours={"mon": ["12:00-24:00"]},
        story=[*ASKED, "Mon 10:00 hurry", "Mon 11:00 client", "Mon 11:00 employee"],
        sent=["Mon 15:00 available"],
    ),
    Scenario(
        title="a skipped step leaves nothing of it",
        story=[*ASKED, "Mon 10:00 hurry", "Mon 10:00 skip"],
        sent=["Tue 10:00 offer", "Thu 10:00 goodbye"],
    ),
    Scenario(
        title="an edit after it still leaves ten minutes",
        chain="available 4h",
        hours={"mon": ["12:00-24:00"]},
        story=[*ASKED, "Mon 10:00 hurry", "Mon 11:59 save available 8h"],
        sent=["Mon 12:09 available"],
    ),
    Scenario(
        title="a human who takes the chat after it has it",
        chain="available 4h",
        hours={"mon": ["12:00-24:00"]},
        story=[*ASKED, "Mon 10:00 hurry", "Mon 11:00 pause", "Mon 14:00 resume"],
        sent=["Mon 14:10 available"],
    ),
    Scenario(
        title="one that is overdue by more than a day goes out all the same",
        chain="available 4h",
        story=[*ASKED, "Mon 12:00 down", "Tue 20:00 hurry", "Tue 20:00 up"],
        sent=["Tue 20:00 available"],
    ),
    Scenario(
        title="a failed try waits for its pause",
        chain="available 4h",
        story=[*ASKED, "Mon 10:00 hurry", "Mon 10:00 mute-model"],
        sent=["Mon 10:00:30 available"],
    ),
    Scenario(
        title="a chain that is done stays done",
        chain="available 4h",
        story=[*ASKED, "Mon 14:00 hurry"],
        sent=["Mon 13:00 available"],
    ),
]


@pytest.mark.parametrize("scenario", HURRIED, ids=lambda scenario: scenario.title)
def test_the_manual_says(scenario: Scenario) -> None:
    told, reason = played(scenario)

    assert told == list(scenario.sent)
    assert reason == scenario.then


@examples(150)
@given(silences(), chains, schedules, moments)
def test_it_never_breaks_another_rule(
    silence: Silence, chain: Chain, hours: Hours, at: datetime
) -> None:
    before, after = (due(each, chain, hours) for each in (silence, hurried(silence, at)))

    if isinstance(before, Waiting):
        assert after == before
    elif isinstance(after, Due):
        answered_at = silence.answered_at
        assert answered_at is not None
        assert after.step == before.step
        assert after.wanted >= max(at, silence.anchor, answered_at + grace(after.step))
        assert chain.saved_at is None or after.wanted >= chain.saved_at
        assert is_open(after.at, hours)
        assert at_moment(hurried(silence, at), chain, hours, after.at) == Go(after.step)


def test_it_is_put_down_as_what_it_is() -> None:
    silence = postponed(client_wrote(None, MONDAY), MONDAY + timedelta(days=3))

    after = hurried(silence, MONDAY + timedelta(hours=1))

    at = MONDAY + timedelta(hours=1)
    assert after == replace(silence, hurried_at=at, postponed_until=None)


def test_a_clock_that_was_set_back_never_brings_it_before_the_anchor() -> None:
    silence = client_wrote(None, MONDAY)

    after = hurried(silence, MONDAY - timedelta(hours=1))

    assert after.hurried_at == MONDAY


def test_it_ends_with_its_step_and_with_its_silence() -> None:
    at = MONDAY + timedelta(hours=1)
    silence = hurried(client_wrote(None, MONDAY), at)

    assert sent(silence, "a", at).hurried_at is None
    assert skipped(silence, "a", at).hurried_at is None
    assert client_wrote(silence, at).hurried_at is None
    assert stopped(silence, Reason.CONCLUDED).hurried_at == at


def test_a_returned_chat_waits_only_what_was_left_of_the_hurry() -> None:
    chain = Chain(steps_of("a 4h"))
    silence = hurried(client_wrote(None, MONDAY), MONDAY + timedelta(hours=2))

    after = resumed(frozen(silence, MONDAY + timedelta(hours=1)), chain, MONDAY)

    assert after.postponed_until == MONDAY + timedelta(hours=1)
    assert after.hurried_at == MONDAY + timedelta(hours=2)
