"""The promises, and the checks that keep watch over each."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from bot.api import Invariant, Violation
from plugins.followup.invariants import sending, standing, storing
from plugins.followup.invariants.sheet import Sheet

Check = Callable[[Sheet], Iterator[str]]

_DEVELOPERS = "this is a fault of the application: please report it, with this line"
_RUNNING = "see that `followup run`, or a `followup worker`, runs; its log tells what keeps it"

INVARIANTS = (
    Invariant("I1", "a step is sent at most once in a silence", _DEVELOPERS),
    Invariant("I2", "no reminder follows a client's reply, or comes before an answer", _DEVELOPERS),
    Invariant("I3", "no reminder leaves outside the hours", _DEVELOPERS),
    Invariant("I4", "a run-once step is sent once in a chat", _DEVELOPERS),
    Invariant("I5", "no chain is lost, and what is due is taken", _RUNNING),
    Invariant("I7", "no reminder is early, whatever clocks do", "look at the machines' clocks"),
    Invariant("I8", "what comes twice, late or out of order changes nothing", _DEVELOPERS),
    Invariant(
        "I9",
        "reminders and their messages say the same",
        "rows do not belong together: was the database edited by hand, or restored in part?",
    ),
    Invariant("I10", "what fails ends as `failed`, with a reason", _DEVELOPERS),
    Invariant("I11", "one reminder at a time is under way in a chat", _DEVELOPERS),
    Invariant(
        "I12", "who is opted out, muted, off, or served by a human is left alone", _DEVELOPERS
    ),
    Invariant("I13", "what is listed as due follows the settings of today", _RUNNING),
)
CHECKS: Mapping[str, Sequence[Check]] = {
    "I1": [sending.a_step_is_sent_once],
    "I2": [sending.the_client_wins, sending.an_answer_comes_first],
    "I3": [sending.inside_the_hours],
    "I4": [sending.once_is_once],
    "I5": [standing.no_chain_is_lost, standing.what_is_due_is_taken],
    "I7": [sending.never_early],
    "I8": [standing.the_anchor_never_moves_back],
    "I9": [storing.whole_or_not_at_all],
    "I10": [standing.failures_end],
    "I11": [standing.one_at_a_time],
    "I12": [
        standing.silent_where_it_should_be,
        sending.quiet_is_quiet,
        sending.a_human_is_alone,
        sending.off_is_off,
    ],
    "I13": [
        standing.live_settings_hold,
        standing.passed_stays_passed,
        sending.sent_steps_exist,
    ],
}


def violations(sheet: Sheet) -> Sequence[Violation]:
    """Every promise of the plugin that this chat breaks."""
    return [
        Violation(name, sheet.talk.chat.id, text)
        for name, checks in CHECKS.items()
        for check in checks
        for text in check(sheet)
    ]
