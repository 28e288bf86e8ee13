"""Operations on one conversation: what was said, what comes next, and who has it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import Field
from starlette.responses import Response, StreamingResponse

from bot.api import (
    Arrival,
    Asked,
    Author,
    Call,
    Delivery,
    Erasure,
    Nothing,
    Operation,
    Operations,
    ProblemError,
    Scope,
    Text,
    Told,
    When,
)
from plugins.followup.api.shapes import NO_CHAT, ChatKey, EmployeeBrief, Step, Why
from plugins.followup.api.states import ChatState
from plugins.followup.dashboard.conversation import (
    ERRORS,
    OTHER_NAME,
    Conversation,
    Talk,
    hand_over,
    is_named,
    talk_of,
)
from plugins.followup.dashboard.export import exported
from plugins.followup.dashboard.timeline import Entry
from plugins.followup.model import State
from plugins.followup.ports import Ports

_BUSY: Final = ERRORS[Erasure.BUSY]
# As far as a chat can count its messages.
_MOST: Final = 10**9


class Line(Told):
    """A line of the timeline: a message, or (`n` is null) a reminder that never was one."""

    n: int | None
    at: When | None
    author: Author
    by: str | None = Field(description="Which colleague wrote it, if that is known.")
    text: str
    delivery: Delivery | None
    arrival: Arrival | None
    tokens: int | None
    step: Step | None = Field(description="Set for reminders.")
    state: State | None = Field(description="That of the reminder.")
    reason: Why | None

    @classmethod
    def of(cls, entry: Entry) -> "Line":
        """That line."""
        return cls(
            n=entry.n,
            at=entry.at,
            author=entry.author,
            by=entry.by or None,
            text=entry.text,
            delivery=entry.delivery,
            arrival=entry.arrival,
            tokens=entry.tokens,
            step=Step.named(entry.reminder) if entry.reminder is not None else None,
            state=entry.state,
            reason=Why.of(entry.reason) if entry.reason is not None else None,
        )


class Timeline(Told):
    """A page in the order of time, the last one first; `earlier` is `before` of the next page."""

    lines: Sequence[Line]
    earlier: int | None


class TimelineKey(ChatKey):
    """Which chat, and which page of it: the messages numbered below `before`."""

    before: Annotated[int, Field(ge=1, le=_MOST)] | None = None


class ExportedMessage(Told):
    """A message as it is stored."""

    id: int
    n: int
    author: Author
    text: str
    at: When
    delivery: Delivery
    arrival: Arrival | None
    external_id: str | None
    plugin: str | None
    tokens: int | None


class Exported(Told):
    """All that is known of a chat."""

    chat: int
    name: str | None
    account: str
    employee: EmployeeBrief
    paused_since: When | None
    silence: Mapping[str, Any] | None
    reminders: Sequence[Mapping[str, Any]]
    messages: Sequence[ExportedMessage]


class Erase(Asked):
    """The name of the chat, or its number: so that no other one is erased by mistake."""

    name: Text = Field(min_length=1, max_length=4000)


@dataclass(frozen=True, slots=True)
class ConversationsApi:
    """The same as the page of a conversation."""

    ports: Ports
    conversation: Conversation

    def operations(self) -> Operations:
        """All of them."""
        one, gone = "/chats/{chat}", {404: NO_CHAT}
        return (
            Operation(
                "chats_get",
                "GET",
                one,
                Scope.READ,
                "How a chat stands: what comes next, and why.",
                ChatKey,
                Nothing,
                ChatState,
                self.state,
                refusals=gone,
            ),
            Operation(
                "chats_timeline",
                "GET",
                f"{one}/timeline",
                Scope.READ,
                "What was said, and which reminders were not, in pages of 50 messages.",
                TimelineKey,
                Nothing,
                Timeline,
                self.timeline,
                refusals=gone,
            ),
            Operation(
                "chats_export",
                "GET",
                f"{one}/export",
                Scope.READ,
                "All that is known of a chat.",
                ChatKey,
                Nothing,
                Exported,
                self.export,
                refusals=gone,
            ),
            Operation(
                "chats_pause",
                "POST",
                f"{one}/pause",
                Scope.CHATS,
                "A colleague takes the chat: no answers, no reminders. Twice is like once.",
                ChatKey,
                Nothing,
                ChatState,
                self.pause,
                refusals=gone,
            ),
            Operation(
                "chats_resume",
                "POST",
                f"{one}/resume",
                Scope.CHATS,
                "The employee has the chat again. Twice is like once.",
                ChatKey,
                Nothing,
                ChatState,
                self.resume,
                refusals=gone,
            ),
            Operation(
                "chats_erase",
                "POST",
                f"{one}/erase",
                Scope.CHATS,
                "Delete messages, name and address for good.",
                ChatKey,
                Erase,
                None,
                self.erase,
                refusals={**gone, 409: _BUSY},
            ),
        )

    async def state(self, call: Call[ChatKey, Nothing]) -> ChatState:
        """What comes next there."""
        return ChatState.of(self.ports, await self._talk(call.params.chat))

    async def timeline(self, call: Call[TimelineKey, Nothing]) -> Timeline:
        """A page of the history."""
        talk = await self._talk(call.params.chat)
        part = await self.conversation.part(talk, call.params.before)
        return Timeline(lines=[Line.of(each) for each in part["entries"]], earlier=part["earlier"])

    async def export(self, call: Call[ChatKey, Nothing]) -> Response:
        """The same as the download of the page."""
        talk = await self._talk(call.params.chat)
        lines = exported(self.ports, talk.chat, talk.employee, talk.record)
        return StreamingResponse(lines, media_type="application/json")

    async def pause(self, call: Call[ChatKey, Nothing]) -> ChatState:
        """A human has it."""
        return await self._handed(call, "pause")

    async def resume(self, call: Call[ChatKey, Nothing]) -> ChatState:
        """The employee has it."""
        return await self._handed(call, "resume")

    async def erase(self, call: Call[ChatKey, Erase]) -> None:
        """All of it is deleted, if it is named."""
        chat = (await self._talk(call.params.chat)).chat
        if not is_named(chat, call.body.name):
            raise ProblemError(422, OTHER_NAME, [("name", "is not the name of this chat")])
        outcome = await self.ports.runtime.eraser.erase(chat.id, call.caller.by)
        if outcome is Erasure.UNKNOWN:
            raise ProblemError(404, NO_CHAT)
        if outcome is Erasure.BUSY:
            raise ProblemError(409, _BUSY)

    async def _handed(self, call: Call[ChatKey, Nothing], wish: str) -> ChatState:
        talk = await self._talk(call.params.chat)
        await hand_over(self.ports, talk.chat, call.caller.by, wish)
        return ChatState.of(self.ports, await self._talk(talk.chat.id))

    async def _talk(self, key: int) -> Talk:
        talk = await talk_of(self.ports, key)
        if talk is None:
            raise ProblemError(404, NO_CHAT)
        return talk
