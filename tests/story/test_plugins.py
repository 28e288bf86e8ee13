"""A plugin that fails takes nothing else with it."""

from collections.abc import Sequence
from typing import ClassVar

import pytest
from sqlalchemy import text

from bot.model import Chat, Message
from bot.plugin import Plugin
from bot.ports import Transaction
from tests.story.conftest import Worlds
from tests.story.words import steps
from tests.story.world import World


class Clumsy(Plugin):
    """Writes something, plans something, and falls over."""

    name: ClassVar[str] = "clumsy"

    def __init__(self) -> None:
        self.told: list[str] = []

    async def client_wrote(self, tx: Transaction, chat: Chat, message: Message) -> None:
        tx.after_commit(lambda: self.told.append("committed"))
        await tx.connection.execute(text("UPDATE messages SET text = 'spoilt'"))
        raise RuntimeError("a bug")

    async def employee_wrote(self, tx: Transaction, chat: Chat, message: Message) -> None:
        self.told.append(f"employee: {message.n}")


def with_plugins(w: World, plugins: Sequence[Plugin]) -> None:
    w.app.hooks.plugins = plugins


@pytest.mark.parametrize("order", [1, -1])
async def test_a_plugin_that_fails_is_undone_alone(world: Worlds, order: int) -> None:
    w = await world(steps("4h"))
    clumsy, followup = Clumsy(), w.app.plugins[0]
    with_plugins(w, [clumsy, followup][::order])
    world.faults = 1

    await w.client("Hello")
    await w.wait("5h")

    assert (await w.texts())[0] == "client: Hello"
    assert await w.reminders() == ["+4h s1"]
    assert clumsy.told == ["employee: 2"]


async def test_a_reply_that_the_followups_were_not_told_of_still_cancels_the_reminder(
    world: Worlds,
) -> None:
    w = await world(steps("4h", "4h"))
    await w.client()
    await w.wait("1h")
    followup = w.app.plugins[0]

    with_plugins(w, [])
    await w.receive("Hello?")
    with_plugins(w, [followup])
    await w.wait("4h")

    assert await w.reminders() == []


async def test_a_pause_that_the_followups_were_not_told_of_still_holds_the_reminder(
    world: Worlds,
) -> None:
    w = await world(steps("4h"))
    await w.client()
    followup = w.app.plugins[0]

    with_plugins(w, [])
    await w.pause()
    with_plugins(w, [followup])
    await w.wait("1d")

    assert await w.reminders() == []
    assert await w.why() == "human_active"
