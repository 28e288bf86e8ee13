"""Whether pages can be used by everybody: axe, nothing sideways, no complaint of the browser.

problems = await looks(browser, base, ["/followup", "/chats"], mode="phone")
assert problems == {"/followup": [], "/chats": []}
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page

BOTH: Final = "light and dark"
MODES: Final[dict[str, dict[str, Any]]] = {
    BOTH: {"color_scheme": "light"},
    "phone": {"viewport": {"width": 340, "height": 700}, "has_touch": True},
    "rtl": {"locale": "ar"},
}
_TOO_WIDE = "document.documentElement.scrollWidth > window.innerWidth"
_CLOCKS = {"timezone_id": "Europe/Berlin"}


async def looks(
    browser: Browser, base: str, paths: Iterable[str], *, mode: str, state: Any = None
) -> dict[str, list[str]]:
    """What is wrong with each page there in one of the `MODES`, a line each.

    They are visited one after another in one window, as somebody does. `state` is the
    `storage_state()` of a context in which somebody has signed in.
    """
    context = await browser.new_context(**_CLOCKS, **MODES[mode], storage_state=state)
    try:
        complaints: list[str] = []
        at = base
        page = await context.new_page()
        _keep(page, complaints, lambda: at)
        found = {}
        for path in paths:
            complaints.clear()
            at = base + path
            await page.goto(at)
            direction = await page.locator("html").get_attribute("dir")
            wrong = [] if (direction == "rtl") == (mode == "rtl") else [f"written {direction}"]
            found[path] = [*wrong, *await faults(page, mode), *complaints]
        return found
    finally:
        await context.close()


async def opened(context: BrowserContext, url: str, complaints: list[str]) -> Page:
    """A page, and whatever the browser says against it: a forbidden script, a fault in ours."""
    page = await context.new_page()
    _keep(page, complaints, lambda: url)
    await page.goto(url)
    return page


def _keep(page: Page, complaints: list[str], url: Callable[[], str]) -> None:
    """From now on, for as long as the page is open; `url` tells where it is."""
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: _is_fault(said, url()) and complaints.append(said.text))


async def faults(page: Page, mode: str = "") -> list[str]:
    """What axe finds in the page as it is now, and whether it is wider than its window.

    With the mode of `BOTH` lights, in the dark as well: the page that is there is only coloured
    anew, as it is for somebody whose evening begins.
    """
    found = await _found(page)
    if mode == BOTH:
        await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        found += [f"dark, {line}" for line in await _found(page)]
        await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    if await page.evaluate(_TOO_WIDE):
        found.append("the page is wider than its window")
    return found


async def _found(page: Page) -> list[str]:
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE_SCRIPT)
    told = await page.evaluate("axe.run({ resultTypes: ['violations'] })")
    return [
        f"{fault['id']}: {fault['help']}: {node['html'][:200]}"
        for fault in told["violations"]
        for node in fault["nodes"]
    ]


def _is_fault(said: ConsoleMessage, url: str) -> bool:
    """An error, other than that the page itself says "not found"."""
    return said.type == "error" and said.location.get("url") != url
