"""What channels bring and what they are given, as shapes: one account on one network each."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.errors import ChannelError
from bot.model import Arrival, Chat, ChatRef, Incoming, Message, Rate, Receipt, Screen


class Sender(Protocol):
    """Sends by one channel account, from any process, without an incoming event."""

    async def send(self, chat: Chat, message: Message) -> str | None:
        """Send, and give the channel's own id of it if there is one.

        Raises ChannelError (surely not sent) or UnknownDeliveryError (perhaps sent).
        """
        ...

    async def was_sent(self, chat: Chat, message: Message) -> bool | None:
        """Whether a message with unknown fate arrived; None where the channel cannot tell."""
        ...

    def is_open(self, chat: Chat, at: datetime) -> bool:
        """Whether the network lets us write there then, be it by an approved template."""
        ...


class Typist(Protocol):
    """Shows the client that an answer is on its way."""

    async def typing(self, chat: Chat) -> None:
        """Show it for some five seconds; called again as long as it takes. Raises ChannelError."""
        ...


class Console(Protocol):
    """Talks to admins in their own chats, by one channel account."""

    async def show(self, ref: ChatRef, screen: Screen, edits: str | None) -> None:
        """Show it, in place of the message with the id `edits` if there is one.

        Raises ChannelError or UnknownDeliveryError.
        """
        ...

    def address(self, admin: str) -> str:
        """The address of an admin's own chat, by their id in the settings."""
        ...


class Receiver(Protocol):
    """Takes what was said in a chat. Returns after the commit: then it may be acknowledged."""

    async def receive(self, incoming: Incoming) -> Receipt:
        """Store a message once per chat and id; the employee's answer comes later.

        Raises NoChatError if there is no such chat and the message is to open none.
        """
        ...

    async def open(self, ref: ChatRef, name: str | None = None) -> Chat:
        """The chat at that address, made when there is none."""
        ...

    async def move(self, ref: ChatRef, address: str) -> None:
        """The network moved the chat to another address."""
        ...


class Desk(Protocol):
    """Takes commands from admins."""

    async def take(self, incoming: Incoming, edits: str | None = None) -> bool:
        """Whether this is a known command of an admin: it is done soon, and no client's message.

        The same id again does nothing. `edits` is the id of the screen whose button was pressed.
        """
        ...


class Reports(Protocol):
    """Takes what a network tells later, in any order and any number of times."""

    async def arrived(self, account: str, message: int, arrival: Arrival) -> None:
        """One of the account's outgoing messages reached the client's device, or was read."""
        ...

    async def refused(self, account: str, message: int, error: ChannelError) -> None:
        """It was accepted first, and not delivered after all."""
        ...

    async def unreachable(self, ref: ChatRef, at: datetime) -> None:
        """The client blocked us, or is gone."""
        ...


class Listener(Protocol):
    """Brings in what is said on one channel account, for as long as the process runs."""

    async def listen(self, receiver: Receiver) -> None:
        """Run until cancelled; acknowledge to the network only what `receive` returned."""
        ...


class Throttle(Protocol):
    """Keeps the networks' limits, for all processes together."""

    async def slot(self, door: str, chat: Chat, rates: Sequence[Rate]) -> timedelta:
        """Pass that door now: zero. Otherwise how long to wait and ask again.

        Each door has the limits for itself.
        """
        ...

    async def hold(self, account: str, wait: timedelta) -> None:
        """The network asked to wait: nobody gets a slot of that account until then."""
        ...

    async def held(self, account: str) -> timedelta:
        """How long the network still wants us to wait; mostly zero."""
        ...
