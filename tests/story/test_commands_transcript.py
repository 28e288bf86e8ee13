"""docs/commands.md is a session that was really played: every answer in it is compared.

In its blocks `> text` is typed, `> [Label]` is a button of the screen before, `> … text` a reply to
it, `(Kim: text)` a client's message, and `(4h later)` lets time pass. All else is what is shown.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.model import Screen
from bot.testing import FakeModel
from tests.story.admin import Admin
from tests.story.conftest import Worlds
from tests.story.words import BERLIN, say, sayings, step, weekdays

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"
BLOCK = re.compile(r"(?<=```text\n).*?(?=```)", re.DOTALL)
CHAIN = [
    step("available", "4h", instruction="Gently remind that we're available."),
    step("offer", "24h", instruction="Offer a free check of the brakes."),
]
SAID = "Hi Kim, shall we have a look at the brakes? The check is free."


def shown(screen: Screen) -> Iterator[str]:
    yield from screen.text.splitlines()
    for row in screen.buttons:
        yield " ".join(f"[{each.label}]" for each in row)
    yield ""


@dataclass
class Session:
    """What people do is kept from the page, what they are shown is made anew."""

    admin: Admin
    last: Screen = field(default_factory=lambda: Screen(""))

    async def play(self, script: Sequence[str]) -> list[str]:
        """A block as it should be."""
        found: list[str] = []
        for line in script:
            if passed := re.fullmatch(r"\((\w+) later\)", line):
                await self.admin.world.wait(passed[1])
                found += [line, ""]
            elif said := re.fullmatch(r"\((\w+): (.*)\)", line):
                await self.admin.world.client(said[2], who=said[1], name=said[1])
                found += [line, ""]
            elif line.startswith("> "):
                self.last = await self._shown(line.removeprefix("> "))
                found += [line, *shown(self.last)]
        return found[:-1]

    async def _shown(self, typed: str) -> Screen:
        if button := re.fullmatch(r"\[(.+)\]", typed):
            return await self.admin.presses(self.last, button[1])
        if typed.startswith("… "):
            return await self.admin.replies(self.last, typed.removeprefix("… "))
        return await self.admin.sees(typed)


async def test_the_page_of_commands_is_a_session_that_was_played(
    world: Worlds, tmp_path: Path
) -> None:
    model = FakeModel([say(SAID), say(SAID), *sayings()])
    hours = weekdays("09:00-18:00")
    admin = Admin(await world(CHAIN, model=model, timezone=BERLIN, working_hours=hours))
    page = PAGE.read_text(encoding="utf-8")

    session, played = Session(admin), page
    for block in BLOCK.findall(page):
        lines = await session.play(block.splitlines())
        played = played.replace(block, "".join(f"{line}\n" for line in lines))

    (tmp_path / PAGE.name).write_text(played, encoding="utf-8")
    assert page.count("> ") > 20
    assert page == played, f"the page as it should be: {tmp_path / PAGE.name}"
