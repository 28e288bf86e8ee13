"""Whether pages can be used by everybody: axe, nothing sideways, no complaint of the browser.

problems = await look(browser, f"{base}/followup", mode="phone")
assert problems == []
"""

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


async def look(browser: Browser, url: str, *, mode: str, state: Any = None) -> list[str]:
    """What is wrong with the page at that address in one of the `MODES`, a line each.

    `state` is the `storage_state()` of a context in which somebody has signed in.
    """
    context = await browser.new_context(**_CLOCKS, **MODES[mode], storage_state=state)
    try:
        complaints: list[str] = []
        page = await opened(context, url, complaints)
        direction = await page.locator("html").get_attribute("dir")
        wrong = [] if (direction == "rtl") == (mode == "rtl") else [f"written {direction}"]
        return [*wrong, *await faults(page, mode), *complaints]
    finally:
        await context.close()


async def opened(context: BrowserContext, url: str, complaints: list[str]) -> Page:
    """A page, and whatever the browser says against it: a forbidden script, a fault in ours."""
    page = await context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: _is_fault(said, url) and complaints.append(said.text))
    await page.goto(url)
    return page


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
