"""Whether pages can be used by everybody: axe, nothing sideways, no complaint of the browser.

problems = await look(browser, f"{base}/followup", mode="phone")
assert problems == []
"""

from typing import Any, Final

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page

MODES: Final[dict[str, dict[str, Any]]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
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
        return [*wrong, *complaints, *await faults(page)]
    finally:
        await context.close()


async def opened(context: BrowserContext, url: str, complaints: list[str]) -> Page:
    """A page, and whatever the browser says against it: a forbidden script, a fault in ours."""
    page = await context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: _is_fault(said, url) and complaints.append(said.text))
    await page.goto(url)
    return page


async def faults(page: Page) -> list[str]:
    """What axe finds in the page as it is now, and whether it is wider than its window."""
    found = (await Axe().run(page)).response["violations"]
    lines = [
        f"{fault['id']}: {fault['help']}: {node['html'][:200]}"
        for fault in found
        for node in fault["nodes"]
    ]
    if await page.evaluate(_TOO_WIDE):
        lines.append("the page is wider than its window")
    return lines


def _is_fault(said: ConsoleMessage, url: str) -> bool:
    """An error, other than that the page itself says "not found"."""
    return said.type == "error" and said.location.get("url") != url
