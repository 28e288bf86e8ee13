"""Every page that there is, found by its routes and links: for everybody, and safe from texts.

Nobody has to add a new page here. A route with a new kind of placeholder fails until `Tour` knows
a value for it.
"""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect
from starlette.routing import Mount, Route

from bot.site import PersonRole
from tests.e2e.axe import MODES, faults
from tests.e2e.conftest import bound, serving
from tests.e2e.crowd import busy_week, crowd
from tests.story.words import say
from tests.story.world import World

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PASSWORD = "four green bicycles"  # noqa: S105  of nobody
HOSTILE = (
    '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>',
    "W" * 10_240,
    "\u202eevil\u202c \u2067rtl\u2069 שלום مرحبا \u200f\u200b\u200d\u2060\ufeff end",
    "👩‍👩‍👧‍👦🏳️‍🌈" * 200,
)
_WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  violations.push(`${event.violatedDirective} ${event.blockedURI}`);
});
"""
_WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_SHAPE = re.compile(r"(?<=/)\d+(?=/|$)")


@dataclass
class Tour:
    """All pages of a shop, as somebody sees them who has signed in; and those outside."""

    world: World
    base: str
    state: Any
    values: dict[str, list[str]]
    outside: list[str]
    found: dict[str, str] = field(default_factory=dict)

    async def pages(self) -> list[str]:
        """Addresses of pages, one of each shape: by the routes, then by links from page to page."""
        if self.found:
            return list(self.found.values())
        cookies = {each["name"]: each["value"] for each in self.state["cookies"]}
        waiting = [path for route in self._routes() for path in self._filled(route.path)]
        async with httpx2.AsyncClient(
            base_url=self.base, cookies=cookies, headers={"accept": "text/html"}
        ) as client:
            while waiting:
                path = waiting.pop(0)
                if (shape := _shape(path)) in self.found and path not in self.values["chat"]:
                    continue
                async with client.stream("GET", path) as page:
                    if not page.headers.get("content-type", "").startswith("text/html"):
                        continue
                    self.found[path if path in self.values["chat"] else shape] = path
                    text = (await page.aread()).decode()
                waiting += [urljoin(path, each) for each in _links(text)]
        return list(self.found.values())

    def _routes(self) -> list[Route]:
        [mount] = [
            each for each in self.world.app.web.routes if isinstance(each, Mount) and not each.path
        ]
        routes = [each for each in mount.routes if isinstance(each, Route)]
        return [each for each in routes if "GET" in (each.methods or ())]

    def _filled(self, path: str) -> list[str]:
        names = re.findall(r"{(\w+)(?::\w+)?}", path)
        if not names:
            return [path]
        [name] = names
        return [re.sub(r"{.*?}", value, path) for value in self.values[name]]


def _links(page: str) -> list[str]:
    """Where a page leads inside the dashboard; the demo page of a channel has tests of its own."""
    inside = re.findall(r'href="((?!/web/)[/?][^"#]*)', page)
    return [each.replace("&amp;", "&") for each in inside]


def _shape(path: str) -> str:
    """The same for pages that differ in a number, or in what is searched for, alone."""
    parts = urlsplit(path)
    known = {key: value for key, value in parse_qs(parts.query).items() if key == "view"}
    keys = sorted(parse_qs(parts.query))
    return f"{_SHAPE.sub('1', parts.path)}?{keys}{known}"


async def tour(world: World, base: str, browser: Browser, name: str) -> Tour:
    """An admin of that name signs in; the rest waits outside."""
    people = world.app.keys.people
    link = await people.add("test", name, PersonRole.ADMIN)
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(f"{base}/set-up/{link}")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Save and sign in").click()
    await page.get_by_role("navigation", name="Main menu").wait_for()
    state = await context.storage_state()
    await context.close()
    invitation = await people.add("test", "Ivan", PersonRole.VIEWER)
    held = [str((await world.chat(who)).id) for who in ("c0", "human")]
    values = {"chat": held, "employee": ["anna"], "secret": [invitation]}
    return Tour(world, base, state, values, [f"/set-up/{invitation}", "/set-up/void", "/sign-in"])


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(tmp_path_factory: Any, browser: Browser) -> AsyncIterator[Tour]:
    """The busy week, in a shop where Anna's steps were changed."""
    world = crowd(tmp_path_factory.mktemp("every"))
    await world.boot()
    await busy_week(world)
    async with serving(world.app.web, bound()) as base:
        yield await tour(world, base, browser, "Olga")
    await world.app.close()


@pytest_asyncio.fixture(loop_scope="session")
async def contexts(browser: Browser) -> AsyncIterator[Any]:
    made: list[BrowserContext] = []

    async def another(**options: Any) -> BrowserContext:
        made.append(await browser.new_context(reduced_motion="reduce", **options))
        await made[-1].add_init_script(_WATCH)
        return made[-1]

    yield another
    for each in made:
        await each.close()


