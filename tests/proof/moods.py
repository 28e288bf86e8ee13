"""What histories are made of: chains, hours, lengths of time, and the moods of the outside."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.errors import (
    BotError,
    ChannelBusyError,
    ChannelError,
    ChatUnreachableError,
    UnknownDeliveryError,
    WindowClosedError,
)
from tests.proof.law import POSTPONED
from tests.proof.outside import broken
from tests.story.words import BERLIN, step, steps, verdict, weekdays

CHAINS = (
    steps("20m", "4h"),
    steps("4h", "4h", "24h"),
    [step("s1", "20m", once=True), step("s2", "4h")],
    [step("s2", "4h"), step("s1", "1h", once=True), step("s3", "24h")],
    [step("s3", "20m")],
    [],
)
OPEN: dict[str, Any] = {"timezone": BERLIN}
HOURS = (
    OPEN,
    OPEN,
    {"timezone": BERLIN, "working_hours": weekdays("10:00-11:00", "14:00-18:00")},
    {"timezone": "America/New_York", "working_hours": weekdays("22:00-06:00")},
)
LENGTHS = tuple(
    timedelta(seconds=seconds) for seconds in (1, 20, 60, 600, 1200, 3600, 4 * 3600, 26 * 3600)
)
AROUND = tuple(timedelta(seconds=seconds) for seconds in (0, 0, 1, -1, 300, 25 * 3600))
DECISIONS = ("skip", "stop", "opt out", "postpone", "away", "nonsense")

TROUBLES: Mapping[str, Callable[[], tuple[str, BotError]]] = {
    "refused": lambda: ("before", ChannelError("refused")),
    "busy": lambda: ("before", ChannelBusyError(timedelta(minutes=7))),
    "unreachable": lambda: ("before", ChatUnreachableError("blocked")),
    "window": lambda: ("before", WindowClosedError("closed")),
    "unknown": lambda: ("before", UnknownDeliveryError("lost on the way")),
    "no answer": lambda: ("after", UnknownDeliveryError("no answer came")),
}


def verdicts(until: datetime) -> Mapping[str, str | BotError]:
    """What the model may say instead of a reminder."""
    return {
        "skip": verdict("skip"),
        "stop": verdict("stop"),
        "opt out": verdict("stop", "opted_out"),
        "postpone": verdict("postpone", POSTPONED, until.isoformat()),
        "away": broken(),
        "nonsense": "I'd rather not.",
    }
