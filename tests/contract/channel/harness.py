"""What the contract needs of a network, to play any channel on it."""

from collections.abc import Collection, Mapping, Sequence
from enum import Enum
from typing import Protocol

from bot.api import Channel, ChannelFactory


class Fault(Enum):
    """How the network may fail at the next message."""

    AWAY = "nobody is there"
    BUSY = "asks to wait"
    BLOCKED = "the client is gone"
    REFUSED = "refuses it"
    BROKEN = "fails, whatever became of it"
    LOST = "takes it, and its answer gets lost"


class Harness(Protocol):
    """One account on a network of its own; made anew for each test."""

    factory: ChannelFactory
    options: Mapping[str, object]
    """The account's table in the settings; all of it is right."""
    faults: Collection[Fault]
    """How this network can fail at all."""
    secrets: Collection[str]
    """What must never be seen in a log."""
    admin: str | None
    """Who gives commands there, as the network calls them; none where nobody can."""

    async def begin(self, channel: Channel) -> None:
        """From now on the network brings to that channel what clients write."""
        ...

    async def write(self, who: str, text: str, name: str) -> bool:
        """A client writes, in a message with that name; whether it was acknowledged.

        What was not is brought again: the same `name` is the same message.
        """
        ...

    def address(self, who: str) -> str:
        """Where that client is reached."""
        ...

    async def forge(self, text: str) -> bool:
        """Somebody writes who is not the network; whether that was let in."""
        ...

    async def taken(self) -> Sequence[tuple[str, str]]:
        """Address and text of all that the network accepted from us."""
        ...

    async def fail(self, fault: Fault) -> None:
        """So it goes with the next message."""
        ...

    async def end(self) -> None:
        """Close what is open."""
        ...
