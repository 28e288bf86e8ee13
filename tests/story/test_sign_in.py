"""Signing in: the first user's link, passwords, sessions, and who is kept out."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.errors import PeopleError
from bot.site import PersonRole
from tests.story.browsing import Browsing
from tests.story.conftest import Worlds
from tests.story.words import steps
from tests.story.world import World

PASSWORD = "four green bicycles"  # noqa: S105  of nobody
OTHER = "seven blue umbrellas"


@pytest.fixture
async def shop(world: Worlds) -> World:
    return await world(steps("4h"))


@pytest.fixture
async def browser(shop: World) -> AsyncIterator[Browsing]:
    async with Browsing(shop.app.web) as browser:
        yield browser


async def person(w: World, name: str = "Olga", role: PersonRole = PersonRole.ADMIN) -> None:
    """Somebody who has chosen a password."""
    people = w.app.keys.people
    secret = await people.add("test", name, role)
    await people.accept(secret, "", PASSWORD)


async def sign_in(browser: Browsing, name: str = "Olga", password: str = PASSWORD) -> str:
    """Where it ends."""
    await browser.get("/sign-in")
    page = await browser.post("/sign-in", {"name": name, "password": password, "next": "/account"})
    return f"{page.status_code} {page.url.path}"


async def first_link(w: World) -> str:
    secret = await w.app.keys.people.first_link()
    assert secret is not None
    return f"/set-up/{secret}"


async def test_the_first_user_comes_by_the_link_and_is_an_admin(
    shop: World, browser: Browsing
) -> None:
    link = await first_link(shop)
    form = await browser.get(link)

    page = await browser.post(link, {"name": "Olga", "password": PASSWORD})

    assert "Create the first user" in form.text
    assert page.url.path == "/followup"
    assert "<bdi>Olga</bdi>" in page.text
    assert (await browser.get("/users")).status_code == 200


async def test_before_the_first_user_this_machine_is_let_in_and_told_so(browser: Browsing) -> None:
    page = await browser.get("/followup")

    assert page.status_code == 200
    assert "Nobody has to sign in yet" in page.text

    page = await browser.post("/first-user")

    assert page.url.path.startswith("/set-up/")
    assert "Your name" in page.text


async def test_from_the_first_user_on_everybody_signs_in(shop: World, browser: Browsing) -> None:
    await person(shop)

    page = await browser.get("/followup?q=ivan")

    assert page.url.path == "/sign-in"
    assert 'value="/followup?q=ivan"' in page.text
    assert "<nav" not in page.text


async def test_a_program_without_a_session_gets_a_problem(shop: World) -> None:
    await person(shop)

    page = await shop.page("/followup", accept="application/json")

    assert page.status_code == 401
    assert page.json()["status"] == 401


@pytest.mark.parametrize("path", ["/healthz", "/static/app.css", "/web/site/demo"])
async def test_what_clients_need_stays_open(shop: World, path: str) -> None:
    await person(shop)

    assert (await shop.page(path)).status_code == 200


async def test_a_person_signs_in_and_is_led_where_they_wanted(
    shop: World, browser: Browsing
) -> None:
    await person(shop)
    await browser.get("/users")

    page = await browser.post(
        "/sign-in", {"name": " olga ", "password": PASSWORD, "next": "/users"}
    )

    assert page.url.path == "/users"


@pytest.mark.parametrize(
    "wanted", ["//evil.example/x", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]
)
async def test_nobody_is_led_to_a_foreign_page(shop: World, browser: Browsing, wanted: str) -> None:
    await person(shop)
    await browser.get("/sign-in")

    page = await browser.post("/sign-in", {"name": "Olga", "password": PASSWORD, "next": wanted})

    assert page.url.host == "127.0.0.1"
    assert page.url.path == "/followup"


async def test_wrong_passwords_and_unknown_names_get_the_same_answer(
    shop: World, browser: Browsing
) -> None:
    await person(shop)

    answers = []
    for name in ("Olga", "Nobody"):
        await browser.get("/sign-in")
        page = await browser.post("/sign-in", {"name": name, "password": OTHER})
        answers.append((page.status_code, page.text.replace(name, "?")))

    assert answers[0][0] == 422
    assert "do not belong together" in answers[0][1]
    without_tokens = {re.sub(r'value="[0-9a-f]{80}"', "", text) for _, text in answers}
    assert len(without_tokens) == 1


async def test_whoever_has_no_password_yet_cannot_sign_in(shop: World, browser: Browsing) -> None:
    await person(shop)
    await shop.app.keys.people.add("test", "Ivan", PersonRole.VIEWER)

    assert await sign_in(browser, "Ivan", "") == "422 /sign-in"
    assert await sign_in(browser, "Ivan", PASSWORD) == "422 /sign-in"


async def test_after_five_failures_a_name_has_to_wait(shop: World, browser: Browsing) -> None:
    await person(shop)
    for _ in range(5):
        assert await sign_in(browser, "OLGA", "wrong password") == "422 /sign-in"

    assert await sign_in(browser) == "429 /sign-in"
    shop.pass_by("14m")
    assert await sign_in(browser) == "429 /sign-in"
    shop.pass_by("2m")
    assert await sign_in(browser) == "200 /account"


async def test_a_success_forgets_the_failures_before_it(shop: World, browser: Browsing) -> None:
    await person(shop)

    for _ in range(3):
        for _ in range(4):
            assert await sign_in(browser, "Olga", "wrong password") == "422 /sign-in"
        assert await sign_in(browser) == "200 /account"
        await browser.post("/sign-out")


async def test_an_address_has_to_wait_after_twenty_failures_whatever_the_names(
    shop: World, browser: Browsing
) -> None:
    await person(shop)
    for n in range(20):
        assert await sign_in(browser, f"name {n}", "wrong password") == "422 /sign-in"

    page = await browser.post("/sign-in", {"name": "Olga", "password": PASSWORD})

    assert page.status_code == 429
    assert int(page.headers["retry-after"]) > 3000
    assert "Too many tries" in page.text


async def test_addresses_behind_a_proxy_are_told_apart_by_its_own_word(shop: World) -> None:
    await person(shop)
    async with Browsing(shop.app.web, **{"x-forwarded-for": "1.1.1.1, 203.0.113.9"}) as eve:
        for n in range(21):
            last = await sign_in(eve, f"name {n}", "wrong password")

    async with Browsing(shop.app.web, **{"x-forwarded-for": "203.0.113.9, 198.51.100.7"}) as olga:
        assert await sign_in(olga) == "200 /account"
    assert last == "429 /sign-in"


async def test_the_session_is_a_new_one_whatever_the_browser_brought(
    shop: World, browser: Browsing
) -> None:
    await person(shop)
    browser.cookies.set("followup_session", "planted", domain="127.0.0.1", path="/")

    await sign_in(browser)
    first = browser.cookies["followup_session"]
    await browser.get("/account")
    await browser.post("/sign-out")
    await sign_in(browser)

    assert first != "planted"
    assert browser.cookies["followup_session"] not in {"planted", first}


async def test_the_cookie_is_for_no_script_and_no_other_site(shop: World) -> None:
    await person(shop)

    async with Browsing(shop.app.web) as here, Browsing(shop.app.web, "https://x.example") as far:
        cookies = []
        for browser in (here, far):
            await browser.get("/sign-in")
            form = {"name": "Olga", "password": PASSWORD, "csrf": browser.csrf}
            page = await browser.post("/sign-in", form, follow_redirects=False)
            cookies.append(page.headers["set-cookie"])

    assert all("HttpOnly" in text and "SameSite=lax" in text for text in cookies)
    assert "Secure" not in cookies[0]
    assert cookies[1].startswith("__Host-followup_session=")
    assert "Secure" in cookies[1]


async def test_the_database_holds_no_secret_that_opens_anything(
    shop: World, browser: Browsing
) -> None:
    await person(shop)
    link = await shop.app.keys.people.add("test", "Ivan", PersonRole.VIEWER)
    await sign_in(browser)

    rows = [
        *await shop.query("SELECT * FROM people"),
        *await shop.query("SELECT * FROM sessions"),
        *await shop.query("SELECT * FROM setup_links"),
    ]

    stored = str(rows)
    assert "$argon2id$" in stored
    for secret in (PASSWORD, link, browser.cookies["followup_session"]):
        assert secret not in stored


async def test_sign_out_ends_the_session_for_whoever_stole_it_too(
    shop: World, browser: Browsing
) -> None:
    await person(shop)
    await sign_in(browser)
    stolen = {"cookie": f"followup_session={browser.cookies['followup_session']}"}
    assert (await shop.page("/account", **stolen)).status_code == 200

    page = await browser.post("/sign-out")

    assert page.url.path == "/sign-in"
    assert (await shop.page("/account", **stolen)).status_code == 303


async def test_sign_out_everywhere_ends_every_session_of_that_person_alone(shop: World) -> None:
    await person(shop)
    await person(shop, "Ivan")
    web = shop.app.web

    async with Browsing(web) as one, Browsing(web) as two, Browsing(web) as ivan:
        for browser, name in ((one, "Olga"), (two, "Olga"), (ivan, "Ivan")):
            await sign_in(browser, name)
        assert "signed in in 2 browsers" in (await one.get("/account")).text
        await one.post("/account/everywhere")

        ends = [(await each.get("/account")).url.path for each in (one, two, ivan)]

    assert ends == ["/sign-in", "/sign-in", "/account"]


async def test_a_session_ends_after_twelve_idle_hours(shop: World, browser: Browsing) -> None:
    await person(shop)
    await sign_in(browser)

    shop.pass_by("11h")
    assert (await browser.get("/account")).url.path == "/account"
    shop.pass_by("11h")
    assert (await browser.get("/account")).url.path == "/account"
    shop.pass_by("12h")
    assert (await browser.get("/account")).url.path == "/sign-in"


async def test_a_session_ends_after_a_week_however_busy(shop: World, browser: Browsing) -> None:
    await person(shop)
    await sign_in(browser)

    for _ in range(16):
        assert (await browser.get("/account")).url.path == "/account"
        shop.pass_by("10h")
    shop.pass_by("8h")

    assert (await browser.get("/account")).url.path == "/sign-in"


async def test_a_new_password_needs_the_old_one_and_signs_other_browsers_out(
    shop: World, browser: Browsing
) -> None:
    await person(shop)
    await sign_in(browser)
    async with Browsing(shop.app.web) as other:
        await sign_in(other)

        await browser.get("/account")
        wrong = await browser.post("/account/password", {"old": OTHER, "new": OTHER})
        right = await browser.post("/account/password", {"old": PASSWORD, "new": OTHER})

        assert wrong.status_code == 422
        assert "Saved." in right.text
        assert (await other.get("/account")).url.path == "/sign-in"
        assert await sign_in(other, password=OTHER) == "200 /account"


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "at least 10"),
        ("x" * 201, "too long"),
        ("abababababab", "repeats itself"),
        ("password1234", "one of the first"),
        ("QwertyUiop", "one of the first"),
        ("Margarita!!2026", "one of the first"),
    ],
)
async def test_a_password_that_others_would_guess_is_refused(
    shop: World, browser: Browsing, password: str, why: str
) -> None:
    link = await first_link(shop)
    await browser.get(link)

    page = await browser.post(link, {"name": "Margarita", "password": password})

    assert page.status_code == 422
    assert why in page.text
    assert 'value="Margarita"' in page.text
    assert not await shop.app.keys.sessions.anybody()


async def test_a_link_works_once(shop: World, browser: Browsing) -> None:
    link = await first_link(shop)
    await browser.get(link)
    await browser.post(link, {"name": "Olga", "password": PASSWORD})

    async with Browsing(shop.app.web) as other:
        again = await other.get(link)

    assert again.status_code == 410
    with pytest.raises(PeopleError):
        await shop.app.keys.people.accept(link.rpartition("/")[2], "Eve", OTHER)


async def test_links_for_the_first_user_are_void_when_there_is_one(
    shop: World, browser: Browsing
) -> None:
    one, two = await first_link(shop), await first_link(shop)
    await browser.get(one)
    await browser.post(one, {"name": "Olga", "password": PASSWORD})

    assert (await browser.get(two)).status_code == 410
    assert await shop.app.keys.people.first_link() is None


async def test_a_link_is_good_for_a_day(shop: World, browser: Browsing) -> None:
    link = await first_link(shop)

    shop.clock.advance(timedelta(hours=23, minutes=59))
    assert (await browser.get(link)).status_code == 200
    shop.clock.advance(timedelta(minutes=1))
    assert (await browser.get(link)).status_code == 410


async def test_a_new_link_voids_the_older_and_a_new_password_ends_sessions(
    shop: World, browser: Browsing
) -> None:
    await person(shop)
    await sign_in(browser)
    people = shop.app.keys.people
    olga = await people.named("olga")
    assert olga is not None
    one = await people.link("test", olga.id)

    two = await people.link("test", olga.id)
    async with Browsing(shop.app.web) as other:
        assert (await other.get(f"/set-up/{one}")).status_code == 410
        await other.get(f"/set-up/{two}")
        await other.post(f"/set-up/{two}", {"password": OTHER})
        assert (await other.get("/account")).url.path == "/account"

    assert (await browser.get("/account")).url.path == "/sign-in"


@pytest.mark.parametrize(("language", "word"), [("ru", "Пароль"), ("ar", "كلمة المرور")])
async def test_the_sign_in_speaks_the_browsers_language(
    shop: World, language: str, word: str
) -> None:
    await person(shop)

    async with Browsing(shop.app.web, **{"accept-language": language}) as browser:
        page = await browser.get("/followup")

    assert page.url.path == "/sign-in"
    assert f'<html lang="{language}"' in page.text
    assert f'<label for="password">{word}</label>' in page.text


async def test_what_is_over_is_deleted(shop: World, browser: Browsing) -> None:
    await person(shop)
    await sign_in(browser)
    await shop.app.keys.people.add("test", "Ivan", PersonRole.VIEWER)
    async with Browsing(shop.app.web) as other:
        await sign_in(other, "Olga", "wrong password")

    shop.pass_by("25h")
    await shop.app.forget()

    for table in ("sessions", "setup_links", "sign_in_failures"):
        assert await shop.query(f"SELECT * FROM {table}") == []  # noqa: S608  names above
    assert len(await shop.query("SELECT * FROM people")) == 2
