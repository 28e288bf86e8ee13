"""The application behind a real server, on a moved clock, for browsers."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.testing import FakeClock, FakeJobs, FakeModel
from bot.web.status_page import Look
from tests.e2e.conftest import bound, serving
from tests.story.words import settings_of
from tests.story.world import World


@asynccontextmanager
async def shop(
    folder: Path,
    chain: Sequence[dict[str, Any]],
    *,
    look: Look | None = None,
    model: FakeModel | None = None,
    **anna: Any,
) -> AsyncIterator[tuple[World, str]]:
    """A world of stories, and the address where its pages are served."""
    url = f"sqlite:///{folder / 'shop.db'}"
    world = World(settings_of(chain, **anna), url, FakeClock(), FakeJobs(), model)
    world.look = look
    await world.boot()
    try:
        async with serving(world.app.web, bound()) as base:
            yield world, base
    finally:
        await world.app.close()
