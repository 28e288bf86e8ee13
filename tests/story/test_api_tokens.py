"""Who comes in by the API: a token that counts, in its header, for what it may do."""

import logging
from collections.abc import AsyncIterator

import pytest

from bot.operations import Scope
from bot.site import PersonRole
from bot.tokens import Wanted
from tests.story.browsing import Browsing
from tests.story.conftest import Worlds
from tests.story.programs import Program, token_of
from tests.story.words import steps
from tests.story.world import World

PASSWORD = "four green bicycles"  # noqa: S105  of nobody


@pytest.fixture
async def shop(world: Worlds) -> World:
    return await world(steps("4h"))


@pytest.fixture
async def program(shop: World) -> AsyncIterator[Program]:
    async with Program(shop.app.web, await token_of(shop)) as program:
        yield program


async def status(w: World, token: str | None, path: str = "/account", **headers: str) -> int:
    async with Program(w.app.web, token, **headers) as program:
        return (await program.ask("GET", path)).status_code


async def revoke(w: World, name: str = "Olga") -> None:
    account = await w.app.keys.people.named(name)
    assert account is not None
    for each in await w.app.keys.tokens.of(account.id):
        await w.app.keys.tokens.revoke("test", account.id, each.id)


async def test_a_token_tells_whose_it_is(program: Program) -> None:
    own = await program.get("/account")

    assert (own["name"], own["role"]) == ("Olga", "admin")
    assert own["tokens"][0]["name"] == "crm"
    assert own["tokens"][0]["used_at"] == "2026-03-02T09:00:00Z"


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic b2xnYTpvbGdh", "Bearer wrong", "Bearer \xe9", "wrong"],
)
async def test_without_a_token_that_counts_nobody_comes_in(shop: World, header: str) -> None:
    await token_of(shop)

    async with Program(shop.app.web) as program:
        given = {"authorization": header.encode("latin-1")} if header else {}
        answer = await program.ask("GET", "/account", headers=given)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer ")


async def test_before_the_first_user_there_is_no_token_and_no_way_in(shop: World) -> None:
    assert await status(shop, None) == 401


async def test_a_token_ends_when_it_was_said_to(shop: World) -> None:
    token = await token_of(shop, days=30)
    before = await status(shop, token)

    shop.pass_by("30d")

    assert (before, await status(shop, token)) == (200, 401)


async def test_a_revoked_token_is_out_at_once(shop: World, program: Program) -> None:
    await program.get("/account")

    await revoke(shop)

    assert (await program.ask("GET", "/account")).status_code == 401


async def test_the_tokens_of_who_is_removed_are_out_at_once(shop: World, program: Program) -> None:
    await token_of(shop, "Ivan")
    account = await shop.app.keys.people.named("Olga")
    assert account is not None
    await shop.app.keys.people.link("test", account.id)
    ready = await shop.app.keys.people.link("test", account.id + 1)
    await shop.app.keys.people.accept(ready, "", PASSWORD)

    await shop.app.keys.people.remove("test", account.id)

    assert (await program.ask("GET", "/account")).status_code == 401
    assert len(await shop.query("SELECT * FROM tokens")) == 1


async def test_a_session_is_no_token(shop: World) -> None:
    link = f"/set-up/{await shop.app.keys.people.add('test', 'Olga', PersonRole.ADMIN)}"
    async with Browsing(shop.app.web) as browser:
        await browser.get(link)
        await browser.post(link, {"password": PASSWORD})
        page = await browser.get("/api/v1/account")
        cookies = dict(browser.cookies)

    assert page.status_code == 401
    assert cookies
    for secret in cookies.values():
        assert await status(shop, secret) == 401


async def test_a_token_in_the_address_is_not_looked_at(shop: World) -> None:
    token = await token_of(shop)

    for name in ("access_token", "token", "authorization"):
        assert await status(shop, None, f"/account?{name}={token}") == 401


async def test_a_missing_scope_is_named(shop: World) -> None:
    token = await token_of(shop, scopes=[Scope.READ])

    async with Program(shop.app.web, token) as program:
        answer = await program.ask("POST", "/users", json={"name": "Eve", "role": "admin"})

    assert answer.status_code == 403
    assert "users:write" in answer.json()["detail"]
    assert 'scope="users:write"' in answer.headers["www-authenticate"]


async def test_a_token_may_never_do_more_than_its_person(shop: World) -> None:
    token = await token_of(shop, "Ivan")
    ivan = await shop.app.keys.people.named("Ivan")
    await token_of(shop, "Olga")
    olga = await shop.app.keys.people.named("Olga")
    assert ivan is not None
    assert olga is not None

    async with Program(shop.app.web, token) as program:
        before = (await program.ask("GET", "/users")).status_code
        await shop.app.keys.people.set_role("test", ivan.id, PersonRole.VIEWER)
        refused = await program.ask("GET", "/users")
        still = (await program.ask("GET", "/employees")).status_code

    assert (before, refused.status_code, still) == (200, 403, 200)
    assert "only admins" in refused.json()["detail"]


async def test_too_many_wrong_tokens_are_not_even_looked_at(shop: World) -> None:
    token = await token_of(shop)

    async with Program(shop.app.web, "wrong") as program:
        tries = [await program.ask("GET", "/account") for _ in range(22)]

    assert [each.status_code for each in tries] == [401] * 20 + [429] * 2
    assert int(tries[-1].headers["retry-after"]) == 3601
    assert await status(shop, token) == 200
    shop.pass_by("61m")
    assert await status(shop, "wrong") == 401


