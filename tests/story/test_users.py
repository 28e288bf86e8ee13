"""The pages about people: users, what they may do, how they want to see pages; forms are safe."""

import re
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from bot.errors import PeopleError
from bot.findings import Finding
from bot.site import PersonRole
from bot.web.languages import LANGUAGES
from tests.story.browsing import Browsing
from tests.story.conftest import Worlds
from tests.story.words import steps
from tests.story.world import World

PASSWORD = "four green bicycles"  # noqa: S105  of nobody
ADMIN_PAGES = ("/users", "/status")


async def look() -> Sequence[Finding]:
    return [Finding("settings", "bot.toml"), Finding("model", "model: no <answer>", fault=True)]


@pytest.fixture
async def shop(world: Worlds) -> World:
    return await world(steps("4h"), look=look)


async def enter(w: World, browser: Browsing, name: str, role: PersonRole) -> None:
    """Somebody signs in for the first time."""
    link = f"/set-up/{await w.app.keys.people.add('test', name, role)}"
    await browser.get(link)
    await browser.post(link, {"password": PASSWORD})


@pytest.fixture
async def olga(shop: World) -> AsyncIterator[Browsing]:
    """An admin."""
    async with Browsing(shop.app.web) as browser:
        await enter(shop, browser, "Olga", PersonRole.ADMIN)
        yield browser


@pytest.fixture
async def ivan(shop: World, olga: Browsing) -> AsyncIterator[Browsing]:
    """A viewer."""
    async with Browsing(shop.app.web) as browser:
        await enter(shop, browser, "Ivan", PersonRole.VIEWER)
        yield browser


async def number(w: World, name: str) -> int:
    account = await w.app.keys.people.named(name)
    assert account is not None
    return account.id


def menu(text: str) -> list[str]:
    return re.findall(r'<li><a href="([^"]+)"', text)


async def test_an_admin_adds_somebody_who_chooses_a_password(shop: World, olga: Browsing) -> None:
    await olga.get("/users")

    page = await olga.post("/users", {"name": " Zoë ", "role": "viewer"})
    link = re.search(r"http://127.0.0.1:8080(/set-up/[\w-]+)", page.text)

    assert link is not None
    assert "has not chosen a password yet" in page.text
    assert link[1] not in (await olga.get("/users")).text
    async with Browsing(shop.app.web) as zoe:
        assert "Welcome, Zoë" in (await zoe.get(link[1])).text
        home = await zoe.post(link[1], {"password": PASSWORD})
    assert home.url.path == "/followup"


@pytest.mark.parametrize("name", ["", "   ", "x" * 65, "a\x00b", "two\nlines", "olga", "OLGA"])
async def test_a_name_is_readable_and_nobody_elses(olga: Browsing, name: str) -> None:
    await olga.get("/users")

    page = await olga.post("/users", {"name": name, "role": "viewer"})

    assert page.status_code == 422
    assert 'role="alert"' in page.text


async def test_a_name_is_never_markup(olga: Browsing) -> None:
    await olga.get("/users")

    page = await olga.post("/users", {"name": "<img src=x onerror=alert(1)>", "role": "viewer"})

    assert "<img" not in page.text
    assert "&lt;img src=x" in page.text


async def test_a_role_counts_at_once(shop: World, olga: Browsing, ivan: Browsing) -> None:
    before = (await ivan.get("/users")).status_code
    await olga.get("/users")

    await olga.post(f"/users/{await number(shop, 'Ivan')}/role", {"role": "admin"})

    assert before == 403
    assert (await ivan.get("/users")).status_code == 200


async def test_whoever_is_removed_is_out_at_once(
    shop: World, olga: Browsing, ivan: Browsing
) -> None:
    await olga.get("/users")

    page = await olga.post(f"/users/{await number(shop, 'Ivan')}/remove")

    assert "Ivan" not in page.text
    assert (await ivan.get("/account")).url.path == "/sign-in"


