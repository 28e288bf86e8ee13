"""Reasons and moments in plain words."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from plugins.followup.model import Reason

WHY = {
    Reason.SENT: "sent",
    Reason.WAITING_FOR_DELAY: "the delay runs",
    Reason.WAITING_FOR_HOURS: "waiting for the working hours",
    Reason.WAITING_FOR_ANSWER: "waiting for an answer to the client",
    Reason.DONE: "all steps are done; the client's next message starts over",
    Reason.OFF: "follow-ups are off for this chat's silence",
    Reason.NO_STEPS: "the employee has no steps",
    Reason.NEVER_OPENS: "the working hours never open",
    Reason.CLIENT_REPLIED: "the client wrote",
    Reason.CONCLUDED: "the matter is settled",
    Reason.NOT_INTERESTED: "the client is not interested",
    Reason.OPTED_OUT: "the client wants no reminders",
    Reason.MUTED: "muted",
    Reason.HUMAN_ACTIVE: "a colleague has the chat",
    Reason.TOO_LATE: "more than 24 hours late, so it was skipped",
    Reason.COMPOSER_FAILED: "the model failed",
    Reason.CHANNEL_FAILED: "the channel did not take it",
    Reason.UNREACHABLE: "the client cannot be reached there",
    Reason.WINDOW_CLOSED: "the channel's time window is closed",
    Reason.RATE_LIMITED: "the channel asked to wait",
    Reason.UNCERTAIN: "perhaps sent: the channel gave no answer, so it is not sent again",
    Reason.BUDGET_SPENT: "the budget is spent",
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
