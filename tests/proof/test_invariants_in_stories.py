"""Odd turns of a story after which every promise is still kept."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.audit import Delivered
from bot.doctor import violations_of
from bot.errors import ModelError
from bot.testing import FakeClock, FakeJobs, FakeModel
from bot.worker import run_job
from tests.story.words import sayings, settings_of, steps
from tests.story.world import Killed, World


async def dies() -> None:
    raise Killed


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Anna reminds twice; her model says what a test wants."""
    url = f"sqlite:///{tmp_path}/story.db"
    made = World(settings_of(steps("4h", "4h")), url, FakeClock(), FakeJobs(), FakeModel(sayings()))
    await made.boot()
    yield made
    await made.app.close()


async def broken(world: World) -> Sequence[Any]:
    log = [Delivered(ref, message.id) for ref, message in world.sender.sent]
    return await violations_of(world.app, log)


async def test_a_reminder_that_died_in_a_worker_and_came_too_late_is_claimed_no_more(
    world: World,
) -> None:
    assert world.model is not None
    await world.client()
    world.model.meanwhile.append(dies)
    with pytest.raises(Killed):
        await world.wait("5h")
    world.pass_by("3d")

    await run_job(world.app, "followup", 1)

    assert await world.states() == ["s1 skipped too_late"]
    assert await broken(world) == []


async def test_a_reply_that_the_plugin_was_not_told_of_leaves_no_reminder_open(
    world: World,
) -> None:
    assert world.model is not None
    await world.client()
    world.model.structured.appendleft(ModelError("no"))
    await world.wait("4h")
    plugins, world.app.hooks.plugins = world.app.plugins, []
    await world.receive("Hello?")
    world.app.hooks.plugins = plugins

    await world.wait("1h")

    assert await world.states() == ["s1 cancelled client_replied"]
    assert await broken(world) == []


async def test_such_a_reply_during_the_composing_leaves_none_open_either(world: World) -> None:
    assert world.model is not None
    await world.client()

    async def writes() -> None:
        plugins, world.app.hooks.plugins = world.app.plugins, []
        await world.receive("Hello?")
        world.app.hooks.plugins = plugins

    world.model.meanwhile.append(writes)

    await world.wait("5h")

    assert await world.states() == ["s1 cancelled client_replied"]
    assert await broken(world) == []
