"""`python -m tests.e2e.dashboard.numbers_picture`: makes docs/images/dashboard-numbers.png anew."""

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import async_playwright

from bot.testing import FakeClock, FakeJobs, FakeModel
from plugins.followup.lots import variant
from plugins.followup.model import Step, delay_of
from tests.e2e.chromium import ensure
from tests.e2e.conftest import FLAGS, bound, serving
from tests.story.words import say, settings_of
from tests.story.world import World

IMAGE = Path(__file__).parents[3] / "docs" / "images" / "dashboard-numbers.png"
_ASK, _HOLD = "Ask whether the quote was clear.", "Offer to hold the bike until Friday."
_STEPS = [
    {"id": "s1", "delay": "2h", "instruction": _ASK, "instruction_b": _HOLD},
    {"id": "s2", "delay": "20h", "instruction": "Say good-bye, leave the door open."},
]
_STEP = Step("s1", delay_of("2h"), _ASK, instruction_b=_HOLD)


async def main() -> None:
    """Two weeks of a shop whose clients like one of two instructions better."""
    with tempfile.TemporaryDirectory() as folder:
        followup = {"steps": _STEPS, "hold_out": 20}
        world = World(
            settings_of(None, timezone="Europe/Berlin", followup=followup),
            f"sqlite:///{folder}/shop.db",
            FakeClock(),
            FakeJobs(),
            FakeModel([say("Was the quote clear?")]),
        )
        await world.boot()
        await _weeks(world)
        async with serving(world.app.web, bound()) as address, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=ensure(), args=FLAGS)
            size = {"width": 1000, "height": 640}
            context = await browser.new_context(timezone_id="Europe/Berlin", viewport=size)
            page = await context.new_page()
            await page.goto(f"{address}/followup/numbers?days=30")
            await page.screenshot(path=IMAGE, full_page=True)
            await browser.close()
        await world.app.close()


async def _weeks(world: World) -> None:
    count = 0
    for day in range(14):
        new = range(count + 1, count + 13 + day * 7 % 9)
        count = new[-1]
        for n in new:
            await world.client(who=f"c{n}", name=f"Client {n}")
        await world.wait("2h30m")
        reminded = {ref.address for ref, message in world.sender.sent if message.plugin}
        for n in new:
            likely = 2 if variant(_STEP, n) == variant(_STEP, 1) else 4
            if f"c{n}" in reminded and n % likely == 0:
                await world.client("Yes, it was!", who=f"c{n}")
        await world.wait("21h30m")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
