"""Which pages may talk to the channel, and what the settings take."""

from types import ModuleType
from typing import Any

import pytest

from bot.api import SettingsError

ORIGIN = "https://shop.example"
FOREIGN = [
    "https://evil.example",
    "null",
    "http://shop.example",
    "https://shop.example:8443",
    "https://shop.example.evil.example",
    "https://sub.shop.example",
    "http://127.0.0.1:9999",
    "http://127.0.0.1",
    "",
]
PREFLIGHT = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization, content-type, last-event-id",
}


async def test_an_app_without_origin_is_let_in(http: Any) -> None:
    reply = await http.post("/web/site/visitors")

    assert reply.status_code == 201
    assert "access-control-allow-origin" not in reply.headers


@pytest.mark.parametrize(
    "origin",
    [ORIGIN, "http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080"],
)
async def test_a_known_page_is_let_in(http: Any, origin: str) -> None:
    reply = await http.post("/web/site/visitors", headers={"Origin": origin})

    assert reply.status_code == 201
    assert reply.headers["access-control-allow-origin"] == origin
    assert "Origin" in reply.headers["vary"]


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_foreign_page_is_refused(http: Any, world: Any, origin: str) -> None:
    reply = await http.post("/web/site/visitors", headers={"Origin": origin})

    assert reply.status_code == 403
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.headers["vary"] == "Origin"
    assert "access-control-allow-origin" not in reply.headers
    assert not world.chats


@pytest.mark.parametrize("path", ["messages", "events", "demo", "nothing"])
async def test_a_foreign_page_is_refused_before_anything_else(http: Any, path: str) -> None:
    reply = await http.request(
        "POST", f"/web/site/{path}", headers={"Origin": FOREIGN[0]}, content=b"{" * 70_000
    )

    assert reply.status_code == 403


async def test_each_account_knows_its_own_pages(http: Any) -> None:
    reply = await http.post("/web/other/visitors", headers={"Origin": ORIGIN})

    assert reply.status_code == 403


async def test_a_known_page_may_ask_first(http: Any) -> None:
    reply = await http.options("/web/site/messages", headers={"Origin": ORIGIN, **PREFLIGHT})

    assert reply.status_code == 200
    assert reply.headers["access-control-allow-origin"] == ORIGIN
    allowed = reply.headers["access-control-allow-headers"].lower()
    assert all(name in allowed for name in ("authorization", "content-type", "last-event-id"))
    assert "access-control-allow-credentials" not in reply.headers


async def test_a_foreign_page_that_asks_first_is_refused(http: Any) -> None:
    reply = await http.options("/web/site/messages", headers={"Origin": FOREIGN[0], **PREFLIGHT})

    assert reply.status_code == 403
    assert reply.headers["content-type"] == "application/problem+json"


async def test_a_known_page_that_asks_for_more_is_told_so(http: Any) -> None:
    asked = {**PREFLIGHT, "Access-Control-Request-Method": "DELETE"}

    reply = await http.options("/web/site/messages", headers={"Origin": ORIGIN, **asked})

    assert reply.status_code == 400
    assert reply.headers["content-type"] == "application/problem+json"


async def test_a_known_page_can_read_refusals(http: Any) -> None:
    reply = await http.get("/web/site/messages", headers={"Origin": ORIGIN})

    assert reply.status_code == 401
    assert reply.headers["access-control-allow-origin"] == ORIGIN


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("HTTPS://Shop.Example", "https://shop.example"),
        ("https://shop.example:443", "https://shop.example"),
        ("http://shop.example:80", "http://shop.example"),
        ("http://shop.example:8080", "http://shop.example:8080"),
        ("http://[2001:db8::1]:81", "http://[2001:db8::1]:81"),
        ("capacitor://localhost", "capacitor://localhost"),
    ],
)
async def test_origins_are_compared_as_browsers_write_them(
    worlds: ModuleType, world: Any, written: str, sent: str
) -> None:
    shop = worlds.app(world.channel(origins=[written]))

    async with worlds.client(shop) as http:
        reply = await http.post("/web/site/visitors", headers={"Origin": sent})

    assert reply.status_code == 201


@pytest.mark.parametrize(
    "written",
    [
        *("*", "https://*.shop.example", "shop.example", "https://shop.example/", "https://a/b"),
        *("https://u:p@shop.example", "https://bücher.example", "", "https://", "https://a:b"),
        "null",
    ],
)
def test_a_strange_origin_in_the_settings_is_named(world: Any, written: str) -> None:
    with pytest.raises(SettingsError, match=r"channels\.site\.origins\.0: .*origin|\*"):
        world.channel(origins=[written])


def test_an_unknown_setting_is_named_with_the_nearest(world: Any) -> None:
    with pytest.raises(SettingsError, match=r"channels\.site\.orgins: .*'origins'"):
        world.channel(orgins=[])


@pytest.mark.parametrize("name", ["", "a b", "a/b", "{a}", "ü"])
def test_a_name_that_fits_no_path_is_refused(world: Any, name: str) -> None:
    with pytest.raises(SettingsError, match="letters, digits"):
        world.channel(name)


async def test_a_public_server_is_not_this_machine(worlds: ModuleType, world: Any) -> None:
    public = worlds.channel("site", {}, world.host("https://Bot.example"))

    async with worlds.client(worlds.app(public)) as http:
        own = await http.post("/web/site/visitors", headers={"Origin": "https://bot.example"})
        near = await http.post("/web/site/visitors", headers={"Origin": "https://localhost"})

    assert (own.status_code, near.status_code) == (201, 403)
