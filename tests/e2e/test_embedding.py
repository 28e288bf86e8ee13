"""The widget on pages of others: policies, origins, hostile texts, looks."""

import gzip
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.async_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

STRICT = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'"
HOSTILE = [
    "<script>window.pwned = 1</script>",
    "<img src=x onerror='window.pwned = 1'>",
    '"><svg onload=window.pwned=1>',
    "javascript:window.pwned=1 https://x.example/\"onmouseover='window.pwned=1'",
    "</div></template><b>bold</b> &amp; {{7*7}} ${7*7}",
]
PHONE = {"viewport": {"width": 360, "height": 640}, "is_mobile": True, "has_touch": True}


def launcher(page: Page) -> Any:
    return page.locator("followup-chat .launcher")


def bubbles(page: Page) -> Any:
    return page.locator("followup-chat .said .bubble")


async def say(page: Page, text: str) -> None:
    await page.locator("followup-chat textarea").fill(text)
    await page.locator("followup-chat textarea").press("Enter")


def shop(address: str, attributes: str = "", page: str = "<html lang=en>") -> str:
    return (
        f"<!doctype html>{page}<title>Shop</title><body><h1>Shop</h1>"
        f'<script src="{address}/widget.js" data-channel="site" {attributes} async></script>'
    )


async def test_the_script_is_at_most_twenty_kilobytes(site: Any) -> None:
    async with httpx2.AsyncClient() as http:
        script = await http.get(f"{site.address}/widget.js")

    assert len(gzip.compress(script.content)) <= 20_000


async def test_a_strict_policy_has_nothing_to_report(visiting: Any, site: Any) -> None:
    visit = await visiting()
    await visit.context.add_init_script(
        "window.violations = [];"
        "document.addEventListener('securitypolicyviolation',"
        " (event) => violations.push(event.violatedDirective))"
    )
    page = await visit.open(f"{site.address}/web/site/demo")
    policy = (await page.request.get(page.url)).headers["content-security-policy"]

    await launcher(page).click()
    await say(page, "hello")
    await expect(bubbles(page)).to_have_count(2)

    assert all(each in policy for each in STRICT.split("; "))
    assert await page.evaluate("violations") == []
    assert visit.complaints == []


async def test_nothing_is_asked_of_others(visit: Any, site: Any) -> None:
    page = await visit.open(f"{site.address}/web/site/demo")
    await launcher(page).click()
    await say(page, "hello")
    await expect(bubbles(page)).to_have_count(2)

    outside = [url for url in visit.requests if not url.startswith((site.address, "data:"))]

    assert outside == []


@pytest.mark.parametrize("text", HOSTILE)
async def test_a_hostile_text_is_shown_as_text(visit: Any, site: Any, text: str) -> None:
    site.world.voice = lambda said: said
    page = await visit.open(f"{site.address}/web/site/demo")
    await launcher(page).click()

    await say(page, text)

    await expect(bubbles(page)).to_have_text([text, text])
    await bubbles(page).last.hover()
    assert await page.evaluate("window.pwned") is None
    inside = "script, img, b, svg:not(.launcher svg, header svg, form svg)"
    await expect(page.locator(f"followup-chat .said :is({inside})")).to_have_count(0)


async def test_only_web_addresses_of_the_employee_can_be_followed(visit: Any, site: Any) -> None:
    site.world.voice = lambda _: "See https://shop.example/a?b=1. Not javascript:alert(1)"
    page = await visit.open(f"{site.address}/web/site/demo")
    await launcher(page).click()

    await say(page, "where is https://mine.example ?")

    links = page.locator("followup-chat .bubble a")
    await expect(links).to_have_count(1)
    await expect(links).to_have_attribute("href", "https://shop.example/a?b=1")
    await expect(links).to_have_attribute("rel", "noopener noreferrer nofollow")


async def test_a_page_that_is_listed_can_embed_the_widget(
    visit: Any, site: Any, elsewhere: Any
) -> None:
    address, html = elsewhere
    await site.stop()
    site.origins = [address]
    await site.start()
    server = site.address
    html["page"] = shop(server)
    html["policy"] = f"default-src 'none'; script-src {server}; connect-src {server}"

    page = await visit.open(address)
    await launcher(page).click()
    await say(page, "hello from outside")

    await expect(bubbles(page)).to_have_text(["hello from outside", "You said: hello from outside"])
    site.world.say(site.chat, "pushed")
    await expect(bubbles(page).last).to_have_text("pushed")
    assert visit.complaints == []


async def test_a_page_that_is_not_listed_cannot(visit: Any, site: Any, elsewhere: Any) -> None:
    address, html = elsewhere
    html["page"] = shop(site.address)

    page = await visit.open(address)
    await launcher(page).click()
    await say(page, "let me in")

    await expect(page.get_by_role("button", name="Try again")).to_be_visible(timeout=15_000)
    assert site.world.chats == {}


