"""Who holds a token of the widget, or guesses one, gets at one chat or at none."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from bot.site import PersonRole
from tests.story.browsing import HERE
from tests.story.conftest import Worlds
from tests.story.programs import Program, token_of
from tests.story.words import steps
from tests.story.world import World


@pytest.fixture
async def shop(world: Worlds) -> World:
    return await world(steps("4h"))


@pytest.fixture
async def http(shop: World) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=shop.app.web)
    async with httpx2.AsyncClient(transport=transport, base_url=HERE) as client:
        yield client


async def arrives(http: httpx2.AsyncClient, name: str, text: str) -> tuple[dict[str, str], int]:
    """Somebody new writes; what they send with each request, and the number of their chat."""
    told = (await http.post("/web/site/visitors", json={"name": name})).json()
    headers = {"Authorization": f"Bearer {told['token']}"}
    said = {"id": "m1", "text": text}
    assert (await http.post("/web/site/messages", json=said, headers=headers)).status_code == 201
    return headers, int(told["chat"])


async def test_the_token_of_an_erased_chat_opens_nothing(
    shop: World, http: httpx2.AsyncClient
) -> None:
    headers, chat = await arrives(http, "Grace", "My secret")
    await shop.run()
    async with Program(shop.app.web, await token_of(shop)) as crm:
        await crm.send("POST", f"/chats/{chat}/erase", {"name": "Grace"}, 204)

    for path in ("/web/site/messages", "/web/site/events"):
        assert (await http.get(path, headers=headers)).status_code == 401
    again = {"id": "m2", "text": "Hello?"}
    answer = await http.post("/web/site/messages", json=again, headers=headers)
    assert answer.status_code == 401
    assert await shop.query("SELECT 1 FROM messages") == []


async def test_no_number_and_no_message_of_a_request_leads_to_another_chat(
    shop: World, http: httpx2.AsyncClient
) -> None:
    _, grace = await arrives(http, "Grace", "My secret")
    eve, _ = await arrives(http, "Eve", "Hello")

    for more in (f"?chat={grace}", f"?after=0&chat={grace}", f"?token={grace}", "?after=0"):
        told = (await http.get(f"/web/site/messages{more}", headers=eve)).text
        assert "My secret" not in told
    said = {"id": "m1", "text": "Hi", "chat": grace, "account": "site", "from": "employee"}
    await http.post("/web/site/messages", json=said, headers=eve)

    rows = await shop.query("SELECT author FROM messages WHERE chat_id = :grace", grace=grace)
    assert [row["author"] for row in rows] == ["client"]


async def test_a_token_of_one_kind_is_worth_nothing_at_another_door(
    shop: World, http: httpx2.AsyncClient
) -> None:
    visitor, _ = await arrives(http, "Eve", "Hello")
    program = {"Authorization": f"Bearer {await token_of(shop, role=PersonRole.ADMIN)}"}

    assert (await http.get("/api/v1/chats", headers=visitor)).status_code == 401
    assert (await http.get("/web/site/messages", headers=program)).status_code == 401
    assert (await http.get("/followup", headers=program)).status_code == 401
