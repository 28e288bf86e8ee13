"""How a chat stands, as programs get it."""

from pydantic import Field

from bot.api import Told, When
from plugins.followup.api.shapes import ChatTold, Step, Why
from plugins.followup.dashboard.conversation import NEVER_WROTE, Next, Talk, next_of
from plugins.followup.model import OptedBy, Reason
from plugins.followup.ports import Ports, Record
from plugins.followup.words import why_none


class Upcoming(Told):
    """The reminder that comes next, by the rules, and what it waits for."""

    step: Step
    due_at: When
    at_opening: bool
    reason: Why


class Quiet(Told):
    """Whose wish for no reminders holds in this chat; all null: nobody's."""

    muted_since: When | None
    snoozed_until: When | None
    never_by: OptedBy | None = Field(description="Who wants no reminders there, ever.")

    @classmethod
    def of(cls, ports: Ports, record: Record | None) -> "Quiet | None":
        """As the page tells it; nothing of a chat whose client never wrote."""
        if record is None:
            return None
        silence, now = record.silence, ports.runtime.clock.now()
        until = silence.snoozed_until
        by = silence.opted_by or OptedBy.CLIENT
        return cls(
            muted_since=silence.muted_since,
            snoozed_until=until if until is not None and until > now else None,
            never_by=by if silence.opted_out else None,
        )


class ChatState(Told):
    """How a chat stands; without a `next`, `waiting` says why there is none."""

    chat: ChatTold
    quiet: Quiet | None = Field(description="Null: the client never wrote.")
    next: Upcoming | None
    waiting: str | None
    reason: Reason | None = Field(description="The reason of the closed list, if `next` is null.")

    @classmethod
    def of(cls, ports: Ports, talk: Talk) -> "ChatState":
        """As the rules say now."""
        told = ChatTold.of(talk.chat, talk.employee.name)
        quiet, found = Quiet.of(ports, talk.record), next_of(ports, talk)
        if isinstance(found, Next):
            upcoming = Upcoming(
                step=Step.named(found.reminder),
                due_at=found.at,
                at_opening=found.opens,
                reason=Why.waiting(found.reason, found.wait),
            )
            return cls(chat=told, quiet=quiet, next=upcoming, waiting=None, reason=None)
        if found is None:
            return cls(chat=told, quiet=quiet, next=None, waiting=NEVER_WROTE, reason=None)
        waiting = why_none(found)
        return cls(chat=told, quiet=quiet, next=None, waiting=waiting, reason=found.reason)
