"""POST visitors, and what becomes of secrets."""

import logging
from typing import Any

import pytest


async def test_a_visitor_gets_a_token_and_a_chat(http: Any, world: Any) -> None:
    reply = await http.post("/web/site/visitors", json={"name": "  Ann Lee "})

    assert reply.status_code == 201
    assert set(reply.json()) == {"token", "chat"}
    assert len(reply.json()["token"]) >= 43
    assert reply.headers["cache-control"] == "no-store"
    [chat] = world.chats.values()
    assert (str(chat.id), chat.name, chat.ref.account) == (reply.json()["chat"], "Ann Lee", "site")


async def test_the_token_itself_is_kept_nowhere(visitor: Any, world: Any) -> None:
    assert visitor.token not in repr(world.chats)


@pytest.mark.parametrize("body", [b"", b"{}", b'{"name": null}', b'{"colour": "red"}'])
async def test_a_visitor_needs_no_name(http: Any, world: Any, body: bytes) -> None:
    reply = await http.post("/web/site/visitors", content=body)

    assert reply.status_code == 201
    assert [chat.name for chat in world.chats.values()] == [None]


@pytest.mark.parametrize("name", ["", "   ", "x" * 121, 'a\\nb"', "a\\u0000", "\\ud800"])
async def test_a_strange_name_is_refused(http: Any, world: Any, name: str) -> None:
    reply = await http.post("/web/site/visitors", content=f'{{"name": "{name}"}}'.encode())

    assert reply.status_code in {400, 422}
    assert reply.headers["content-type"] == "application/problem+json"
    assert not world.chats


async def test_texts_and_tokens_reach_no_log(
    visitor: Any, listen: Any, caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger("sse_starlette").setLevel(logging.DEBUG)
    with caplog.at_level(logging.DEBUG):
        await visitor.say("a very private text")
        await (await listen(visitor)).event()

    assert "private" not in caplog.text
    assert visitor.token not in caplog.text
