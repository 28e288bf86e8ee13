"""Hostile values in every place of every request: each is answered, on both databases."""

import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx2
import pytest

from bot.testing import FakeClock, FakeJobs
from tests.attack.crawling import dashboard_routes, forms
from tests.story.browsing import HERE, Browsing
from tests.story.programs import Program, token_of
from tests.story.words import settings_of, steps
from tests.story.world import World

KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
HUGE, LONG = "9" * 19, "1" * 15
VALUES = (HUGE, LONG, "9" * 4400, "\0", "\ud800")
BODIES = (
    *(b"[" * 100_000, b'{"a":' * 40_000, b"\xff", b"NaN", b"\x1f\x8b\x08" + bytes(99)),
    *(b'"\\ud800"', b"1" * 5000, b"{" + b'"a":1,' * 30_000 + b'"a":1}'),
)
WAYS = ("q", "view", "cursor", "chat", "before", "days", "version", "employee", "next", "days")
LEAVING = {"/sign-out", "/account/everywhere", "/account/password"}
JSON = {"content-type": "application/json"}
ONE = "employees_add"


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path}/shop.db"


@pytest.fixture
async def shop(url: str) -> AsyncIterator[World]:
    """A chat that waits."""
    w = World(settings_of(steps("4h")), url, FakeClock(), FakeJobs(), None)
    await w.boot()
    await w.client(name="Grace")
    yield w
    await w.app.close()


async def test_no_address_and_no_query_breaks_a_page(shop: World, olga: Browsing) -> None:
    for route in dashboard_routes(shop.app.web):
        if "GET" not in (route.methods or ()) or route.path == "/followup/events":
            continue
        for path in _places(route.path):
            assert (await olga.get(path)).status_code < 500, path[:80]
        for value in VALUES:
            query = "&".join(f"{way}={_spelled(value)}" for way in WAYS)
            page = await olga.get(f"{_usual(route.path)}?{query}")
            assert page.status_code < 500, (route.path, value[:20])


async def test_no_address_and_no_field_breaks_a_form(shop: World, olga: Browsing) -> None:
    for route in dashboard_routes(shop.app.web):
        if "POST" in (route.methods or ()) and "{" in route.path:
            for path in _places(route.path):
                answer = await olga.post(path, {"role": "viewer"})
                assert answer.status_code < 500, path[:80]
    found = [form async for form in forms(olga) if form.action not in LEAVING]
    assert len(found) > 10
    for form in found:
        for value in VALUES:
            filled = {**dict.fromkeys(form.fields, value), **dict(form.buttons[:1])}
            body = urlencode({**filled, "csrf": olga.csrf}, errors="surrogatepass")
            answer = await olga.send(form.action, body)
            assert answer.status_code < 500, (form.action, value[:20])


async def test_no_address_and_no_body_breaks_an_operation(shop: World) -> None:
    bearer = {"authorization": f"Bearer {await token_of(shop)}", **JSON}
    async with Program(shop.app.web) as eve:
        document = eve.document
    transport = httpx2.ASGITransport(app=shop.app.web)
    async with httpx2.AsyncClient(transport=transport, base_url=HERE, headers=bearer) as crm:
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                asked = [(each, b"{}") for each in _asked(path, operation)]
                asked += [(_usual(path), each) for each in _bodies(document, operation)]
                for address, body in asked:
                    answer = await crm.request(method.upper(), address, content=body)
                    assert answer.status_code < 500, (method, address[:80], body[:40])


def _spelled(value: str) -> str:
    return quote(value.encode("utf-8", "surrogatepass"), safe="")


def _usual(path: str) -> str:
    return re.sub(r"{(\w+)}", lambda found: "anna" if found[1] == "employee" else "1", path)


def _places(path: str) -> Iterator[str]:
    """The address with each hostile value in its place; as it is where it has none."""
    if "{" not in path:
        yield path
        return
    for value in VALUES:
        yield re.sub(r"{\w+}", lambda _, value=value: _spelled(value), path)  # type: ignore[misc]


def _asked(path: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield from _places(path)
    for each in operation.get("parameters", ()):
        if each["in"] == "query":
            for value in VALUES:
                yield f"{_usual(path)}?{each['name']}={_spelled(value)}"


def _bodies(document: Mapping[str, Any], operation: Mapping[str, Any]) -> Iterator[bytes]:
    """What is no body at all, and for each of its fields what that cannot be."""
    if "requestBody" not in operation:
        return
    # One reader serves all operations.
    if operation["operationId"] == ONE:
        yield from BODIES
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    name = schema.get("$ref", "").rpartition("/")[2]
    for field in document["components"]["schemas"].get(name, schema).get("properties", ()):
        for value in ("\0", "\ud800", 10**19):
            yield json.dumps({field: value}).encode()
