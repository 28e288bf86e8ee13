"""Who gets no reminders so that it can be told what reminders are good for."""

from collections import Counter
from datetime import timedelta

import pytest

from bot.testing import MONDAY
from plugins.followup.chain import MOST_SHARES, due, hold_out, on_terms
from plugins.followup.hours import Hours
from plugins.followup.lots import LOTS, lot_of
from plugins.followup.model import Chain, Due, Reason, Silence, Step, Terms, Waiting

HOUR = timedelta(hours=1)
STEP = Step("s1", 4 * HOUR, "Ask.")
ALWAYS = Hours.of("UTC", {}, {})


def silence(lot: int, **more: object) -> Silence:
    return Silence(1, MONDAY, MONDAY, answered_at=MONDAY, lot=lot, **more)  # type: ignore[arg-type]


def chain(share: int) -> Chain:
    return Chain((STEP,), terms=Terms(hold_out=share))


@pytest.mark.parametrize(("lot", "share"), [(0, 1), (9, 10), (49, 50)])
def test_a_chat_is_held_out_if_its_lot_is_below_the_share(lot: int, share: int) -> None:
    found = due(silence(lot), chain(share), ALWAYS)

    assert found == Waiting(Reason.OFF, held_out=True, would=MONDAY + 4 * HOUR)


@pytest.mark.parametrize(("lot", "share"), [(0, 0), (10, 10), (99, 50), (100, 50)])
def test_the_others_are_reminded(lot: int, share: int) -> None:
    assert isinstance(due(silence(lot), chain(share), ALWAYS), Due)


def test_who_would_not_be_reminded_anyway_is_told_why() -> None:
    stopped = silence(0, stopped=Reason.CONCLUDED)

    assert due(stopped, chain(10), ALWAYS) == Waiting(Reason.CONCLUDED)


def test_a_smaller_share_counts_for_what_begins_later_and_a_larger_one_at_once() -> None:
    smaller = on_terms(chain(30), Terms(hold_out=5), MONDAY + HOUR)
    late = Silence(2, MONDAY + HOUR, MONDAY + HOUR)

    assert hold_out(silence(7), smaller) == 30
    assert hold_out(late, smaller) == 5
    assert hold_out(silence(7), on_terms(smaller, Terms(hold_out=40), MONDAY + 2 * HOUR)) == 40


def test_a_silence_keeps_the_share_that_it_began_with() -> None:
    changed = on_terms(on_terms(chain(50), Terms(), MONDAY - HOUR), Terms(hold_out=2), MONDAY)

    assert changed.shares == ((MONDAY - HOUR, 50), (MONDAY, 0))
    assert hold_out(Silence(1, MONDAY - HOUR / 2, MONDAY), changed) == 2


def test_other_terms_leave_the_shares_alone_and_they_do_not_grow_for_ever() -> None:
    again = on_terms(chain(5), Terms(hold_out=5, client_zone=True), MONDAY)
    assert again.shares == ()

    for n in range(50):
        again = on_terms(again, Terms(hold_out=n), MONDAY + n * HOUR)
    assert len(again.shares) == MOST_SHARES


def test_lots_are_even_and_always_the_same() -> None:
    drawn = Counter(lot_of("anna", chat) for chat in range(20_000))

    assert set(drawn) == set(range(LOTS))
    assert 1800 < sum(drawn[lot] for lot in range(10)) < 2200
    assert lot_of("anna", 7) == lot_of("anna", 7)
    assert [lot_of("anna", n) for n in range(9)] != [lot_of("bert", n) for n in range(9)]
