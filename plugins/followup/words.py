"""Reasons and moments in plain words."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.api import phrase
from plugins.followup.model import Due, OptedBy, Reason, Waiting

WHY = {
    Reason.SENT: phrase("sent"),
    Reason.WAITING_FOR_DELAY: phrase("the delay runs"),
    Reason.WAITING_FOR_HOURS: phrase("waiting for the working hours"),
    Reason.WAITING_FOR_ANSWER: phrase("waiting for an answer to the client"),
    Reason.DONE: phrase("all steps are done; the client's next message starts over"),
    Reason.OFF: phrase("follow-ups are off for this chat's silence"),
    Reason.NO_STEPS: phrase("the employee has no steps"),
    Reason.NEVER_OPENS: phrase("the working hours never open"),
    Reason.CLIENT_REPLIED: phrase("the client wrote"),
    Reason.CONCLUDED: phrase("the matter is settled"),
    Reason.NOT_INTERESTED: phrase("the client is not interested"),
    Reason.OPTED_OUT: phrase("the client wants no reminders"),
    Reason.MUTED: phrase("muted"),
    Reason.HUMAN_ACTIVE: phrase("a colleague has the chat"),
    Reason.TOO_LATE: phrase("more than 24 hours late, so it was skipped"),
    Reason.COMPOSER_FAILED: phrase("the model failed"),
    Reason.CHANNEL_FAILED: phrase("the channel did not take it"),
    Reason.UNREACHABLE: phrase("the client cannot be reached there"),
    Reason.WINDOW_CLOSED: phrase("the channel's time window is closed"),
    Reason.RATE_LIMITED: phrase("too many for now: the channel, or a limit, asks to wait"),
    Reason.UNCERTAIN: phrase("perhaps sent: the channel gave no answer, so it is not sent again"),
    Reason.BUDGET_SPENT: phrase("the day's budget of tokens is spent"),
}

LIMITED = {
    "chat_day": phrase("at most %(num)s a day in this chat"),
    "chat_week": phrase("at most %(num)s in 7 days in this chat"),
    "person_day": phrase("at most %(num)s a day to one person"),
    "day": phrase("at most %(num)s a day by this employee"),
    "tokens_day": phrase("the day's budget of %(num)s tokens is spent"),
}
_SNOOZED = "snoozed"

BY = {
    OptedBy.CLIENT: phrase("The client said so"),
    OptedBy.MANAGER: phrase("A colleague decided so"),
    OptedBy.EARLIER: phrase("The client had said so in a chat that was erased since"),
}
_HELD_OUT = phrase("in the hold-out group, which gets no reminders")


def why_none(found: Waiting) -> str:
    """Why nothing is planned."""
    return _HELD_OUT if found.held_out else WHY[found.reason]


@dataclass(frozen=True, slots=True)
class Wait:
    """What a reminder waits for: a phrase, and the number in it, if it is a limit's.

    `until`: a colleague wants it no earlier. `held`: nothing of the chain itself keeps it.
    """

    phrase: str
    num: int = 0
    until: datetime | None = None
    held: bool = False

    @property
    def text(self) -> str:
        """The same in English."""
        return self.phrase % {"num": self.num}


def wait_of(found: Due, now: datetime) -> Wait:
    """What keeps that reminder at that moment."""
    if now < found.wanted and found.snoozed:
        return Wait(_SNOOZED, until=found.wanted)
    if now < found.wanted and found.limit is not None:
        key, most = found.limit
        return Wait(LIMITED[key], most, held=True)
    reason = found.why(now)
    return Wait(WHY[reason], held=reason is found.held)


NAMED = phrase("the client named that time")
SPOKEN = frozenset(
    {
        Reason.WAITING_FOR_DELAY,
        Reason.CONCLUDED,
        Reason.NOT_INTERESTED,
        Reason.OPTED_OUT,
        Reason.MUTED,
        Reason.HUMAN_ACTIVE,
    }
)
"""Reasons that a model gives, with the client's words for it."""

# What was wrong with the texts of a model that failed, by the names that the copy guard gives.
FAULTS = {
    "empty": phrase("its text was empty"),
    "too_long": phrase("its text was too long"),
    "machinery": phrase("its text was not for people"),
    "placeholder": phrase("its text held a placeholder"),
    "leak": phrase("its text repeated the instruction or the persona"),
    "obeyed": phrase("its text did what a client told the machine to do"),
    "link": phrase("its text held an address that nobody gave"),
    "price": phrase("its text named an amount that nobody named"),
    "promise": phrase("its text promised what nobody promised"),
    "repeat": phrase("its text repeated an earlier message"),
    "language": phrase("its text was in another language than the client's"),
    "moment": phrase("it postponed to no moment ahead"),
}

_MINUTE = 60
_HOUR = 3600
_DAY = 86400


def left(length: timedelta) -> str:
    """How long until then: "in 2 h 14 min"; "now" when it is over."""
    seconds = int(length.total_seconds())
    if seconds <= 0:
        return "now"
    if seconds < _MINUTE:
        return f"in {seconds} s"
    if seconds < _HOUR:
        return f"in {seconds // _MINUTE} min"
    if seconds < _DAY:
        return f"in {seconds // _HOUR} h {seconds % _HOUR // _MINUTE} min"
    return f"in {seconds // _DAY} d {seconds % _DAY // _HOUR} h"


def moment(at: datetime, zone: ZoneInfo) -> str:
    """The wall clock in the employee's zone, with the zone's name."""
    return f"{at.astimezone(zone):%a %Y-%m-%d %H:%M:%S} {zone.key}"
