"""The worlds of the stories, for those who attack them."""

from collections.abc import AsyncIterator

import pytest

from bot.site import PersonRole
from tests.story.browsing import Browsing
from tests.story.conftest import tables, visits, world
from tests.story.world import World

__all__ = ["tables", "visits", "world"]

PASSWORD = "four green bicycles"  # noqa: S105  of nobody


@pytest.fixture
async def olga(shop: World) -> AsyncIterator[Browsing]:
    """An admin, so that nothing is refused before it is read; `shop` is the file's own."""
    link = f"/set-up/{await shop.app.keys.people.add('test', 'Olga', PersonRole.ADMIN)}"
    async with Browsing(shop.app.web) as browser:
        await browser.get(link)
        await browser.post(link, {"password": PASSWORD})
        yield browser
