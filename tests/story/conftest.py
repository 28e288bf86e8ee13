"""Makes worlds, closes them, and sees to it that no job failed unnoticed."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest

from bot.testing import MONDAY, FakeClock, FakeJobs, FakeModel
from bot.web.status_page import Look
from config.settings import Settings
from tests.story.browsing import Browsing
from tests.story.filling import Person, Visits
from tests.story.words import settings_of
from tests.story.world import World


class Worlds:
    """Call it for a world. `faults` may be set to the number of tracebacks that a test expects."""

    def __init__(self, folder: Path, tables: Path) -> None:
        self.faults = 0
        self.made: list[World] = []
        self._folder = folder
        self._tables = tables

    async def __call__(
        self,
        chain: Sequence[dict[str, Any]] | None,
        *,
        start: datetime = MONDAY,
        model: FakeModel | None = None,
        jobs: FakeJobs | None = None,
        look: Look | None = None,
        **anna: Any,
    ) -> World:
        path = self._folder / f"{len(self.made)}.db"
        copyfile(self._tables, path)
        clock = FakeClock(start)
        world = World(
            settings_of(chain, **anna), f"sqlite:///{path}", clock, jobs or FakeJobs(), model
        )
        world.look = look
        await world.boot()
        self.made.append(world)
        return world


ANY_TEST = "Task was destroyed but it is pending"
"""Told when garbage is collected, which may be in any later test than the one that left it."""


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all tables and nobody in it, to copy: migrating takes a while."""
    path = tmp_path_factory.mktemp("tables") / "empty.db"
    nobody = World(Settings(), f"sqlite:///{path}", FakeClock(), FakeJobs(), model=None)

    async def make() -> None:
        await nobody.boot()
        await nobody.app.close()

    asyncio.run(make())
    return path


@pytest.fixture
async def world(
    tmp_path: Path, tables: Path, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Worlds]:
    worlds = Worlds(tmp_path, tables)
    yield worlds
    for each in worlds.made:
        await each.app.close()
    errors = [r.getMessage() for r in caplog.get_records("call") if r.levelno >= logging.ERROR]
    faults = [error for error in errors if not error.startswith(ANY_TEST)]
    assert len(faults) == worlds.faults, faults


@pytest.fixture
async def visits() -> AsyncIterator[Visits]:
    """Opens a browser on the address of a page with a form."""
    browsers: list[Browsing] = []

    def visit(w: World, path: str) -> Person:
        browsers.append(Browsing(w.app.web))
        return Person(browsers[-1], path)

    yield visit
    for browser in browsers:
        await browser.__aexit__(None, None, None)
