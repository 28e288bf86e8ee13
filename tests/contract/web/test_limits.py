"""How much one visitor, and all behind one address, may ask; nobody is locked out for long."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from types import ModuleType
from typing import Any

import httpx2
import pytest

from bot.web.addresses import far_address
from channels.web import channel
from channels.web.limits import Allowance

SECOND = timedelta(seconds=1)


@pytest.fixture
async def limited(worlds: ModuleType, world: Any) -> AsyncIterator[Any]:
    """A client of an account with that, from that address."""
    opened: list[httpx2.AsyncClient] = []

    def limited(address: str = "", **limits: int) -> httpx2.AsyncClient:
        host = replace(world.host(), address=far_address)
        served = worlds.app(channel("site", {"limits": limits}, host))
        opened.append(worlds.client(served))
        opened[-1].headers.update({"x-forwarded-for": address} if address else {})
        return opened[-1]

    yield limited
    for each in opened:
        await each.aclose()


async def arrive(http: httpx2.AsyncClient) -> dict[str, str]:
    reply = await http.post("/web/site/visitors", json={})
    assert reply.status_code == 201
    return {"authorization": f"Bearer {reply.json()['token']}"}


async def say(http: httpx2.AsyncClient, token: dict[str, str], n: int) -> httpx2.Response:
    body = {"id": f"m{n}", "text": "hello"}
    return await http.post("/web/site/messages", json=body, headers=token)


async def test_a_visitor_who_writes_too_much_is_told_when_to_go_on(
    limited: Any, world: Any
) -> None:
    http = limited(visitor_minute=6)
    loud, other = await arrive(http), await arrive(http)

    statuses = [(await say(http, loud, n)).status_code for n in range(6)]
    refused = await say(http, loud, 6)
    world.clock.move(9 * SECOND)
    early = await say(http, loud, 6)
    world.clock.move(SECOND)
    later = await say(http, loud, 6)

    assert statuses == [201] * 6
    assert refused.status_code == 429
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["retry-after"] == "10"
    assert refused.json()["detail"] == "Too many messages; try again in 10 s."
    assert (early.status_code, early.headers["retry-after"]) == (429, "1")
    assert later.status_code == 201
    assert (await say(http, other, 1)).status_code == 201


async def test_browsers_of_other_sites_may_read_how_long_to_wait(limited: Any) -> None:
    http = limited(visitor_minute=1)
    http.headers["origin"] = "http://127.0.0.1:8080"
    token = await arrive(http)
    await say(http, token, 1)

    refused = await say(http, token, 2)

    assert refused.status_code == 429
    assert refused.headers["access-control-expose-headers"].lower() == "retry-after"


async def test_an_address_brings_so_many_new_visitors_an_hour(limited: Any, world: Any) -> None:
    http = limited("203.0.113.9", address_hour=3)

    for _ in range(3):
        await arrive(http)
    refused = await http.post("/web/site/visitors", json={})
    http.headers["x-forwarded-for"] = "198.51.100.7"
    await arrive(http)
    http.headers["x-forwarded-for"] = "203.0.113.9"
    world.clock.move(20 * 60 * SECOND)
    await arrive(http)

    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1200")
    assert len(world.chats) == 5


async def test_an_address_is_counted_before_its_tokens_are_looked_up(limited: Any) -> None:
    http = limited("203.0.113.9", address_minute=2)
    wrong = {"authorization": "Bearer guess"}

    statuses = [(await say(http, wrong, n)).status_code for n in range(3)]

    assert statuses == [401, 401, 429]


async def test_this_machine_is_not_counted_as_an_address(limited: Any) -> None:
    http = limited(address_hour=1, address_minute=1)

    tokens = [await arrive(http) for _ in range(5)]
    statuses = [(await say(http, tokens[0], n)).status_code for n in range(5)]

    assert statuses == [201] * 5


async def test_nought_is_no_limit(limited: Any) -> None:
    http = limited("203.0.113.9", visitor_minute=0, address_minute=0, address_hour=0)

    tokens = [await arrive(http) for _ in range(20)]
    statuses = {(await say(http, tokens[0], n)).status_code for n in range(700)}

    assert statuses == {201}


async def test_as_it_comes_a_thousand_visitors_of_one_address_are_let_in(limited: Any) -> None:
    http = limited("203.0.113.9")

    tokens = [await arrive(http) for _ in range(1000)]
    statuses = {(await say(http, token, 1)).status_code for token in tokens}
    dozens = {(await say(http, tokens[0], n)).status_code for n in range(2, 100)}

    assert statuses | dozens == {201}


async def test_a_visitor_has_so_many_lines_and_gets_those_back_that_closed(
    visitor: Any, listen: Any
) -> None:
    lines = [await listen(visitor) for _ in range(20)]

    refused = await listen(visitor)
    lines[0].gone.set()
    await lines[0].ended.wait()
    again = await listen(visitor)

    assert {line.status for line in lines} == {200}
    assert refused.status == 429
    assert again.status == 200


def test_whoever_was_silent_for_longest_is_forgotten_first(world: Any) -> None:
    allowance, now = Allowance(1, SECOND), world.clock.now()

    for n in range(100_001):
        allowance.wait(str(n), now)

    assert not allowance.wait("0", now)
    assert allowance.wait("100000", now) == SECOND


def test_a_clock_that_goes_back_locks_nobody_out(world: Any) -> None:
    allowance, now = Allowance(2, timedelta(minutes=1)), world.clock.now()
    for _ in range(2):
        allowance.wait("eve", now)

    assert allowance.wait("eve", now - timedelta(days=1)) == timedelta(seconds=30)
