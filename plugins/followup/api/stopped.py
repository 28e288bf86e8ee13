"""Operations on everything at once: whether it stands still, stop, and let go on."""

from dataclasses import dataclass

from pydantic import Field

from bot.api import Call, Nothing, Operation, Operations, Scope, Told, When
from plugins.followup.ports import Ports
from plugins.followup.stopping import BY_HAND, release, stop


class Standstill(Told):
    """Whether reminders of everybody are stopped: since when, and why."""

    stopped: bool
    since: When | None
    why: str | None
    breaker_set: bool = Field(description="Whether the settings let the breaker stop everything.")


@dataclass(frozen=True, slots=True)
class StoppedApi:
    """The same as the page of it."""

    ports: Ports

    def operations(self) -> Operations:
        """All of them."""
        return (
            Operation(
                "followup_stopped",
                "GET",
                "/followup/stopped",
                Scope.READ,
                "Whether all reminders are stopped, since when and why.",
                Nothing,
                Nothing,
                Standstill,
                self.read,
            ),
            Operation(
                "followup_stop",
                "POST",
                "/followup/stop",
                Scope.EMPLOYEES,
                "Stop all reminders of everybody; chats keep their place. Twice is like once.",
                Nothing,
                Nothing,
                Standstill,
                self.stop,
            ),
            Operation(
                "followup_release",
                "POST",
                "/followup/release",
                Scope.EMPLOYEES,
                "Let reminders go on, without a burst. Twice is like once.",
                Nothing,
                Nothing,
                Standstill,
                self.release,
            ),
        )

    async def read(self, call: Call[Nothing, Nothing]) -> Standstill:
        """As the page tells it."""
        return await self._told()

    async def stop(self, call: Call[Nothing, Nothing]) -> Standstill:
        """As its button does."""
        await stop(self.ports, BY_HAND, call.caller.by)
        return await self._told()

    async def release(self, call: Call[Nothing, Nothing]) -> Standstill:
        """As its other button does."""
        await release(self.ports, call.caller.by)
        return await self._told()

    async def _told(self) -> Standstill:
        async with self.ports.runtime.database.read() as connection:
            latch = await self.ports.breaker.latched(connection)
        rates = self.ports.watch.rates
        return Standstill(
            stopped=latch is not None,
            since=latch.at if latch is not None else None,
            why=latch.why if latch is not None else None,
            breaker_set=rates.rush is not None or rates.bad is not None,
        )
