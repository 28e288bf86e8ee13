"""`python -m tests.e2e.dashboard.pictures`: makes docs/images/dashboard-*.png anew."""

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import async_playwright

from bot.errors import ChatUnreachableError, UnknownDeliveryError
from bot.testing import FakeClock, FakeJobs, FakeModel
from tests.e2e.chromium import ensure
from tests.e2e.conftest import FLAGS, bound, serving
from tests.story.words import say, settings_of, verdict, weekdays
from tests.story.world import World

IMAGES = Path(__file__).parents[3] / "docs" / "images"
PICTURES = {
    "list": ("/followup", {}),
    "search": ("/followup?q=an", {"color_scheme": "dark"}),
    "attention": ("/followup?view=attention", {}),
    "chats": ("/chats", {}),
    "conversation": ("/followup/chats/1", {}),
    "phone": ("/followup", {"viewport": {"width": 390, "height": 720}}),
}
_STEPS = [
    {"id": "s1", "delay": "4h", "instruction": "Ask whether the quote was clear."},
    {"id": "s2", "delay": "24h", "instruction": "Offer to hold the bike until Friday."},
    {"id": "s3", "delay": "48h", "instruction": "Say good-bye, leave the door open.", "once": True},
]
_CLIENTS = (
    "Grace Hopper",
    "Иван Петров",
    "José O'Neill",
    "Jürgen Groß",
    "محمد علي",
    "Zoë Fell",
    None,
)


async def main() -> None:
    """A shop in the middle of its week, one picture of each page."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(
            settings_of(_STEPS, working_hours=weekdays("09:00-18:00"), timezone="Europe/Berlin"),
            f"sqlite:///{folder}/shop.db",
            FakeClock(),
            FakeJobs(),
            FakeModel(
                [
                    say("Hi Grace! Was the quote for the e-bike clear, or shall I explain a line?"),
                    verdict("skip", "concluded"),
                    say("Shall we keep the blue one for you?"),
                ],
                ["Yes, we do! A new battery for your model is 380 € and takes two days."],
            ),
        )
        await world.boot()
        await _week(world)
        async with serving(world.app.web, bound()) as address, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=ensure(), args=FLAGS)
            for name, (path, options) in PICTURES.items():
                given = {"viewport": {"width": 1000, "height": 640}, **options}
                context = await browser.new_context(timezone_id="Europe/Berlin", **given)
                page = await context.new_page()
                await page.goto(address + path)
                await page.locator("#live").wait_for()
                await page.screenshot(path=IMAGES / f"dashboard-{name}.png", full_page=True)
                await context.close()
            await browser.close()
        await world.app.close()


async def _week(world: World) -> None:
    await world.client("Do you have a battery for my e-bike?", who="c0", name=_CLIENTS[0])
    await world.wait("4h5m")
    for n, name in enumerate(_CLIENTS[1:], 1):
        await world.client("Hello, is the blue one still there?", who=f"c{n}", name=name)
        await world.wait("7m")
    world.sender.after.append(UnknownDeliveryError("no answer came"))
    world.sender.before.append(ChatUnreachableError("blocked"))
    await world.wait("25h")
    await world.client("And in red?", who="c5")
    await world.receive("Is anybody there?", who="c9", name="Ada Byron")
    world.pass_by("15m")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
