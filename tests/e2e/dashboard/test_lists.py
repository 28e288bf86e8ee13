"""The list, all chats and the conversation in a real browser."""

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.story.world import World

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PHONE = {"viewport": {"width": 360, "height": 640}, "is_mobile": True, "has_touch": True}
PAGES = ("/followup", "/followup?view=attention", "/chats", "/followup/chats/1")
EVERY = (
    *PAGES,
    "/followup/numbers",
    "/employees",
    *(f"/employees/anna/{part}" for part in ("persona", "hours", "channels", "followup")),
    "/employees/anna/followup/history",
    "/account",
    "/users",
    "/sign-in",
)
HOSTILE = (
    '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>',
    "W" * 10_240,
    "\u202eevil\u202c \u2067rtl\u2069 שלום مرحبا \u200f\u200b\u200d\u2060\ufeff end",
    "👩‍👩‍👧‍👦🏳️‍🌈" * 200,
    "Z̸̢̛" + "\u0301" * 300 + "algo",
    "{{ 7*7 }} ${7*7} &amp; \"' javascript:window.pwned=1",
)


def names(page: Page) -> Any:
    return page.locator("#list td a.name")


async def three(world: World) -> None:
    for who, name in (("a", "José O'Neill"), ("b", "Иван Петров"), ("c", "Zoë Fell")):
        await world.client(who=who, name=name)


async def sideways(page: Page) -> int:
    """How far the page can be scrolled to the side."""
    return int(
        await page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
    )


async def test_the_list_narrows_while_somebody_types_and_back_leads_back(
    world: World, desk: Any
) -> None:
    await three(world)
    page = await desk.open()
    await expect(names(page)).to_have_count(3)

    await page.get_by_role("searchbox").press_sequentially("ivan")

    await expect(names(page)).to_have_text(["Иван Петров"])
    await expect(page).to_have_url(re.compile(r"\?q=ivan$"))
    await expect(page.locator("#told")).to_contain_text("1 chat")
    await page.reload()
    await expect(names(page)).to_have_text(["Иван Петров"])
    await page.go_back()
    await expect(names(page)).to_have_count(3)
    await expect(page.get_by_role("searchbox")).to_have_value("")
    assert desk.complaints == []


async def test_the_list_of_one_employee_is_a_choice_away(world: World, desk: Any) -> None:
    await three(world)
    page = await desk.open("/followup?q=zoe")

    await page.get_by_label("Employee", exact=True).select_option("Anna")

    await expect(page).to_have_url(re.compile(r"\?q=zoe&employee=anna$"))
    await expect(names(page)).to_have_text(["Zoë Fell"])


async def test_a_new_chat_appears_by_itself(world: World, desk: Any) -> None:
    page = await desk.open()
    await expect(page.locator("#list .empty")).to_be_visible()
    await expect(page.locator("#live")).to_have_text("Live")

    await world.client(who="g", name="Grace Hopper")

    await expect(names(page)).to_have_text(["Grace Hopper"])
    await expect(page.locator("#list .when").first).to_contain_text("step 1 of 2")
    assert desk.complaints == []


async def test_a_hidden_page_listens_to_nothing_and_catches_up_when_it_is_seen(
    world: World, desk: Any
) -> None:
    page = await desk.open()
    await expect(page.locator("#live")).to_have_text("Live")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    await page.evaluate(_HIDE.format("true"))
    await world.client(who="g", name="Grace Hopper")
    await page.evaluate("new Promise((done) => setTimeout(done, 300))")
    meanwhile = list(asked)
    await page.evaluate(_HIDE.format("false"))

    await expect(names(page)).to_have_text(["Grace Hopper"])
    assert meanwhile == []


async def test_everything_is_reached_with_the_keyboard_alone(world: World, desk: Any) -> None:
    await three(world)
    page = await desk.open()

    await page.keyboard.press("Tab")
    await expect(page.locator(":focus")).to_have_text("Skip to the content")
    await page.keyboard.press("Enter")
    await tab_to(page, page.get_by_role("searchbox"))
    await page.keyboard.type("fell")
    await expect(names(page)).to_have_count(1)
    await tab_to(page, names(page))
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Zoë Fell")
    await tab_to(page, page.locator(".timeline time").first)
    await tab_to(page, page.get_by_role("button", name="Pause: a colleague takes over"))
    await page.keyboard.press("Enter")
    await expect(page.locator(".holder")).to_contain_text("A colleague has the chat since")
    await tab_to(page, page.get_by_role("button", name="Hand back to the employee"))
    await page.keyboard.press("Enter")
    await expect(page.locator(".holder")).to_have_text("The employee has the chat.")
    await tab_to(page, page.locator("summary"))
    await page.keyboard.press("Enter")
    await tab_to(page, page.locator("input[name=name]"))
    await page.keyboard.type("Zoë Fell")
    await page.keyboard.press("Enter")

    await expect(page.locator(".notice")).to_have_text("The chat was erased.")
    await expect(names(page)).to_have_count(2)
    assert desk.complaints == []


