"""Operations that list chats: those with a reminder, those to look after, and all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field

from bot.api import (
    Author,
    Call,
    Chat,
    Key,
    Message,
    Nothing,
    Operation,
    Operations,
    Scope,
    Told,
    When,
)
from plugins.followup.api.shapes import ChatTold, Cursor, Looked, Why, wish_of
from plugins.followup.dashboard.cursor import place_in
from plugins.followup.dashboard.everybody import Everybody
from plugins.followup.dashboard.queries import Trouble
from plugins.followup.dashboard.table import COUNTED, concerns, scheduled
from plugins.followup.model import Reason
from plugins.followup.ports import Ports


class Listed(Looked):
    """A page of 50; `after` is `next` of the page before."""

    after: Cursor | None = None


class Everyone(Looked):
    """A page of 50; `after` is `next` of the page before."""

    after: Key | None = None


class Row(Told):
    """A chat with a reminder: step `step` of `of`, due at that moment; why it is not sent yet."""

    chat: ChatTold
    step: int
    of: int
    due_at: When | None
    at_opening: bool = Field(description="Its delay ends while closed: it waits for the hours.")
    reason: Why


class Rows(Told):
    """The earliest due first; `total` counts up to 1000, `counted` tells whether that is all."""

    chats: Sequence[Row]
    total: int
    counted: bool
    next: str | None


class Concern(Told):
    """A chat that somebody should look at: since when, why, and what to do."""

    chat: ChatTold
    since: When
    code: Trouble | Reason
    text: str
    advice: str


class Concerns(Told):
    """The latest first."""

    chats: Sequence[Concern]
    next: str | None


class LastSaid(Told):
    """The latest message of a chat."""

    author: Author
    text: str
    at: When


class Talk(Told):
    """A chat, and what was said there last."""

    chat: ChatTold
    latest: LastSaid

    @classmethod
    def of(cls, talk: tuple[Message, Chat], names: Mapping[str, str]) -> "Talk":
        """That chat; `names` are the employees'."""
        message, chat = talk
        return cls(
            chat=ChatTold.of(chat, names.get(chat.employee, chat.employee)),
            latest=LastSaid(author=message.author, text=message.text, at=message.at),
        )


class HeldTalks(Told):
    """A page of them."""

    chats: Sequence[Talk]
    next: str | None


class Talks(Told):
    """The newest activity first; a page may be short, or empty, and still have a next one."""

    chats: Sequence[Talk]
    next: int | None


@dataclass(frozen=True, slots=True)
class ListsApi:
    """The same as the pages /followup and /chats."""

    ports: Ports
    everybody: Everybody

    def operations(self) -> Operations:
        """All of them."""
        return (
            Operation(
                "followup_scheduled",
                "GET",
                "/followup/chats",
                Scope.READ,
                "Exactly the chats with a scheduled reminder.",
                Listed,
                Nothing,
                Rows,
                self.scheduled,
            ),
            Operation(
                "followup_attention",
                "GET",
                "/followup/attention",
                Scope.READ,
                "Chats that need attention: uncertain, failed, blocked, unanswered.",
                Listed,
                Nothing,
                Concerns,
                self.attention,
            ),
            Operation(
                "chats_list",
                "GET",
                "/chats",
                Scope.READ,
                "All chats.",
                Everyone,
                Nothing,
                Talks,
                self.all,
            ),
        )

    async def scheduled(self, call: Call[Listed, Nothing]) -> Rows:
        """As the list of the page."""
        wish, people = await wish_of(self.ports, call.params)
        found = await scheduled(self.ports, wish, people, place_in(call.params.after or ""))
        rows = [
            Row(
                chat=ChatTold.of(row.chat, row.employee),
                step=row.place,
                of=row.of,
                due_at=row.at,
                at_opening=row.opens,
                reason=Why.of(row.reason)
                if row.wait is None
                else Why.waiting(row.reason, row.wait),
            )
            for row in found.rows
        ]
        total = min(found.total, COUNTED)
        return Rows(
            chats=rows, total=total, counted=found.total <= COUNTED, next=found.more or None
        )

    async def attention(self, call: Call[Listed, Nothing]) -> Concerns:
        """As the second view of the page."""
        wish, people = await wish_of(self.ports, call.params)
        found, more = await concerns(self.ports, wish, people, place_in(call.params.after or ""))
        rows = [
            Concern(
                chat=ChatTold.of(each.chat, each.employee),
                since=each.since,
                code=_code(each.code),
                text=each.why,
                advice=each.advice,
            )
            for each in found
        ]
        return Concerns(chats=rows, next=more or None)

    async def all(self, call: Call[Everyone, Nothing]) -> Talks:
        """As the page of all chats."""
        wish, people = await wish_of(self.ports, call.params)
        found, more = await self.everybody.found(wish, people, call.params.after)
        names = {person.id: person.name for person in people}
        rows = [Talk.of(each, names) for each in found]
        return Talks(chats=rows, next=more)


def _code(text: str) -> Trouble | Reason:
    return Trouble(text) if text in set(Trouble) else Reason(text)
