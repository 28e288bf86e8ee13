"""Operations that make one chat quiet, or let it be reminded again."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from bot.api import Asked, Call, Nothing, Operation, Operations, ProblemError, Scope, When
from plugins.followup.api.shapes import NO_CHAT, ChatKey
from plugins.followup.api.states import ChatState
from plugins.followup.dashboard.conversation import Talk, talk_of
from plugins.followup.model import LONGEST_DELAY
from plugins.followup.ports import Ports
from plugins.followup.quieting import Quieting, quieted

_NEVER_WROTE: Final = "The client never wrote, so there is no reminder to keep back."


class Snooze(Asked):
    """No reminder before that moment, which is to come, and at most ten years away."""

    until: When


@dataclass(frozen=True, slots=True)
class QuietApi:
    """The same as the buttons of a conversation."""

    ports: Ports

    def operations(self) -> Operations:
        """All of them."""
        return (
            _operation("mute", "No reminders, until it is taken back.", self.mute),
            _operation("unmute", "Neither muted nor snoozed any more.", self.unmute),
            _operation("snooze", "No reminders before a moment.", self.snooze, Snooze),
            _operation("never", "No reminders for this client, ever.", self.never),
            _operation("allow", "Reminders are allowed, whoever had said no.", self.allow),
        )

    async def mute(self, call: Call[ChatKey, Nothing]) -> ChatState:
        """Whatever the client writes."""
        return await self._done(call.params.chat, Quieting(call.caller.by, "mute"))

    async def unmute(self, call: Call[ChatKey, Nothing]) -> ChatState:
        """The wait that was left goes on."""
        return await self._done(call.params.chat, Quieting(call.caller.by, "unmute"))

    async def snooze(self, call: Call[ChatKey, Snooze]) -> ChatState:
        """Whatever the client writes until then."""
        until, now = call.body.until, self.ports.runtime.clock.now()
        if not now < until <= now + LONGEST_DELAY:
            told = "is over already" if until <= now else "is more than ten years away"
            raise ProblemError(422, "That is no moment to wait for.", [("until", told)])
        return await self._done(call.params.chat, Quieting(call.caller.by, "snooze", until))

    async def never(self, call: Call[ChatKey, Nothing]) -> ChatState:
        """As if the client had said so."""
        return await self._done(call.params.chat, Quieting(call.caller.by, "never"))

    async def allow(self, call: Call[ChatKey, Nothing]) -> ChatState:
        """The next one waits its whole delay."""
        return await self._done(call.params.chat, Quieting(call.caller.by, "allow"))

    async def _done(self, chat: int, wish: Quieting) -> ChatState:
        talk = await self._talk(chat)
        if not await quieted(self.ports, talk.chat.id, wish):
            raise ProblemError(409, _NEVER_WROTE)
        return ChatState.of(self.ports, await self._talk(talk.chat.id))

    async def _talk(self, key: int) -> Talk:
        talk = await talk_of(self.ports, key)
        if talk is None:
            raise ProblemError(404, NO_CHAT)
        return talk


def _operation(
    action: str,
    summary: str,
    handler: Callable[[Call[ChatKey, Any]], Awaitable[ChatState]],
    body: type[Asked] = Nothing,
) -> Operation[Any, Any]:
    return Operation(
        f"chats_{action}",
        "POST",
        f"/chats/{{chat}}/{action}",
        Scope.CHATS,
        f"{summary} Twice is like once.",
        ChatKey,
        body,
        ChatState,
        handler,
        refusals={404: NO_CHAT, 409: _NEVER_WROTE},
    )
