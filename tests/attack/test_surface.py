"""What somebody tries who looks at the whole surface: scopes, caches, files, hidden requests."""

import asyncio
import gzip
import re
from collections import Counter

import httpx2
import pytest

from bot.operations import Scope
from bot.passwords import Passwords
from bot.serving import open_port, server
from tests.attack.crawling import dashboard_routes
from tests.story.browsing import HERE, Browsing
from tests.story.conftest import Worlds
from tests.story.programs import Program, token_of
from tests.story.words import steps
from tests.story.world import World

OUTSIDE = (
    *("../bot.toml", "..%2fapp.py", "%2e%2e/%2e%2e/model.py", "..%5c..%5cmodel.py", "....//x"),
    *("/etc/passwd", "%2fetc%2fpasswd", "app.css%00.py", "static/../../languages.py", "C:/x"),
)
SMUGGLED = {
    "two lengths": b"Content-Length: 4\r\nContent-Length: 60\r\n\r\n",
    "a length and pieces": b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n",
    "pieces, spelled oddly": b"Transfer-Encoding: xchunked\r\n\r\n",
    "a blank before the colon": b"Content-Length : 4\r\n\r\n",
    "a header that goes on": b"X-A: b\r\n Content-Length: 60\r\nContent-Length: 4\r\n\r\n",
    "a length that is none": b"Content-Length: +4\r\n\r\n",
}
SECOND = b"0\r\n\r\nGET /users HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
async def shop(world: Worlds) -> World:
    """A chat that waits."""
    w = await world(steps("4h"))
    await w.client(name="Grace")
    return w


async def test_a_page_is_in_one_place_only(shop: World) -> None:
    pages = Counter(
        (route.path, method)
        for route in dashboard_routes(shop.app.web)
        for method in route.methods or ()
    )

    assert [page for page, times in pages.items() if times > 1] == []


async def test_a_token_does_nothing_for_which_it_has_every_scope_but_the_one(shop: World) -> None:
    tried = set()
    for missing in Scope:
        others = [scope for scope in Scope if scope is not missing]
        token = await token_of(shop, scopes=others, called=missing.name)
        async with Program(shop.app.web, token) as program:
            for place, operations in program.document["paths"].items():
                for method, operation in operations.items():
                    if operation.get("security") == [{"token": [missing.value]}]:
                        path = re.sub(r"{\w+}", "1", place).removeprefix("/api/v1")
                        answer = await program.ask(method.upper(), path)
                        assert answer.status_code == 403, (method, place)
                        assert missing.value in answer.text
                        tried.add(missing)
    assert tried == set(Scope)


async def test_nothing_that_a_person_was_shown_is_kept_by_a_cache(
    shop: World, olga: Browsing
) -> None:
    for route in dashboard_routes(shop.app.web):
        if "GET" not in (route.methods or ()) or route.path == "/followup/events":
            continue
        path = re.sub(r"{(\w+)}", lambda it: "anna" if it[1] == "employee" else "1", route.path)
        page = await olga.get(path, follow_redirects=False)
        if page.status_code == 200:
            assert "no-store" in page.headers["cache-control"], path
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=shop.app.web), base_url=HERE
    ) as visitor:
        told = await visitor.post("/web/site/visitors", json={})
        headers = {"Authorization": f"Bearer {told.json()['token']}"}
        heard = await visitor.get("/web/site/messages", headers=headers)
        refused = await visitor.get("/web/site/messages")
    assert {each.headers["cache-control"] for each in (told, heard, refused)} == {"no-store"}


async def test_no_path_leads_out_of_the_folder_of_files(shop: World) -> None:
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=shop.app.web), base_url=HERE
    ) as eve:
        assert (await eve.get("/static/app.css")).status_code == 200
        for path in OUTSIDE:
            answer = await eve.get(f"/static/{path}")
            assert answer.status_code == 404, path


async def test_what_is_packed_is_not_unpacked(shop: World) -> None:
    """A bomb of 1:1,000 is read as what it is: some bytes that are no JSON."""
    bomb = gzip.compress(b"[" * 30_000_000)
    headers = {"content-encoding": "gzip", "content-type": "application/json"}
    token = await token_of(shop)
    async with Program(shop.app.web, token) as program:
        for method, path in (("POST", "/employees"), ("POST", "/chats/1/snooze")):
            answer = await program.ask(method, path, content=bomb, headers=headers)
            assert answer.status_code in {400, 413}, path
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=shop.app.web), base_url=HERE
    ) as eve:
        answer = await eve.post("/web/site/visitors", content=bomb, headers=headers)
        assert answer.status_code == 400


@pytest.mark.parametrize("headers", SMUGGLED.values(), ids=SMUGGLED.keys())
async def test_a_request_in_which_another_is_hidden_is_refused(shop: World, headers: bytes) -> None:
    """Whatever a proxy took for the body is not taken for a request of its own here."""
    ready = asyncio.Event()
    web, port = server(shop.app.web, ready.set), open_port("127.0.0.1", 0, "web")
    task = asyncio.create_task(web.serve([port]))
    await ready.wait()

    reader, writer = await asyncio.open_connection("127.0.0.1", port.getsockname()[1])
    writer.write(b"POST /web/site/visitors HTTP/1.1\r\nHost: x\r\n" + headers + SECOND)
    async with asyncio.timeout(10):
        told = await reader.read()
    writer.close()
    web.should_exit = True
    await task
    port.close()

    assert told.startswith(b"HTTP/1.1 400")
    assert told.count(b"HTTP/1.1") == 1


async def test_no_more_than_two_passwords_are_hashed_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each takes 19 MiB: who knocks a hundred times must not fill the memory."""
    passwords, at_once, most = Passwords(), 0, 0
    go = asyncio.Event()

    async def slowly(*_: object) -> bool:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await go.wait()
        at_once -= 1
        return False

    monkeypatch.setattr("bot.passwords.asyncio.to_thread", slowly)
    tries = [asyncio.create_task(passwords.matches(None, "wrong")) for _ in range(100)]
    while most < 2:
        await asyncio.wait(tries, timeout=0.01)
    go.set()
    await asyncio.gather(*tries)

    assert most == 2