@pytest.mark.parametrize("change", ["remove", "role"])
async def test_the_last_admin_stays(
    shop: World, olga: Browsing, ivan: Browsing, change: str
) -> None:
    await shop.app.keys.people.add("test", "Not ready", PersonRole.ADMIN)
    await olga.get("/users")

    page = await olga.post(f"/users/{await number(shop, 'Olga')}/{change}", {"role": "viewer"})

    assert page.status_code == 422
    assert "the last admin" in page.text
    account = await shop.app.keys.people.named("Olga")
    assert account is not None
    assert account.role is PersonRole.ADMIN


async def test_an_admin_may_go_when_another_one_stays(shop: World, olga: Browsing) -> None:
    async with Browsing(shop.app.web) as other:
        await enter(shop, other, "Maria", PersonRole.ADMIN)
    await olga.get("/users")

    page = await olga.post(f"/users/{await number(shop, 'Olga')}/remove")

    assert page.url.path == "/sign-in"


async def test_whoever_is_gone_cannot_be_changed(shop: World, olga: Browsing) -> None:
    await olga.get("/users")

    for change in ("role", "remove", "link"):
        page = await olga.post(f"/users/999/{change}", {"role": "viewer"})
        assert page.status_code == 422
    with pytest.raises(PeopleError):
        await shop.app.keys.people.link("test", 999)


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/users", {"name": "Eve", "role": "admin"}),
        ("/users/1/link", {}),
        ("/users/1/role", {"role": "viewer"}),
        ("/users/1/remove", {}),
        ("/first-user", {}),
    ],
)
async def test_a_viewer_changes_nobody(ivan: Browsing, path: str, form: dict[str, Any]) -> None:
    await ivan.get("/account")

    page = await ivan.post(path, form)

    assert page.status_code in {303, 403} or page.url.path == "/sign-in"
    assert "Only admins may do this" in page.text


async def test_a_viewer_is_not_shown_what_is_for_admins(olga: Browsing, ivan: Browsing) -> None:
    admins, viewers = [menu((await each.get("/followup")).text) for each in (olga, ivan)]

    assert set(ADMIN_PAGES) <= set(admins)
    assert not set(ADMIN_PAGES) & set(viewers)
    assert [(await ivan.get(path)).status_code for path in ADMIN_PAGES] == [403, 403]


async def test_every_entry_of_the_menu_has_a_page_and_is_marked_there(olga: Browsing) -> None:
    paths = menu((await olga.get("/followup")).text)

    assert paths[0] == "/followup"
    assert paths[-2:] == list(ADMIN_PAGES)
    for path in paths:
        page = await olga.get(path)
        assert page.status_code == 200
        assert f'<a href="{path}" aria-current="page">' in page.text


async def test_the_status_page_says_what_the_check_says(olga: Browsing) -> None:
    page = await olga.get("/status")

    assert "1 thing is to be mended" in page.text
    assert "model: no &lt;answer&gt;" in page.text
    assert "bot.toml" in page.text


@pytest.mark.parametrize(
    "path",
    [
        *("/sign-out", "/users", "/users/1/role", "/users/1/remove", "/users/1/link", "/account"),
        *("/account/password", "/account/everywhere", "/sign-in", "/set-up/x", "/first-user"),
    ],
)
async def test_a_form_without_its_token_changes_nothing(
    shop: World, olga: Browsing, path: str
) -> None:
    if path == "/set-up/x":
        path = f"/set-up/{await shop.app.keys.people.add('test', 'Eve', PersonRole.ADMIN)}"
    before = await shop.query("SELECT * FROM people")
    form = {"role": "viewer", "language": "ru", "zone": "UTC", "theme": "", "name": "Eve"}

    for token in ("", "0" * 64, "é"):
        page = await olga.post(path, {**form, "csrf": token})
        assert page.status_code == 403

    assert await shop.query("SELECT * FROM people") == before
    assert (await olga.get("/account")).url.path == "/account"


async def test_the_token_of_somebody_else_is_none(olga: Browsing, ivan: Browsing) -> None:
    await ivan.get("/account")
    await olga.get("/account")

    page = await olga.post("/sign-out", {"csrf": ivan.csrf})

    assert page.status_code == 403


async def test_a_form_from_another_site_is_refused(olga: Browsing) -> None:
    await olga.get("/account")

    page = await olga.post("/sign-out", headers={"sec-fetch-site": "same-site"})

    assert page.status_code == 403
    assert (await olga.get("/account")).url.path == "/account"


