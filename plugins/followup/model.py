"""The values that the rules of a chain work on. No clock, no I/O."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

LONGEST_DELAY = timedelta(days=3650)
NO_LOT = 100


class Reason(StrEnum):
    """Why a reminder goes, waits or does not go: the closed list."""

    SENT = "sent"
    WAITING_FOR_DELAY = "waiting_for_delay"
    WAITING_FOR_HOURS = "waiting_for_hours"
    WAITING_FOR_ANSWER = "waiting_for_answer"
    DONE = "done"
    OFF = "off"
    NO_STEPS = "no_steps"
    NEVER_OPENS = "never_opens"
    CLIENT_REPLIED = "client_replied"
    CONCLUDED = "concluded"
    NOT_INTERESTED = "not_interested"
    OPTED_OUT = "opted_out"
    MUTED = "muted"
    HUMAN_ACTIVE = "human_active"
    TOO_LATE = "too_late"
    COMPOSER_FAILED = "composer_failed"
    CHANNEL_FAILED = "channel_failed"
    UNREACHABLE = "unreachable"
    WINDOW_CLOSED = "window_closed"
    RATE_LIMITED = "rate_limited"
    UNCERTAIN = "uncertain"
    BUDGET_SPENT = "budget_spent"


class OptedBy(StrEnum):
    """Who said that there are to be no reminders; `earlier`: in a chat that was erased since."""

    CLIENT = "client"
    MANAGER = "manager"
    EARLIER = "earlier"


class State(StrEnum):
    """Where a reminder is; `scheduled` also stands for one that waits to be tried again."""

    SCHEDULED = "scheduled"
    CLAIMED = "claimed"
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    SKIPPED = "skipped"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Step:
    """Delay + instruction + run-once; the id is stable, so an edited or moved step stays itself.

    With an `instruction_b` each chat gets one of the two, drawn by lot, to see which is better.
    """

    id: str
    delay: timedelta
    instruction: str
    once: bool = False
    instruction_b: str | None = None


Limit = tuple[str, int]
"""Which of the limits, and how much it allows."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is too much; None is no limit. A reminder beyond one waits, it does not vanish.

    `chat_day` and `chat_week` count the reminders of a chat in 24 hours and in 7 days,
    `person_day` those of everybody to one person in 24 hours; `day` the employee's reminders and
    `tokens_day` the tokens that they took, in a day of the employee's.
    """

    chat_day: int | None = None
    chat_week: int | None = None
    person_day: int | None = None
    day: int | None = None
    tokens_day: int | None = None

    def unchanged(self, limit: Limit) -> bool:
        """Whether that one is as it was."""
        return asdict(self).get(limit[0]) == limit[1]


@dataclass(frozen=True, slots=True)
class Terms:
    """In which hours, by whose clock and how often the chain may speak.

    `week` and `special` are hours as the settings write them; without a week they are the
    employee's working hours. `client_zone`: they are read on the client's wall clock, if known.
    `hold_out`: so many of a hundred chats get no reminders, to see what those are good for.
    """

    week: Mapping[str, tuple[str, ...]] | None = None
    special: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    client_zone: bool = False
    limits: Limits = Limits()
    hold_out: int = 0


@dataclass(frozen=True, slots=True)
class Chain:
    """The ordered steps of an employee, and what its saves mean for chats in mid-chain.

    `shares` are the hold-outs before the present one: until when, and how many of a hundred.
    `enabled_since` is when it was last switched on, `saved_at` the latest save; both are None
    for what the system started with.
    """

    steps: tuple[Step, ...] = ()
    enabled: bool = True
    enabled_since: datetime | None = None
    saved_at: datetime | None = None
    terms: Terms = Terms()
    shares: tuple[tuple[datetime, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Silence:
    """The follow-up state of a chat whose client wrote at least once.

    `passed` holds the ids of the steps sent, uncertain or skipped in this silence, in that order;
    `used` those ever sent in this chat. `postponed_until` is the earliest moment that a verdict,
    a resumed chat, a retry or a limit allows, `postponed_for` a reason to tell, `postponed_by`
    the limit; at `hurried_at` an admin cut the delay of the next step short. The two counters are
    of the present step.
    `zone` is the client's own, where known. `lot` is the chat's number in a hold-out; one that
    drew none is in no hold-out. `muted_since` and
    `snoozed_until` are a manager's wish for this chat, and outlast the client's messages;
    `opted_by` tells whose wish `opted_out` is, where that is known.
    """

    number: int
    began: datetime
    anchor: datetime
    answered_at: datetime | None = None
    passed: tuple[str, ...] = ()
    used: frozenset[str] = frozenset()
    postponed_until: datetime | None = None
    postponed_for: Reason | None = None
    postponed_by: Limit | None = None
    hurried_at: datetime | None = None
    frozen_since: datetime | None = None
    stopped: Reason | None = None
    opted_out: bool = False
    opted_by: OptedBy | None = None
    muted_since: datetime | None = None
    snoozed_until: datetime | None = None
    composer_failures: int = 0
    channel_failures: int = 0
    zone: str | None = None
    lot: int = field(default=NO_LOT, compare=False)

    def held_until(self, limits: Limits) -> datetime | None:
        """Not before that; a limit that was changed since holds nothing back any more."""
        by = self.postponed_by
        return self.postponed_until if by is None or limits.unchanged(by) else None


@dataclass(frozen=True, slots=True)
class Due:
    """The next reminder: `wanted` by its delay, `at` the same moment moved into the hours.

    `held`: no rule of the chain but this postponed it until `wanted`; `limit` if it was a limit.
    `snoozed`: it was snoozed until then.
    """

    step: Step
    wanted: datetime
    at: datetime
    held: Reason | None = None
    limit: Limit | None = None
    snoozed: bool = False

    def why(self, now: datetime) -> Reason:
        """What it waits for at that moment."""
        if self.held is not None and now < self.wanted:
            return self.held
        return Reason.WAITING_FOR_HOURS if self.wanted <= now else Reason.WAITING_FOR_DELAY


@dataclass(frozen=True, slots=True)
class Waiting:
    """There is no next reminder, and why.

    `held_out`: it is off because the chat is in the hold-out; at `would` it would have been due.
    """

    reason: Reason
    held_out: bool = False
    would: datetime | None = None


# Nothing is given back once it is read: a text that is all digits takes no longer than others.
_DELAY = re.compile(r"\s*+".join(rf"(?:(\d++)\s*+{unit})?" for unit in "dhms"))


def delay_of(text: str) -> timedelta:
    """The length of time that "20s", "90m", "1h30m" or "1d2h" means. Raises ValueError."""
    match = _DELAY.fullmatch(text.strip().lower())
    if not text.strip() or match is None:
        raise ValueError(f"'{text}' is not a delay; write it like '20s', '90m', '1h30m' or '1d2h'")
    # Ten digits are out of range already, and soon read.
    parts = [int((part or "").lstrip("0")[:10] or 0) for part in match.groups()]
    seconds = parts[0] * 86400 + parts[1] * 3600 + parts[2] * 60 + parts[3]
    if not 0 < seconds <= LONGEST_DELAY.total_seconds():
        raise ValueError(f"'{text}' is out of range; a delay is above 0 and at most 3650d")
    return timedelta(seconds=seconds)


def delay_text(delay: timedelta) -> str:
    """A delay as people write it: "1d2h", "1h30m", "20s"."""
    seconds = int(delay.total_seconds())
    units = ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))
    text = ""
    for size, unit in units:
        count, seconds = divmod(seconds, size)
        text += f"{count}{unit}" if count else ""
    return text
