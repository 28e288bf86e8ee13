"""A plugin that admins command, for stories about commands."""

from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import ClassVar

from bot.model import Command, Screen
from bot.plugin import Plugin
from bot.testing import FakeConsole
from tests.story.world import World

ADMIN = "7"


class Clerk(Plugin):
    """Keeps what it was asked and says it back; `meanwhile` is awaited first."""

    name: ClassVar[str] = "clerk"
    commands: ClassVar[Mapping[str, str]] = {"followup": "Whatever you say"}

    def __init__(self) -> None:
        self.asked: list[Command] = []
        self.meanwhile: deque[Callable[[], Awaitable[object]]] = deque()
        self.speechless = False

    async def command(self, command: Command) -> Screen | None:
        self.asked.append(command)
        if self.meanwhile:
            await self.meanwhile.popleft()()
        return None if self.speechless else Screen(f"Done: {command.text}")


class Office:
    """A desk with one admin, on the account `site`, and who does what they say."""

    def __init__(self, w: World) -> None:
        self.clerk = Clerk()
        self.console = FakeConsole()
        self.world = w
        self.open()

    def open(self) -> None:
        """Also after a restart, which builds everything anew."""
        app = self.world.app
        app.hooks.plugins = [self.clerk, *app.hooks.plugins]
        site = app.inbox.accounts["site"]
        app.inbox.accounts["site"] = replace(site, kind="telegram", admins={ADMIN})
        app.desk.consoles["site"] = self.console

    async def admin(self, text: str = "/followup status", **more: object) -> bool:
        """The admin writes, and what runs at once runs; whether it was a command."""
        taken = await self.world.says(text, sender=ADMIN, who="boss", **more)
        await self.world.run()
        return taken

    @property
    def done(self) -> list[str]:
        return [command.text for command in self.clerk.asked]
