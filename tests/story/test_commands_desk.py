"""/followup all the way: from what a network brings to what its console shows."""

from dataclasses import replace

import pytest

from bot.model import Author, ChatRef, Incoming
from bot.testing import FakeConsole
from tests.story.conftest import Worlds
from tests.story.words import steps
from tests.story.world import World


async def typed(w: World, text: str, *, sender: str, edits: str | None = None) -> bool:
    """Somebody writes to the account; gives whether it was a command."""
    at = w.clock.now()
    incoming = Incoming(
        ChatRef("site", f"of {sender}"), f"{sender} {text}", Author.CLIENT, text, at, sender=sender
    )
    taken = await w.app.desk.take(incoming, edits)
    if not taken:
        await w.app.inbox.receive(incoming)
    await w.run()
    return taken


@pytest.fixture
async def w(world: Worlds) -> World:
    made = await world(steps("4h", "24h"))
    site = made.app.inbox.accounts["site"]
    made.app.inbox.accounts["site"] = replace(site, kind="telegram", admins={"7"})
    made.app.desk.consoles["site"] = FakeConsole()
    await made.client(name="Kim")
    await made.wait("1h")
    return made


async def test_an_admin_hurries_a_reminder_from_their_own_chat(w: World) -> None:
    console = w.app.desk.consoles["site"]
    assert isinstance(console, FakeConsole)

    taken = await typed(w, "/followup now kim", sender="7", edits="screen-1")

    ref, screen, edits = console.shown[-1]
    assert taken
    assert (ref.address, edits) == ("of 7", "screen-1")
    assert screen.text.startswith("The next reminder goes now.")
    assert await w.reminders() == ["+1h s1"]
    assert [row["by"] for row in await w.query("SELECT * FROM changes")] == ["telegram 7"]


async def test_for_anybody_else_there_is_no_such_command(w: World) -> None:
    taken = await typed(w, "/followup now kim", sender="8")

    assert not taken
    assert await w.reminders() == []
    assert await w.query("SELECT * FROM changes") == []
    assert (await w.texts("of 8"))[0] == "client: /followup now kim"
