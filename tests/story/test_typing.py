"""The client sees that the employee is writing, for as long as the model works."""

import asyncio
from contextlib import suppress

import pytest

from bot.errors import BotError, ChannelError, UnknownDeliveryError
from bot.model import Chat
from bot.testing import FakeModel
from tests.story.conftest import Worlds
from tests.story.words import say, steps
from tests.story.world import World


class Typist:
    """Counts, and tells when it was called so often; raises what it was given."""

    def __init__(self, *faults: BotError | RuntimeError) -> None:
        self.shown = 0
        self.faults = [*faults]
        self.twice = asyncio.Event()

    async def typing(self, chat: Chat) -> None:
        self.shown += 1
        if self.shown > 1:
            self.twice.set()
        if self.faults:
            raise self.faults.pop(0)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.typing._AGAIN", 0.001)


async def typed(world: Worlds, typist: Typist, model: FakeModel) -> World:
    w = await world(steps("4h"), model=model)
    w.app.answers.typists["site"] = typist
    return w


@pytest.mark.parametrize(
    "faults",
    [(), (ChannelError("refused"),), (UnknownDeliveryError("lost"),), (ChannelError("a"),) * 2],
    ids=["well", "refused", "lost", "refused twice"],
)
async def test_typing_is_shown_again_and_again_until_the_model_is_done(
    world: Worlds, faults: tuple[BotError, ...]
) -> None:
    typist, model = Typist(*faults), FakeModel([say()])
    w = await typed(world, typist, model)
    model.meanwhile.append(typist.twice.wait)

    await w.client()

    assert typist.shown >= 2
    assert w.sender.texts == ["Hello!"]


async def test_a_typist_with_a_bug_harms_nothing(world: Worlds) -> None:
    typist, model = Typist(RuntimeError("a bug")), FakeModel([say()])
    w = await typed(world, typist, model)

    await w.client()

    assert w.sender.texts == ["Hello!"]


async def test_typing_ends_with_the_models_work(world: Worlds) -> None:
    typist, model = Typist(), FakeModel([say()])
    w = await typed(world, typist, model)
    model.meanwhile.append(typist.twice.wait)
    await w.client()
    shown = typist.shown

    typist.twice.clear()
    with suppress(TimeoutError):
        await asyncio.wait_for(typist.twice.wait(), 0.05)

    assert typist.shown == shown


async def test_no_typing_is_shown_for_reminders(world: Worlds) -> None:
    typist = Typist()
    w = await typed(world, typist, FakeModel([say()]))
    await w.client()
    shown = typist.shown

    await w.wait("5h")

    assert await w.reminders() == ["+4h s1"]
    assert typist.shown == shown
