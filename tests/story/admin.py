"""An admin of a story: types commands, presses buttons, and reads what they are shown."""

import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.app import people_of
from bot.model import ChatRef, Command, Screen
from config.settings import Settings
from tests.story.words import steps
from tests.story.world import World

BERT: dict[str, Any] = {"name": "Bert Best", "followup": {"steps": steps("8h", "16h")}}
LONGEST_COMMAND = 64


@dataclass
class Admin:
    """Somebody with a private chat of their own."""

    world: World
    name: str = "telegram 77"
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    async def sees(self, text: str) -> Screen:
        """What a command shows; whatever it wakes runs at once."""
        plugin = next(each for each in self.world.app.plugins if each.name == "followup")
        ref, at = ChatRef("tg", "77"), self.world.clock.now()
        screen = await plugin.command(Command(next(self._ids), ref, self.name, "anna", text, at))
        assert screen is not None
        check(screen)
        await self.world.run()
        return screen

    async def reads(self, words: str) -> str:
        """The text of what it shows; the slash word is added."""
        return (await self.sees(f"/followup {words}")).text

    async def presses(self, screen: Screen, label: str) -> Screen:
        found = [each for row in screen.buttons for each in row if each.label == label]
        assert len(found) == 1, (label, labels(screen))
        return await self.sees(found[0].command)

    async def replies(self, screen: Screen, text: str) -> Screen:
        """A reply to a screen completes the command that it begins."""
        assert screen.ask is not None
        return await self.sees(f"{screen.ask} {text}")

    async def steps(self, employee: str = "anna") -> list[str]:
        """The chain as it is stored: "s1 4h once Do it."."""
        table = (await self.world.app.staff.tables())[employee]["followup"]
        return [
            " ".join(filter(None, (s["id"], s["delay"], "once" * s["once"], s["instruction"])))
            for s in table["steps"]
        ]

    async def order(self, employee: str = "anna") -> list[str]:
        return [each.split()[0] for each in await self.steps(employee)]

    async def log(self) -> list[dict[str, Any]]:
        """What the audit log has of commands, the earliest line first."""
        rows = await self.world.query(
            "SELECT * FROM changes WHERE by <> 'settings file' ORDER BY id"
        )
        return [
            {**row, "before": json.loads(row["before"]), "after": json.loads(row["after"])}
            for row in rows
        ]

    async def actions(self) -> list[str]:
        return [row["action"] for row in await self.log()]


def labels(screen: Screen) -> Sequence[str]:
    return [each.label for row in screen.buttons for each in row]


def check(screen: Screen) -> None:
    """What holds for every screen, on every network."""
    commands = [each.command for row in screen.buttons for each in row]
    assert screen.text.strip()
    assert len(screen.text) <= 2000
    assert all(row for row in screen.buttons)
    assert all(command.startswith("/followup ") for command in commands)
    assert all(len(command.encode()) <= LONGEST_COMMAND for command in commands)
    assert commands, "no way back"
    assert len(commands) <= 60
    assert screen.ask is None or screen.ask.startswith("/followup ")


async def with_bert(world: World) -> World:
    """A second employee."""
    settings = Settings(employees={"bert": BERT})
    await world.app.staff.save(people_of(settings, world.app.plugins))
    await world.run()
    return world
