"""Long stories at random, by seed, in which every promise is kept at every moment."""

import logging
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bot.audit import Delivered
from bot.doctor import violations_of
from bot.errors import (
    BotError,
    ChannelBusyError,
    ChannelError,
    ChatUnreachableError,
    ModelError,
    UnknownDeliveryError,
)
from bot.model import Message
from bot.testing import FakeClock, FakeJobs, FakeModel
from tests.story.words import sayings, settings_of, step, verdict, weekdays
from tests.story.world import Killed, World

CLIENTS = ("c1", "c2", "c3")
TURNS = 120
VERDICTS = (
    sayings() * 4
    + [verdict("skip", "concluded"), verdict("stop", "not_interested")]
    + [verdict("stop", "opted_out"), "no JSON at all"]
)
CHAINS = (
    [step("a", "1h"), step("b", "2h", once=True), step("c", "1h")],
    [step("c", "30m", once=True), step("a", "3h"), step("b", "10m")],
    [step("a", "20m"), step("b", "20m"), step("c", "20m"), step("d", "20m")],
)
FAULTS: tuple[BotError, ...] = (
    ChannelBusyError(timedelta(minutes=1)),
    ChannelError("away"),
    ChatUnreachableError("blocked"),
)


class Moody(FakeModel):
    """Says something else each time."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self.chance = chance

    def choose(self) -> None:
        said = self.chance.choice([*VERDICTS, *[ModelError("away")] * 4])
        self.structured.appendleft(said)
        self.answers.appendleft(self.chance.choice(["Hello!", "Yes.", ModelError("away")]))


class Story:
    """Things that happen to three clients, one after another."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self.world = world
        self.chance = chance
        world.sender.tells = self._arrived

    def _arrived(self, message: Message) -> bool | None:
        told = any(sent.id == message.id for _, sent in self.world.sender.sent)
        return self.chance.choice([None, told])

    async def turn(self) -> None:
        deeds: list[Callable[[], Awaitable[object]]] = [
            *[self.client] * 4,
            *[self.time] * 8,
            self.employee,
            self.manager,
            self.resume,
            self.resume,
            self.edit,
            *[self.fault] * 3,
            self.outage,
        ]
        assert isinstance(self.world.model, Moody)
        self.world.model.choose()
        try:
            await self.chance.choice(deeds)()
        except Killed:
            await self.restart()

    async def restart(self) -> None:
        self.world.sender.before.clear()
        self.world.sender.after.clear()
        if self.world.model is not None:
            self.world.model.meanwhile.clear()
        await self.world.restart()

    async def settle(self) -> None:
        """The troubles end, and the system has some time, with sweeps."""
        await self.restart()
        for _ in range(12):
            await self.world.wait("10m")
            await self.world.app.sweep()
            await self.world.run()

    async def client(self) -> None:
        await self.world.client(who=self.who)

    async def employee(self) -> None:
        await self.world.employee(who=self.who)

    async def manager(self) -> None:
        await self.world.manager(who=self.who)

    async def resume(self) -> None:
        for chat in await self.world.query("SELECT id FROM chats WHERE paused_since IS NOT NULL"):
            await self.world.app.runtime.handover.resume(chat["id"])
        await self.world.run()

    async def time(self) -> None:
        await self.world.wait(self.chance.choice(["1m", "20m", "1h", "3h", "9h"]))

    async def edit(self) -> None:
        hours = self.chance.choice([weekdays("09:00-18:00"), {}, {}])
        enabled = self.chance.random() < 0.8
        await self.world.save(self.chance.choice(CHAINS), enabled=enabled, working_hours=hours)

    async def fault(self) -> None:
        before, after = self.world.sender.before, self.world.sender.after
        assert self.world.model is not None
        match self.chance.randrange(5):
            case 0:
                before.append(self.chance.choice(FAULTS))
            case 1:
                after.append(UnknownDeliveryError("no answer"))
            case 2:
                self.chance.choice([before, after]).append(Killed())
            case 3:
                self.world.model.meanwhile.append(self.killed)
            case _:
                self.world.model.meanwhile.append(self.client_meanwhile)
        # Of what happens now, most is a reminder: the clients of the last turn are answered.
        await self.time()

    async def killed(self) -> None:
        raise Killed

    async def client_meanwhile(self) -> None:
        for who in CLIENTS:
            await self.world.receive("Wait!", who=who)

    async def outage(self) -> None:
        self.world.pass_by(self.chance.choice(["10m", "5h", "2d"]))
        if self.chance.random() < 0.5:
            self.world.jobs.lose()
        else:
            await self.world.restart()

    @property
    def who(self) -> str:
        return self.chance.choice(CLIENTS)


@pytest.mark.parametrize("seed", range(3))
async def test_at_every_turn_of_a_long_story_every_promise_is_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311  no secret
    chain = CHAINS[0]
    url = f"sqlite:///{tmp_path}/story.db"
    world = World(settings_of(chain), url, FakeClock(), FakeJobs(), Moody(chance))
    await world.boot()
    story = Story(world, chance)

    for _ in range(TURNS):
        await story.turn()
        log = [Delivered(ref, sent.id, sent.at) for ref, sent in world.sender.sent]
        assert await violations_of(world.app, log) == []
    await story.settle()

    assert await violations_of(world.app, patience=timedelta(minutes=5)) == []
    assert await world.query("SELECT 1 FROM followup_reminders WHERE state = 'sent'")
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    await world.app.close()
