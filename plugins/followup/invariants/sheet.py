"""All that is stored about the follow-ups of one chat."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from bot.api import Audit, Author, Conversation, Delivery, Line
from plugins.followup.model import Reason, State, Step
from plugins.followup.planning import NAME
from plugins.followup.ports import Plan, Record, Reminder

OUT = (State.SENDING, State.SENT, State.UNCERTAIN)
"""Reminders that may have reached the client."""
PASSED = (State.SENT, State.UNCERTAIN, State.SKIPPED)
GATE = timedelta(seconds=5)
"""How long the gate may take from its look at the clock to its commit."""


@dataclass(frozen=True, slots=True)
class Row:
    """A reminder with its moments."""

    reminder: Reminder
    claimed_at: datetime | None = None
    settled_at: datetime | None = None
    reason: Reason | None = None
    hurried_at: datetime | None = None

    @property
    def state(self) -> State:
        """Where it is."""
        return self.reminder.state

    @property
    def title(self) -> str:
        """How people find it."""
        one = self.reminder
        return f"reminder {one.id} (silence {one.silence}, step {one.step}, {one.state})"

    @property
    def passed_at(self) -> datetime | None:
        """The earliest moment from which the next delay may count; clocks may jump back."""
        if self.state not in PASSED:
            return None
        intent = None if self.state is State.SKIPPED else self.reminder.intent_at
        return min((at for at in (intent, self.settled_at) if at is not None), default=None)


@dataclass(frozen=True, slots=True)
class Cached:
    """What the chat's row says is due, and by which version of the settings."""

    due_at: datetime | None
    step: str | None
    reason: Reason | None
    version: int


@dataclass(frozen=True)
class Sheet:
    """One chat: what was said, where it stands, its reminders, and its employee's settings."""

    talk: Conversation
    record: Record | None = None
    cached: Cached | None = None
    rows: Sequence[Row] = ()
    plan: Plan | None = None
    audit: Audit = field(kw_only=True)

    @cached_property
    def lines(self) -> Mapping[int, Line]:
        """Messages by id."""
        return {line.id: line for line in self.talk.lines}

    @cached_property
    def clients(self) -> Sequence[Line]:
        """The client's messages that are still stored, in order."""
        return [line for line in self.talk.lines if line.author is Author.CLIENT]

    @cached_property
    def out(self) -> Sequence[tuple[Row, Line]]:
        """Reminders that went out, or may have, with their messages, in that order."""
        out = [(row, row.reminder.message or 0) for row in self.rows if row.state in OUT]
        found = [(row, self.lines[message]) for row, message in out if message in self.lines]
        return sorted(found, key=lambda pair: pair[1].n)

    @cached_property
    def by_present_settings(self) -> Sequence[tuple[Row, Line]]:
        """Those whose gate asked the settings that still hold."""
        return [(row, line) for row, line in self.out if self._is_unsaved_since(line.at)]

    @cached_property
    def is_planned_anew(self) -> bool:
        """Whether the chat's row goes by the settings of today; the sweep sees to that soon."""
        return self.plan is None or (
            self.cached is not None and self.cached.version == self.plan.version
        )

    def step(self, name: str) -> Step | None:
        """The step with that id, if the employee has it today."""
        steps = self.plan.chain.steps if self.plan is not None else ()
        return next((step for step in steps if step.id == name), None)

    def client_before(self, line: Line) -> Line | None:
        """The client's last message before that one."""
        return next((each for each in reversed(self.clients) if each.n < line.n), None)

    @cached_property
    def reminders(self) -> Sequence[Line]:
        """Messages of ours that did not fail."""
        ours = (line for line in self.talk.lines if line.plugin == NAME)
        return [line for line in ours if line.delivery is not Delivery.FAILED]

    def _is_unsaved_since(self, at: datetime) -> bool:
        saved_at = self.plan.chain.saved_at if self.plan is not None else at
        return saved_at is None or saved_at + self.audit.clock < at
