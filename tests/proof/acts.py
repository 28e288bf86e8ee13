"""What a network does of its own accord, as one act in which nobody else has a turn."""

from datetime import datetime, timedelta

from bot.errors import ChannelError
from bot.model import Arrival, Author, ChatRef
from plugins.followup.quieting import Quieting, quieted
from tests.proof.system import System, incoming


def refuse(system: System, message: int, error: ChannelError) -> None:
    row = system.law.books.messages[message]
    if row["arrival"] is None:
        system.law.refused(message)
    system.stage.do(system.app.reports.refused("site", message, error))


def arrive(system: System, message: int, arrival: Arrival = Arrival.DELIVERED) -> None:
    system.stage.do(system.app.reports.arrived("site", message, arrival))


def block(system: System, who: str, at: datetime) -> None:
    system.stage.do(system.app.reports.unreachable(ChatRef("site", who), at))


def opt(system: System, who: str, *, out: bool) -> None:
    """The network's own word, for no more messages or for taking that back."""
    if not out:
        mine = [row["id"] for row in system.law.books.chats.values() if row["address"] == who]
        for chat in mine:
            system.law.freed(chat)
    at = system.clock.now()
    said = incoming(who, Author.CLIENT, f"{who} {out} {len(system.law.books.messages)} {at}", at)
    system.opted(said, out=out)


def quiet(system: System, chat: int, action: str) -> None:
    """A manager's word on one chat; that too is one act."""
    if action in {"unmute", "allow"}:
        system.law.freed(chat)
    ports = system.app.plugins[0].ports  # type: ignore[attr-defined]  # followup's own
    system.stage.do(quieted(ports, chat, Quieting("mia", action)))


# The same for scenarios: of chat 1, and of what was sent last, be it an answer or a reminder.


def refused_later(system: System) -> None:
    for _, message in system.channel.sent[-1:]:
        refuse(system, message.id, ChannelError("undelivered"))


def arrived(system: System) -> None:
    for _, message in system.channel.sent[-1:]:
        arrive(system, message.id)


def blocked(system: System) -> None:
    block(system, "c1", system.clock.now())


def stop(system: System) -> None:
    opt(system, "c1", out=True)


def mute(system: System) -> None:
    quiet(system, 1, "mute")


def unmute(system: System) -> None:
    quiet(system, 1, "unmute")


def window_closes(system: System) -> None:
    system.channel.window = timedelta(hours=1)
