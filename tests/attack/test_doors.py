"""Every way into the dashboard and the API, found by their routes, is tried by who may not."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import httpx2
import pytest
from sqlalchemy import select
from starlette.routing import Route

from bot.operations import Scope
from bot.site import PersonRole
from bot.store.tables import metadata as runtime_tables
from config.sections import WebSettings
from plugins.followup.adapters.tables import metadata as followup_tables
from tests.attack.crawling import dashboard_routes
from tests.story.browsing import HERE, Browsing
from tests.story.conftest import Worlds
from tests.story.programs import Program, token_of
from tests.story.words import steps
from tests.story.world import World

PASSWORD = "four green bicycles"  # noqa: S105  of nobody
VALUES = {"employee": "anna", "chat": "1", "person": "1", "token": "1", "secret": "x"}
OPEN = {"/sign-in", "/set-up/{secret}"}
"""Where who has not signed in yet may come."""
OWN = {"/account", "/account/password", "/account/everywhere", "/sign-out"}
"""What everybody may do who has signed in: it is their own."""
PASSING = {"sessions", "sign_in_failures"}
HOSTS = (
    *("127.0.0.1/sign-in?", "x/set-up#", "[", "[::1", "a:b:c", "x/127.0.0.1", "é", ""),
    *("127.0.0.1@evil.example", "127.0.0.1.evil.example", "evil.example:127.0.0.1"),
)
PROXIES = (
    *("Via", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "Forwarded"),
    *("X-Forwarded-For", "X-Real-IP", "X-Client-IP", "CF-Connecting-IP", "True-Client-IP"),
)
HARMLESS = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}


@pytest.fixture
async def shop(world: Worlds) -> World:
    """A chat that waits, an admin, and a viewer."""
    w = await world(steps("4h"))
    await w.client(name="Grace")
    return w


async def signed_in(w: World, browser: Browsing, name: str, role: PersonRole) -> Browsing:
    link = f"/set-up/{await w.app.keys.people.add('test', name, role)}"
    await browser.get(link)
    await browser.post(link, {"password": PASSWORD})
    return browser


@pytest.fixture
async def olga(shop: World) -> AsyncIterator[Browsing]:
    async with Browsing(shop.app.web) as browser:
        yield await signed_in(shop, browser, "Olga", PersonRole.ADMIN)


@pytest.fixture
async def ivan(shop: World, olga: Browsing) -> AsyncIterator[Browsing]:
    async with Browsing(shop.app.web) as browser:
        yield await signed_in(shop, browser, "Ivan", PersonRole.VIEWER)


def filled(route: Route) -> str:
    return re.sub(r"{(\w+)(:\w+)?}", lambda found: VALUES[found[1]], route.path)


def posts(w: World) -> Sequence[Route]:
    found = [each for each in dashboard_routes(w.app.web) if "POST" in (each.methods or ())]
    assert len(found) > 20
    return found


def gets(w: World) -> Sequence[Route]:
    found = [each for each in dashboard_routes(w.app.web) if "GET" in (each.methods or ())]
    assert len(found) > 15
    return found


async def state(w: World) -> Mapping[str, Any]:
    """Every row of every table, but for who comes and goes."""
    rows: dict[str, Any] = {}
    async with w.app.database.read() as connection:
        for each in (*runtime_tables.tables.values(), *followup_tables.tables.values()):
            if each.name not in PASSING:
                rows[each.name] = sorted(map(str, await connection.execute(select(each))))
    return rows


async def test_no_page_is_shown_to_a_stranger(shop: World, olga: Browsing) -> None:
    async with Browsing(shop.app.web) as eve:
        for route in gets(shop):
            page = await eve.get(filled(route), follow_redirects=False)

            if route.path not in OPEN:
                assert page.status_code == 303, route.path
                assert page.headers["location"].startswith("/sign-in?next="), route.path
            assert "Grace" not in page.text


async def test_no_name_of_a_host_opens_a_page(shop: World, olga: Browsing) -> None:
    async with Browsing(shop.app.web) as eve:
        for host in HOSTS:
            for path in ("/followup", "/followup/chats/1", "/users"):
                told = {"host": host.encode()}
                page = await eve.get(path, headers=told, follow_redirects=False)

                assert page.status_code == 303, (host, path)


async def test_no_name_of_a_host_makes_a_guest(shop: World) -> None:
    async with Browsing(shop.app.web) as eve:
        for host in HOSTS:
            page = await eve.get("/followup", headers={"host": host.encode()})

            assert page.status_code == 403, host


async def test_whatever_a_proxy_adds_makes_no_guest(shop: World) -> None:
    for header in PROXIES:
        assert (await shop.page("/followup", **{header: "203.0.113.9"})).status_code == 403, header
    assert (await shop.page("/followup")).status_code == 200


async def test_a_proxy_that_adds_nothing_is_known_by_its_old_protocol(shop: World) -> None:
    """As nginx forwards, where nobody says otherwise: the inner name, HTTP/1.0, no header."""
    assert await _status(shop, "/followup", "1.0") == 403
    assert await _status(shop, "/followup", "1.1") == 200


async def test_whoever_has_a_public_address_lets_no_guest_in(world: Worlds) -> None:
    """A proxy stands before it, and the next one may add nothing at all."""
    w = await world(steps("4h"))
    w.settings = w.settings.model_copy(
        update={"web": WebSettings(public_url="https://bot.example")}
    )
    await w.restart()

    assert (await w.page("/followup")).status_code == 403


async def test_no_form_is_taken_from_a_stranger(shop: World, olga: Browsing) -> None:
    before = await state(shop)

    async with Browsing(shop.app.web) as eve:
        for route in posts(shop):
            await eve.get("/sign-in")
            answer = await eve.post(filled(route), follow_redirects=False)

            refused = {401, 403} if route.path not in OPEN else {403, 410, 422}
            assert answer.status_code in refused, route.path

    assert await state(shop) == before


async def test_no_form_without_its_token_changes_anything(shop: World, olga: Browsing) -> None:
    before = await state(shop)

    for route in posts(shop):
        for token in ("", "0" * 80, "é", "\0"):
            answer = await olga.post(filled(route), {"csrf": token, "name": "Eve", "role": "admin"})

            assert answer.status_code == 403, (route.path, token)

    assert await state(shop) == before


async def test_no_form_of_another_site_is_taken_even_with_a_token(
    shop: World, olga: Browsing
) -> None:
    before = await state(shop)
    await olga.get("/account")

    for route in posts(shop):
        for site in ("cross-site", "same-site"):
            answer = await olga.post(filled(route), headers={"sec-fetch-site": site})

            assert answer.status_code == 403, (route.path, site)

    assert await state(shop) == before


async def test_a_page_that_is_only_looked_at_changes_nothing(shop: World, olga: Browsing) -> None:
    before = await state(shop)

    for route in gets(shop):
        if route.path != "/followup/events":
            await olga.get(filled(route), params={"do": "stop", "hand": "pause", "action": "never"})

    assert await state(shop) == before


async def test_a_viewer_changes_nothing_but_their_own(shop: World, ivan: Browsing) -> None:
    before = await state(shop)

    for route in posts(shop):
        if route.path in OWN | OPEN or route.path.startswith("/account/tokens"):
            continue
        await ivan.get("/account")
        answer = await ivan.post(filled(route))

        assert answer.status_code == 403, route.path

    assert await state(shop) == before


async def test_every_page_is_framed_by_nobody_and_runs_nothing_foreign(
    shop: World, olga: Browsing
) -> None:
    for route in gets(shop):
        if route.path == "/followup/events":
            continue
        page = await olga.get(filled(route))
        if not page.headers.get("content-type", "").startswith("text/html"):
            continue
        policy = dict(
            each.strip().split(" ", 1)
            for each in page.headers["content-security-policy"].split(";")
        )
        assert policy["default-src"] == "'none'"
        assert policy["frame-ancestors"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == "'self'"
        assert (policy["base-uri"], policy["form-action"]) == ("'none'", "'self'")
        assert HARMLESS.items() <= page.headers.items()
        assert page.headers["cache-control"] == "no-store"


async def test_no_operation_of_the_api_is_open(shop: World, olga: Browsing) -> None:
    reader = await token_of(shop, "Ivan", [Scope.READ], role=PersonRole.VIEWER)
    async with Program(shop.app.web) as eve, Program(shop.app.web, reader) as ivan:
        before = await state(shop)
        for place, operations in eve.document["paths"].items():
            path = re.sub(r"{\w+}", "1", place).removeprefix("/api/v1")
            for method, operation in operations.items():
                if not operation.get("security", True):
                    continue
                assert (await eve.ask(method.upper(), path)).status_code == 401, place
                if operation["security"] != [{"token": ["read"]}]:
                    assert (await ivan.ask(method.upper(), path)).status_code == 403, place

    after = await state(shop)
    assert {**after, "tokens": before["tokens"]} == before


async def test_a_proxy_that_adds_a_line_of_its_own_is_believed(shop: World, olga: Browsing) -> None:
    """Who guesses writes a header first; some proxies add a second line, not a second entry."""
    transport = httpx2.ASGITransport(app=shop.app.web)
    async with httpx2.AsyncClient(transport=transport, base_url=HERE) as eve:
        statuses = [await _guess(eve, number) for number in range(22)]

    assert statuses[:20] == [422] * 20
    assert statuses[20:] == [429, 429]


async def test_signing_in_leads_to_no_foreign_page(shop: World, olga: Browsing) -> None:
    for wanted in (
        *("//evil.example", "https://evil.example", "/\\evil.example", "\\/evil.example"),
        *("//[", "http://[", "/\t/evil.example", " //evil.example", "javascript:alert(1)", "\0"),
    ):
        answer = await olga.get("/sign-in", params={"next": wanted}, follow_redirects=False)

        assert (answer.status_code, answer.headers["location"]) == (303, "/"), wanted


async def _guess(eve: httpx2.AsyncClient, number: int) -> int:
    page = await eve.get("/sign-in")
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found is not None
    form = {"csrf": found[1], "name": f"name {number}", "password": "wrong password"}
    lines = [("x-forwarded-for", f"198.51.100.{number}"), ("x-forwarded-for", "203.0.113.9")]
    return (await eve.post("/sign-in", data=form, headers=lines)).status_code


async def _status(w: World, path: str, version: str) -> int:
    """ASGI itself: the test client speaks no old protocol."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": version,
        "method": "GET",
        "scheme": "http",
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"127.0.0.1:8080"), (b"accept", b"text/html")],
        "root_path": "",
        "client": ("127.0.0.1", 4711),
        "server": ("127.0.0.1", 8080),
    }
    await w.app.web(scope, receive, send)
    return int(sent[0]["status"])