async def test_wrong_tokens_keep_nobody_from_signing_in(shop: World) -> None:
    await token_of(shop)
    async with Program(shop.app.web, "wrong") as program:
        for _ in range(25):
            await program.ask("GET", "/account")

    async with Browsing(shop.app.web) as browser:
        await browser.get("/sign-in")
        page = await browser.post("/sign-in", {"name": "Olga", "password": "x", "next": "/"})

    assert page.status_code == 422


async def test_the_audit_log_knows_person_and_token(shop: World, program: Program) -> None:
    await program.send("POST", "/users", {"name": "Eve"}, status=201)

    rows = await shop.query("SELECT * FROM changes WHERE action = 'user.added' ORDER BY id")

    assert rows[-1]["by"] == "Olga, token crm"


async def test_making_and_revoking_is_in_the_audit_log_without_the_secret(shop: World) -> None:
    token = await token_of(shop)
    await revoke(shop)

    rows = await shop.query("SELECT * FROM changes WHERE action LIKE 'token.%' ORDER BY id")

    assert [row["action"] for row in rows] == ["token.made", "token.revoked"]
    assert token not in str(await shop.query("SELECT * FROM tokens"))
    assert token not in str(rows)


async def test_no_token_is_logged(shop: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    token = await token_of(shop)

    await status(shop, token)
    await status(shop, f"{token}x")

    assert token.removeprefix("fbt_") not in caplog.text


async def test_whoever_has_a_long_name_can_still_be_recorded(shop: World) -> None:
    token = await token_of(shop, "x" * 64, called="y" * 28)

    async with Program(shop.app.web, token) as program:
        await program.send("POST", "/users", {"name": "Eve"}, status=201)

    rows = await shop.query("SELECT * FROM changes WHERE action = 'user.added' ORDER BY id")
    assert len(rows[-1]["by"]) == 100


async def test_the_page_makes_a_token_shows_it_once_and_revokes_it(shop: World) -> None:
    link = f"/set-up/{await shop.app.keys.people.add('test', 'Olga', PersonRole.ADMIN)}"
    async with Browsing(shop.app.web) as browser:
        await browser.get(link)
        await browser.post(link, {"password": PASSWORD})
        await browser.get("/account")
        wish = {"name": "crm", "scope": ["read", "chats:write", "nonsense"], "days": "30"}

        page = await browser.post("/account/tokens", wish)
        token = page.text.partition(">fbt_")[2].partition("<")[0]
        again = await browser.get("/account")
        twice = await browser.post("/account/tokens", wish)
        works = await status(shop, f"fbt_{token}")
        own = (await shop.query("SELECT * FROM tokens"))[0]
        await browser.get("/account")
        await browser.post(f"/account/tokens/{own['id']}/revoke")

    assert token
    assert token not in again.text
    assert "crm" in again.text
    assert twice.status_code == 422
    assert "There is a token of that name already." in twice.text
    assert own["scopes"] == "read chats:write"
    assert works == 200
    assert await status(shop, f"fbt_{token}") == 401


@pytest.mark.parametrize(
    "wish",
    [
        {"name": "", "scope": ["read"]},
        {"name": "x" * 29, "scope": ["read"]},
        {"name": "a\x00b", "scope": ["read"]},
        {"name": "crm"},
        {"name": "crm", "scope": ["read"], "days": "0"},
        {"name": "crm", "scope": ["read"], "days": "soon"},
        {"name": "crm", "scope": ["read"], "days": "3651"},
        {"name": "crm", "scope": ["read", "users:write"]},
    ],
)
async def test_what_cannot_be_a_viewers_token_is_refused(
    shop: World, wish: dict[str, object]
) -> None:
    await shop.app.keys.people.add("test", "Olga", PersonRole.ADMIN)
    link = f"/set-up/{await shop.app.keys.people.add('test', 'Ivan', PersonRole.VIEWER)}"
    async with Browsing(shop.app.web) as browser:
        await browser.get(link)
        await browser.post(link, {"password": PASSWORD})
        await browser.get("/account")
        page = await browser.post("/account/tokens", {"days": "", **wish})

    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert not await shop.query("SELECT * FROM tokens")


async def test_signing_out_everywhere_revokes_tokens_and_a_new_password_does_not(
    shop: World,
) -> None:
    link = f"/set-up/{await shop.app.keys.people.add('test', 'Olga', PersonRole.ADMIN)}"
    async with Browsing(shop.app.web) as browser:
        await browser.get(link)
        await browser.post(link, {"password": PASSWORD})
        token = await token_of(shop)
        await browser.get("/account")
        await browser.post("/account/password", {"old": PASSWORD, "new": "five red boats"})
        kept = await status(shop, token)
        await browser.get("/account")
        await browser.post("/account/everywhere")

    assert kept == 200
    assert await status(shop, token) == 401


async def test_ended_tokens_are_shown_as_such_and_later_forgotten(shop: World) -> None:
    await token_of(shop, days=1)
    olga = await shop.app.keys.people.named("Olga")
    assert olga is not None
    shop.pass_by("2d")
    shown = await shop.app.keys.tokens.of(olga.id)
    shop.pass_by("30d")

    await shop.app.forget()

    assert [each.is_over(shop.clock.now()) for each in shown] == [True]
    assert not await shop.app.keys.tokens.of(olga.id)


async def test_nobody_has_tokens_without_end(shop: World) -> None:
    await token_of(shop)
    olga = await shop.app.keys.people.named("Olga")
    assert olga is not None
    make = shop.app.keys.tokens.make
    for place in range(49):
        await make("test", olga.id, Wanted(f"t{place}", [Scope.READ]))

    with pytest.raises(Exception, match="too many tokens"):
        await make("test", olga.id, Wanted("one more", [Scope.READ]))
