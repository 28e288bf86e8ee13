"""Operations of human colleagues: what they have, and what they write to clients."""

import secrets
from dataclasses import dataclass

from pydantic import Field

from bot.api import (
    Asked,
    Author,
    Call,
    Delivery,
    Nothing,
    Operation,
    Operations,
    ProblemError,
    Said,
    Scope,
    Text,
    Told,
    When,
)
from plugins.followup.api.lists import HeldTalks, Listed, Talk
from plugins.followup.api.shapes import NO_CHAT, ChatKey, wish_of
from plugins.followup.dashboard.answering import LONGEST, Refusal, answer
from plugins.followup.dashboard.conversation import talk_of
from plugins.followup.dashboard.cursor import place_in
from plugins.followup.dashboard.everybody import Everybody
from plugins.followup.ports import Ports


class Answer(Asked):
    """What a colleague writes. The same `key` again is the same message: it is sent once."""

    text: Text = Field(min_length=1, max_length=LONGEST)
    key: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_-]{16,64}$")


class Sent(Told):
    """The message as it is stored, and what is known of it."""

    n: int
    author: Author
    by: str | None
    text: str
    at: When
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class AnswersApi:
    """The same as the form of a conversation, and as the list of what colleagues have."""

    ports: Ports
    everybody: Everybody

    def operations(self) -> Operations:
        """Both of them."""
        unsent = "It was not sent; `detail` says why, and what to do."
        return (
            Operation(
                "chats_held",
                "GET",
                "/chats/held",
                Scope.READ,
                "Chats that colleagues have, the latest taken first.",
                Listed,
                Nothing,
                HeldTalks,
                self.held,
            ),
            Operation(
                "chats_answer",
                "POST",
                "/chats/{chat}/answer",
                Scope.CHATS,
                "Write to the client as a colleague, who has the chat from then on.",
                ChatKey,
                Answer,
                Sent,
                self.answer,
                status=201,
                refusals={404: NO_CHAT, 409: unsent},
            ),
        )

    async def held(self, call: Call[Listed, Nothing]) -> HeldTalks:
        """As the second view of the page of all chats."""
        wish, people = await wish_of(self.ports, call.params)
        found, more = await self.everybody.held(wish, people, place_in(call.params.after or ""))
        names = {person.id: person.name for person in people}
        return HeldTalks(chats=[Talk.of(each, names) for each in found], next=more or None)

    async def answer(self, call: Call[ChatKey, Answer]) -> Sent:
        """As the form sends it."""
        talk = await talk_of(self.ports, call.params.chat)
        if talk is None:
            raise ProblemError(404, NO_CHAT)
        key = call.body.key or secrets.token_urlsafe(16)
        said = Said(call.body.text.strip(), call.caller.by, key)
        found = await answer(self.ports.runtime, talk.chat, talk.record, said)
        if found is None:
            raise ProblemError(404, NO_CHAT)
        if isinstance(found, Refusal):
            raise ProblemError(422 if found.bad else 409, found.why, [("text", found.why)])
        return Sent(
            n=found.n,
            author=found.author,
            by=found.by,
            text=found.text,
            at=found.at,
            delivery=found.delivery,
        )
