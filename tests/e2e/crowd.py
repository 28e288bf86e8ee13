"""A shop after a busy week: a chat of every kind, for pictures and for whoever looks at pages."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.errors import (
    BotError,
    ChannelBusyError,
    ChannelError,
    ChatUnreachableError,
    ModelError,
    UnknownDeliveryError,
    WindowClosedError,
)
from bot.model import Chat, ChatRef, Incoming, Message
from bot.ports import Reply
from bot.testing import FakeClock, FakeJobs, FakeModel, FakeSender
from config.settings import Settings
from tests.story.words import BERLIN, say, verdict, weekdays
from tests.story.world import World

STEPS = [
    {"id": "s1", "delay": "4h", "instruction": "Ask whether the quote was clear."},
    {"id": "s2", "delay": "24h", "instruction": "Offer to hold the bike until Friday."},
    {"id": "s3", "delay": "48h", "instruction": "Say good-bye, leave the door open.", "once": True},
]
CLIENTS: Sequence[str | None] = (
    *("Grace Hopper", "Иван Петров", "José O'Neill", "Jürgen Groß", "محمد علي", "Zoë Fell"),
    None,
)
_BUSY = ChannelBusyError(timedelta(minutes=1))
TROUBLES: Mapping[str, tuple[str, Sequence[BotError]]] = {
    "t0": ("Uncertain Una", [UnknownDeliveryError("no answer came")]),
    "t1": ("Unreachable Uri", [ChatUnreachableError("blocked")]),
    "t2": ("Window Wanda", [WindowClosedError("24 h are over")]),
    "t3": ("Busy Bella", [_BUSY] * 4),
    "t4": ("Channel Charlie", [ChannelError("63049")] * 4),
}
"""Clients, and what the channel says to their reminders."""
_GOODBYE = "Say good-bye"
_LATER = ("Offer to hold the bike", "And in red?")
_QUICK = "Wait, let me look whether I have it"
_DROPPED = "And this one, with a model that fails?"
_DOWN = ModelError("no model there (APIConnectionError)")


def crowd(folder: Path) -> World:
    """The world, before anything happened in it."""
    anna = {
        "name": "Anna",
        "persona": "Friendly bike-shop assistant; short sentences.",
        "timezone": BERLIN,
        "working_hours": {**weekdays("09:00-13:00", "14:00-18:00"), "sat": ["22:00-02:00"]},
        "special_days": {"2026-12-25": []},
        "followup": {"enabled": True, "steps": STEPS},
    }
    # Somebody whose hours never open: his chats wait in vain, and the page says so.
    carl = {
        "name": "Carl",
        "persona": "Sells parts.",
        "working_hours": {"mon": []},
        "followup": {"enabled": True, "steps": STEPS[:1]},
    }
    settings = Settings(
        employees={"anna": anna, "carl": carl},
        channels={
            "site": {"kind": "web", "employee": "anna"},
            "other": {"kind": "web", "employee": "carl"},
        },
    )
    model = Tired(
        [
            say("Hi Grace! Was the quote for the e-bike clear, or shall I explain a line?"),
            verdict("skip", "concluded"),
            say("Shall we keep the blue one for you?"),
        ],
        ["Yes, we do! A new battery for your model is 380 € and takes two days."],
    )
    url = f"sqlite:///{folder}/shop.db"
    return World(settings, url, FakeClock(), FakeJobs(), model, Moody())


async def busy_week(world: World) -> None:
    """Clients who wait, one of every trouble, one with a colleague, one who writes back."""
    assert isinstance(world.model, Tired)
    await world.client("Do you have a battery for my e-bike?", who="c0", name=CLIENTS[0])
    await world.wait("4h5m")
    for n, name in enumerate(CLIENTS[1:], 1):
        await world.client("Hello, is the blue one still there?", who=f"c{n}", name=name)
        await world.wait("7m")
    await world.wait("25h")
    await world.client("And in red?", who="c5")
    for who, (name, _) in TROUBLES.items():
        await world.client("Is it still there?", who=who, name=name)
    await world.client(_QUICK, who="quick", name="Quick Quinn")
    world.model.overtaken.append(lambda: world.receive("I have found it", who="quick"))
    await world.client(_DROPPED, who="model", name="Model Mia")
    await world.wait("22h")
    await world.client("May I talk to a human?", who="human", name="Kim Held")
    await world.pause("human")
    await world.app.inbox.receive(_other(world, "Have you a chain?"))
    await world.run()
    await world.receive("Is anybody there?", who="c9", name="Ada Byron")
    world.pass_by("15m")


class Moody(FakeSender):
    """Takes every answer, and refuses the reminders of those who have trouble."""

    def __init__(self) -> None:
        super().__init__()
        self.moods = {who: list(errors) for who, (_, errors) in TROUBLES.items()}

    async def send(self, chat: Chat, message: Message) -> str | None:
        if message.plugin and self.moods.get(chat.ref.address):
            raise self.moods[chat.ref.address].pop(0)
        return await super().send(chat, message)


class Tired(FakeModel):
    """Composes no reminder for one of the chats; another client writes meanwhile."""

    def __init__(self, structured: Sequence[str], answers: Sequence[str]) -> None:
        super().__init__(structured, answers)
        self.overtaken: list[Callable[[], Awaitable[object]]] = []

    async def complete(
        self, messages: Sequence[tuple[str, str]], schema: dict[str, object] | None = None
    ) -> Reply:
        if schema is not None and any(_DROPPED in text for _, text in messages):
            raise _DOWN
        if schema is not None and self.overtaken and _QUICK in messages[-1][1]:
            await self.overtaken.pop()()
        # Nobody says the same thing twice: the copy guard would not let it through.
        if schema is not None and _GOODBYE in messages[-1][1]:
            return Reply(say("I wish you a good ride, whatever you choose. Anna"), tokens=42)
        if (
            schema is not None
            and len(self.structured) == 1
            and any(each in messages[-1][1] for each in _LATER)
        ):
            return Reply(say("I can hold it until Friday, if that helps you to decide."), tokens=42)
        return await super().complete(messages, schema)


def _other(world: World, text: str) -> Incoming:
    incoming = world.incoming(text, who="x", name="Never Nina")
    return replace(incoming, ref=ChatRef("other", "x"))