async def test_the_page_chooses_title_and_language(visit: Any, site: Any, elsewhere: Any) -> None:
    address, html = elsewhere
    html["page"] = shop(site.address, 'data-title="<b>Rad & Tat</b>" data-lang="de-AT"')

    page = await visit.open(address)
    await page.get_by_role("button", name="Chat öffnen").click()

    await expect(page.get_by_role("dialog", name="<b>Rad & Tat</b>")).to_be_visible()
    await expect(page.get_by_text("Sie schreiben mit einem KI-Assistenten")).to_be_visible()


async def test_the_page_language_is_followed_to_the_right(
    visit: Any, site: Any, elsewhere: Any
) -> None:
    address, html = elsewhere
    html["page"] = shop(site.address, page='<html lang="ar" dir="rtl">')

    page = await visit.open(address)

    box = await launcher(page).bounding_box()
    assert box["x"] < 100
    await page.get_by_role("button", name="افتح المحادثة").click()
    panel = await page.get_by_role("dialog").bounding_box()
    assert panel["x"] < 100
    empty = page.locator("followup-chat textarea")
    await expect(empty).to_have_css("direction", "rtl")
    await empty.fill("Hello")
    await expect(empty).to_have_css("direction", "ltr")


async def test_styles_of_the_page_do_not_reach_the_widget(
    visit: Any, site: Any, elsewhere: Any
) -> None:
    address, html = elsewhere
    loud = "<style>* { color: red !important; font-size: 60px !important } button { display: none }"
    html["page"] = shop(site.address) + f"{loud}</style>"
    html["policy"] = "default-src * 'unsafe-inline'"

    page = await visit.open(address)

    await launcher(page).click()
    title = page.get_by_role("heading", name="Chat with us")
    await expect(title).to_have_css("font-size", "17px")
    await expect(title).to_have_css("color", "rgb(255, 255, 255)")


async def test_a_script_that_is_there_twice_makes_one_widget(
    visit: Any, site: Any, elsewhere: Any
) -> None:
    address, html = elsewhere
    html["page"] = shop(site.address) + shop(site.address)

    page = await visit.open(address)
    await page.wait_for_load_state("networkidle")

    await expect(page.locator("followup-chat")).to_have_count(1)


async def test_on_a_phone_the_chat_takes_the_whole_screen(
    visiting: Any, site: Any, tmp_path: Path
) -> None:
    visit = await visiting(**PHONE)
    page = await visit.open(f"{site.address}/web/site/demo")
    assert await page.evaluate("document.documentElement.scrollWidth") == 360
    await launcher(page).tap()
    await say(page, "hello " * 60 + "x" * 300)
    await expect(bubbles(page)).to_have_count(2)

    panel = page.get_by_role("dialog")
    await expect(panel).to_have_css("animation-name", "rise")
    await panel.evaluate("(node) => Promise.all(node.getAnimations().map((a) => a.finished))")

    assert await panel.bounding_box() == {"x": 0, "y": 0, "width": 360, "height": 640}
    log = page.get_by_role("log")
    assert await log.evaluate("(node) => node.scrollWidth - node.clientWidth") == 0
    await expect(launcher(page)).to_be_hidden()
    await page.screenshot(path=tmp_path / "phone.png")
    await page.get_by_role("button", name="Close chat").tap()
    await expect(launcher(page)).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_text_stands_out_from_its_ground(
    visiting: Any, site: Any, scheme: str, tmp_path: Path
) -> None:
    visit = await visiting(color_scheme=scheme, reduced_motion="reduce")
    page = await visit.open(f"{site.address}/web/site/demo")
    await launcher(page).click()
    await say(page, "hello")
    await expect(page.locator("followup-chat time")).to_have_count(2)
    await page.screenshot(path=tmp_path / f"{scheme}.png")

    pairs = {
        ".client .bubble": ".client .bubble",
        ".employee .bubble": ".employee .bubble",
        ".meta": ".stage",
        ".notice": ".stage",
        "textarea": "textarea",
    }
    contrasts = {text: await contrast(page, text, ground) for text, ground in pairs.items()}

    assert {text: c for text, c in contrasts.items() if c < 4.5} == {}
    ground = await page.locator("followup-chat .stage").evaluate(BRIGHTNESS, "backgroundColor")
    assert (ground > 0.5) == (scheme == "light")


BRIGHTNESS = """(node, property) => {
  const [r, g, b] = getComputedStyle(node)[property].match(/[\\d.]+/g).map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}"""


async def contrast(page: Page, text: str, ground: str) -> float:
    """The ratio that WCAG asks for."""
    inside = page.locator("followup-chat")
    bright = await inside.locator(text).first.evaluate(BRIGHTNESS, "color")
    dark = await inside.locator(ground).first.evaluate(BRIGHTNESS, "backgroundColor")
    high, low = max(bright, dark), min(bright, dark)
    return (high + 0.05) / (low + 0.05)


async def test_who_wants_no_motion_sees_none(visiting: Any, site: Any) -> None:
    visit = await visiting(reduced_motion="reduce")
    page = await visit.open(f"{site.address}/web/site/demo")

    await launcher(page).click()

    await expect(page.get_by_role("dialog")).to_have_css("animation-name", "none")