async def test_a_form_that_is_too_long_is_refused(olga: Browsing) -> None:
    await olga.get("/users")

    page = await olga.post("/users", {"name": "x" * 300_000, "role": "viewer"})

    assert page.status_code == 413


async def test_a_form_with_files_is_refused(olga: Browsing) -> None:
    await olga.get("/users")

    page = await olga.post("/users", {"name": "x"}, files={"a": b"b"})

    assert page.status_code == 415


async def test_language_and_look_are_kept_with_the_person(shop: World, olga: Browsing) -> None:
    await olga.get("/account")

    await olga.post("/account", {"language": "ar", "zone": "Asia/Dubai", "theme": "dark"})
    await olga.post("/sign-out")
    async with Browsing(shop.app.web) as elsewhere:
        await elsewhere.get("/sign-in")
        page = await elsewhere.post(
            "/sign-in", {"name": "Olga", "password": PASSWORD, "next": "/account"}
        )

    assert '<html lang="ar" dir="rtl" data-theme="dark" data-zone="Asia/Dubai">' in page.text


async def test_before_the_first_user_they_are_kept_in_the_browser(world: Worlds) -> None:
    w = await world(steps("4h"))
    async with Browsing(w.app.web) as browser:
        await browser.get("/account")
        wish = {"language": "ru", "zone": "Europe/Berlin", "theme": "light"}
        await browser.post("/account", wish)
        page = await browser.get("/followup")

    assert '<html lang="ru" dir="ltr" data-theme="light" data-zone="Europe/Berlin">' in page.text


@pytest.mark.parametrize(
    "wish",
    [
        {"zone": "Nowhere/Atlantis"},
        {"zone": "../../etc/passwd"},
        {"zone": ""},
        {"language": "xx"},
        {"theme": "<b>"},
    ],
)
async def test_a_wish_that_cannot_be_met_is_refused(olga: Browsing, wish: dict[str, str]) -> None:
    await olga.get("/account")

    page = await olga.post("/account", {"language": "en", "zone": "UTC", "theme": "", **wish})

    assert page.status_code == 422


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("de,ar;q=0.5,en;q=0.1", "ar"),
        ("de", "en"),
        ("en;q=0.1, ru;q=0.2", "ru"),
        ("", "en"),
        (";;;q=x,,", "en"),
        ("*", "en"),
    ],
)
async def test_the_browser_says_which_language(world: Worlds, header: str, language: str) -> None:
    w = await world(steps("4h"))

    page = await w.page("/account", **{"accept-language": header})

    assert f'<html lang="{language}"' in page.text
    assert language in LANGUAGES


async def test_changes_of_people_are_in_the_audit_log(shop: World, olga: Browsing) -> None:
    await olga.get("/users")
    await olga.post("/users", {"name": "Ivan", "role": "viewer"})
    await olga.post(f"/users/{await number(shop, 'Ivan')}/role", {"role": "admin"})
    await olga.post(f"/users/{await number(shop, 'Ivan')}/link")
    await olga.post(f"/users/{await number(shop, 'Ivan')}/remove")

    rows = await shop.query("SELECT * FROM changes WHERE by = 'Olga' ORDER BY id")

    assert [row["action"] for row in rows] == [
        *("user.password", "user.added", "user.role", "user.link", "user.removed")
    ]
    assert all("Ivan" in f"{row['before']}{row['after']}" for row in rows[1:])


async def test_refusals_and_the_menu_speak_the_persons_language(olga: Browsing) -> None:
    await olga.get("/account")
    await olga.post("/account", {"language": "ru", "zone": "UTC", "theme": ""})

    pages = [await olga.get(path) for path in ("/nowhere", "/followup/chats/999", "/users/1/link")]

    assert [page.status_code for page in pages] == [404, 404, 405]
    assert "<h1>Такой страницы нет.</h1>" in pages[0].text
    assert "<h1>Такого чата нет.</h1>" in pages[1].text
    assert ">Автонапоминания</a>" in pages[2].text


async def test_a_refusal_is_a_page_in_the_frame(olga: Browsing) -> None:
    page = await olga.get("/followup/chats/9999")

    assert page.status_code == 404
    assert "<nav" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