async def tab_to(page: Page, wanted: Any) -> None:
    """Press Tab until it has the focus, as somebody without a mouse does."""
    for _ in range(40):
        await page.keyboard.press("Tab")
        if await wanted.evaluate("(element) => element === document.activeElement"):
            return
    raise AssertionError("the keyboard does not get there")


async def test_earlier_messages_come_above_what_is_read(world: World, desk: Any) -> None:
    for n in range(60):
        await world.receive(f"Message {n}")
    page = await desk.open("/followup/chats/1")
    await expect(page.locator(".timeline > li p")).to_have_count(50)

    await page.get_by_role("link", name="Earlier").click()

    await expect(page.locator(".timeline > li p").first).to_have_text("Message 0")
    await expect(page.locator(".timeline > li p")).to_have_count(60)
    await expect(page.get_by_role("link", name="Earlier")).to_have_count(0)


@pytest.mark.parametrize("path", ["/followup", "/chats"])
async def test_without_a_script_search_and_links_do_it(world: World, desks: Any, path: str) -> None:
    await three(world)
    desk = await desks(java_script_enabled=False)
    page = await desk.open(path)

    await page.get_by_role("searchbox").fill("jose")
    await page.get_by_role("button", name="Search").click()

    await expect(names(page)).to_have_text(["José O'Neill"])
    await names(page).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("José O'Neill")


@pytest.mark.parametrize("options", [{}, PHONE], ids=["desktop", "phone"])
async def test_whatever_clients_write_is_text_and_leaves_the_page_whole(
    world: World, desks: Any, options: dict[str, Any]
) -> None:
    for n, text in enumerate(HOSTILE):
        await world.client(text, who=f"c{n}", name=text)
        await world.save(
            [{"id": "s1", "delay": "4h", "instruction": text[:4000]}], name=text[:9999]
        )
    desk = await desks(**options)

    chats = [f"/followup/chats/{n}" for n in range(2, 7)]
    for path in (*PAGES, "/followup/numbers", *chats):
        page = await desk.open(path)
        assert await sideways(page) <= 0, path
        assert await page.evaluate("window.pwned") is None
        assert await page.evaluate("violations") == []
        assert await page.locator("#list img, #list script").count() == 0
        heights = await page.locator("#list tr").evaluate_all(
            "(rows) => rows.map((row) => row.getBoundingClientRect().height)"
        )
        assert all(height < 320 for height in heights), heights
        await page.close()

    page = await desk.open("/followup/chats/1")
    await expect(page.locator(".timeline p").first).to_have_text(HOSTILE[0])
    assert desk.complaints == []


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_phone_shows_every_page_without_scrolling_sideways(
    world: World, desks: Any, path: str, scheme: str
) -> None:
    await three(world)
    desk = await desks(**PHONE, color_scheme=scheme)

    page = await desk.open(path)

    assert await sideways(page) <= 0
    assert desk.complaints == []


async def test_the_first_visit_of_any_page_is_below_sixty_kilobytes(
    world: World, desks: Any
) -> None:
    """Everything that a browser with an empty cache fetches, headers included, on full pages."""
    for n in range(60):
        await world.client(who=f"c{n}", name=f"Client Number {n}")
        await world.receive(f"Message {n}, and a little more to read", who="c0")
    link = await world.app.keys.people.first_link()

    sizes = {path: await wire(await desks(), path) for path in (*EVERY, f"/set-up/{link}")}

    assert {path: size for path, size in sizes.items() if size > 60_000} == {}
    assert sizes["/followup"] > 5_000


async def wire(desk: Any, path: str) -> float:
    """Bytes of all answers, as they came."""
    page = await desk.context.new_page()
    tap = await desk.context.new_cdp_session(page)
    await tap.send("Network.enable")
    sizes: list[float] = []
    tap.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
    await page.goto(desk.address + path)
    await page.locator("h1").wait_for()
    assert len(sizes) >= 3
    return sum(sizes)


_HIDE = (
    "Object.defineProperty(document, 'hidden', {{ value: {0}, configurable: true }});"
    "document.dispatchEvent(new Event('visibilitychange'))"
)