async def test_the_tour_leads_to_all_that_the_menu_and_the_tabs_name(shop: Tour) -> None:
    paths = {urlsplit(path).path for path in await shop.pages()}
    site = shop.world.app.runtime.site

    assert {*site.menu.values(), *site.admin_menu.values()} <= paths
    assert {f"/employees/anna/{part}" for part in site.tabs.values()} <= paths
    assert {"/account", "/followup/numbers", "/employees/anna/followup/history"} <= paths
    assert any("view=attention" in path for path in shop.found.values())
    assert any("view=held" in path for path in shop.found.values())


@pytest.mark.parametrize("mode", MODES)
async def test_axe_finds_nothing_on_any_page(shop: Tour, contexts: Any, mode: str) -> None:
    problems: dict[str, list[str]] = {}
    rounds = ((shop.state, [*await shop.pages(), "/nowhere"]), (None, shop.outside))
    for state, paths in rounds:
        context = await contexts(storage_state=state, **MODES[mode])
        page = await context.new_page()
        for path in paths:
            await page.goto(shop.base + path)
            direction = await page.locator("html").get_attribute("dir")
            assert (direction == "rtl") == (mode == "rtl"), path
            problems[path] = [*await faults(page, mode), *await page.evaluate("violations")]

    assert {path: found for path, found in problems.items() if found} == {}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def attacked(tmp_path_factory: Any, browser: Browser) -> AsyncIterator[Tour]:
    """The same shop, where clients, the employee and an admin have names that attack."""
    world = crowd(tmp_path_factory.mktemp("hostile"))
    await world.boot()
    for n, text in enumerate(HOSTILE):
        await world.client(text, who=f"h{n}", name=text)
    await world.client(HOSTILE[0], who="c0", name=HOSTILE[0])
    await world.client(HOSTILE[2], who="human", name=HOSTILE[1])
    await world.receive(HOSTILE[1], who="waits", name=HOSTILE[3])
    world.pass_by("15m")
    tables = await world.app.staff.tables()
    steps = [{**each, "instruction": HOSTILE[0] + "W" * 3000} for each in _steps(tables)]
    await world.save(steps, name=HOSTILE[0] + "W" * 3000, persona=HOSTILE[1])
    async with serving(world.app.web, bound()) as base:
        yield await tour(world, base, browser, HOSTILE[0][:60])
    await world.app.close()


def _steps(tables: Any) -> list[dict[str, Any]]:
    return [dict(each) for each in tables["anna"]["followup"]["steps"]]


async def whole(page: Page, path: str) -> None:
    """Nothing ran, nothing was refused, and the page is no wider than its window."""
    assert await page.evaluate("[window.pwned ?? null, violations]") == [None, []], path
    assert await page.locator("main img, main script").count() == 0, path
    assert await page.evaluate(_WIDER) <= 0, path


@pytest.mark.parametrize("width", [360, 1280])
async def test_whatever_names_and_texts_say_every_page_stays_whole(
    attacked: Tour, contexts: Any, width: int
) -> None:
    context = await contexts(storage_state=attacked.state, viewport={"width": width, "height": 740})
    page = await context.new_page()
    chat = f"/followup/chats/{attacked.values['chat'][1]}"
    await page.goto(attacked.base + chat)
    await page.get_by_label("Answer as a colleague").fill(HOSTILE[2])
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.locator(".holder")).to_contain_text("A colleague has the chat since")

    for path in await attacked.pages():
        await page.goto(attacked.base + path)
        await whole(page, path)

    await page.goto(f"{attacked.base}/chats?view=held")
    await expect(page.locator("#list")).to_contain_text("<img src=x onerror=")


async def test_a_film_of_hostile_words_and_the_download_keep_them_as_they_are(
    attacked: Tour, contexts: Any
) -> None:
    assert attacked.world.model is not None
    attacked.world.model.structured.clear()
    attacked.world.model.structured.append(say(HOSTILE[0] + HOSTILE[2]))
    context = await contexts(storage_state=attacked.state, viewport={"width": 360, "height": 740})
    page = await context.new_page()
    await page.goto(f"{attacked.base}/employees/anna/followup")
    chat = attacked.values["chat"][0]
    await page.get_by_label("Conversation").select_option(chat)
    await page.get_by_role("button", name="Play", exact=True).click()

    await expect(page.locator("#film .sum")).to_be_visible()
    await expect(page.locator("#film .theirs").first).to_have_text(HOSTILE[0])
    await expect(page.locator("#film h3")).to_contain_text(HOSTILE[0])
    await expect(page.locator("#film .reminder")).not_to_have_count(0)
    await whole(page, "the film")
    answer = await page.request.get(f"{attacked.base}/followup/chats/{chat}/download")
    taken = json.loads(await answer.text())
    assert taken["name"] == HOSTILE[0]
    assert taken["messages"][0]["text"] == HOSTILE[0]
