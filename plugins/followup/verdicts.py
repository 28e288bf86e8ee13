"""What a composer is told, and what it decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from bot.api import Employee, Message
from plugins.followup.hours import Hours
from plugins.followup.model import Reason, Step


class Decision(StrEnum):
    """What the composer decided."""

    SEND = "send"
    SKIP = "skip"
    POSTPONE = "postpone"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the composer decided: a text to send, or a reason, or a moment to wait for.

    `said` is what the client said that led to it, word for word; `fault` what was wrong with the
    texts of a composer that failed; `prompt` the version of what the model was told.
    """

    decision: Decision
    text: str = ""
    reason: Reason = Reason.SENT
    until: datetime | None = None
    tokens: int | None = None
    said: str = ""
    fault: str = ""
    prompt: str = ""


@dataclass(frozen=True, slots=True)
class Occasion:
    """All that a composer knows: who speaks, what to do, what was said, and when it is.

    `place` of `of` is the step's place in the chain; `local` is the employee's wall clock, and
    `hours` are when a reminder may go out.
    """

    employee: Employee
    step: Step
    place: int
    of: int
    history: Sequence[Message]
    silent_for: timedelta
    local: datetime
    hours: Hours


class Composer(Protocol):
    """Turns instruction + persona + conversation into a verdict."""

    async def compose(self, occasion: Occasion) -> Verdict:
        """The verdict. Raises ModelError."""
        ...
