"""Whatever an admin types gives a screen, and nothing ever raises."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.testing import MONDAY, FakeClock, FakeJobs, FakeModel
from plugins.followup.commands.request import WORDS
from plugins.followup.on_command import WAYS
from tests.story.admin import Admin, with_bert
from tests.story.words import say, settings_of, steps
from tests.story.world import World

PIECES = (
    *WORDS,
    *("anna", "bert", "Bert Best", "1", "2", "3", "0", "-1", "#", "#19ff1c", "9" * 30, "²", "٣"),
    *("4h", "4 hours", "after 2 days", "90 min", "0h", "4h30", "9" * 12 + "d", "1.5h", "d", "h"),
    *("yes", "on", "to", "page", "chat", "visitor", "step", "kim", "%", "_", "\\", "'", '"', "--"),
    *("Ask whether it fits.", "Hello!", "\0", "\ud800", "\n", "\u2028", "🚲", "x" * 5000),
)
typed = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=7).map(" ".join)


@pytest.fixture(scope="module")
def admin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Admin, asyncio.Runner]]:
    """Two employees, two chats, and everything that was typed before."""
    path = tmp_path_factory.mktemp("random") / "world.db"
    model = FakeModel([say()])
    chain = settings_of(steps("4h", "24h", "48h"))
    w = World(chain, f"sqlite:///{path}", FakeClock(MONDAY), FakeJobs(), model)

    async def begin(path: Path) -> None:
        await w.boot()
        await with_bert(w)
        await w.client(name="Kim")
        await w.client(who="c2", name="Kimberly")

    with asyncio.Runner() as runner:
        runner.run(begin(path))
        yield Admin(w), runner
        runner.run(w.app.close())


def test_every_word_has_its_way() -> None:
    assert set(WAYS) == set(WORDS)


@settings(
    max_examples=400,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(typed, st.sampled_from(("", "/followup ", "/followup@some_bot ")))
def test_any_text_gives_a_screen(
    admin: tuple[Admin, asyncio.Runner], typed: str, slash: str
) -> None:
    one, runner = admin

    screen = runner.run(one.sees(slash + typed))

    assert screen.text
