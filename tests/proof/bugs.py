"""The bugs that are planted, and who looks for each."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.proof import planted


@dataclass(frozen=True)
class Bug:
    """A name, how it is planted, and who looks for it, one after the other.

    `scenario` is the one of the interleavings to begin with.
    """

    name: str
    plant: Callable[[pytest.MonkeyPatch], None]
    layers: tuple[str, ...]
    scenario: str = ""


ORDERS = ("interleavings", "histories")
HISTORIES = ("histories", "interleavings")
BUGS = (
    Bug("the gate checks nothing", planted.no_check_at_the_gate, ORDERS),
    Bug("no claim: two workers", planted.no_claim, ORDERS),
    Bug(
        "hours not checked at the gate",
        planted.no_hours_at_the_gate,
        ORDERS,
        "the hours end meanwhile",
    ),
    Bug(
        "frozen is ignored at the gate",
        planted.a_human_is_not_alone_at_the_gate,
        ORDERS,
        "paused and resumed",
    ),
    Bug("the gate forgets the mute", planted.the_gate_forgets_the_mute, ORDERS, "muted meanwhile"),
    Bug("no intent before the call", planted.no_intent_before_the_call, ORDERS),
    Bug(
        "sent again after a crash",
        planted.sent_again_after_a_crash,
        ORDERS,
        "a worker that dies and comes back",
    ),
    Bug(
        "tried again when it may have been sent",
        planted.unknown_is_tried_again,
        ORDERS,
        "sent without an answer",
    ),
    Bug("no sweep", planted.no_sweep, HISTORIES),
    Bug("leases never end", planted.no_end_of_leases, HISTORIES),
    Bug(
        "used up only when surely sent",
        planted.uncertain_uses_up_nothing,
        ORDERS,
        "sent without an answer",
    ),
    Bug(
        "an old silence's step passed in the new one",
        planted.an_old_silence_passes_the_step_in_the_new,
        ORDERS,
    ),
    Bug("once is ignored", planted.once_is_ignored, ORDERS),
    Bug("no wait for an answer", planted.no_wait_for_an_answer, HISTORIES),
    Bug("an edit fires a burst", planted.an_edit_fires_a_burst, ORDERS, "other steps"),
    Bug(
        "switching on catches up", planted.switching_on_catches_up, ORDERS, "follow-ups off and on"
    ),
    Bug(
        "opted out for one silence only",
        planted.opted_out_for_one_silence_only,
        ORDERS,
        "opted out",
    ),
    Bug(
        "a late message moves the anchor back",
        planted.a_late_message_moves_the_anchor_back,
        HISTORIES,
    ),
    Bug("never too late", planted.never_too_late, ORDERS, "a day passes"),
    Bug("a postponed reminder forgets until when", planted.postponed_is_not_stored, HISTORIES),
    Bug(
        "daylight saving by the offset of the day",
        planted.daylight_saving_by_the_offset_of_the_day,
        ("properties",),
    ),
    Bug("a message delivered twice counts twice", planted.a_message_counts_twice, HISTORIES),
)
