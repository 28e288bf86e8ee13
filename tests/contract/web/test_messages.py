"""POST messages, GET messages, and what is refused."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from bot.api import Author, Delivery

PROBLEM = "application/problem+json"


def is_problem(reply: httpx2.Response, status: int) -> bool:
    problem = reply.json()
    return (
        reply.status_code == status
        and reply.headers["content-type"] == PROBLEM
        and problem["status"] == status
        and set(problem) == {"type", "title", "status", "detail"}
        and all(problem.values())
    )


async def test_a_message_is_stored_and_shown(visitor: Any) -> None:
    reply = await visitor.say("Do you rent bikes?", "a1")

    assert reply.status_code == 201
    assert reply.json() == {
        "n": 1,
        "id": "a1",
        "from": "client",
        "text": "Do you rent bikes?",
        "at": "2026-03-02T09:00:00.000Z",
    }


async def test_the_same_id_again_is_the_message_that_was_stored_first(
    visitor: Any, world: Any
) -> None:
    first = await visitor.say("one", "same")
    world.clock.move(timedelta(minutes=1))

    again = await visitor.say("two", "same")

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert len(world.said[visitor.chat]) == 1


async def test_two_visitors_may_use_the_same_id(arrive: Any) -> None:
    ann, bob = await arrive(), await arrive()

    replies = [await ann.say("from Ann", "same"), await bob.say("from Bob", "same")]

    assert [reply.status_code for reply in replies] == [201, 201]
    assert [m["text"] for m in (await bob.read()).json()["messages"]] == ["from Bob"]


async def test_everybody_but_the_client_speaks_as_the_employee(visitor: Any, world: Any) -> None:
    await visitor.say("hello", "a1")
    answer = world.say(visitor.chat, "Hello!")
    world.say(visitor.chat, "I take over.", Author.MANAGER, "foreign")

    shown = (await visitor.read()).json()["messages"]

    assert [m["from"] for m in shown] == ["client", "employee", "employee"]
    assert [m["id"] for m in shown] == ["a1", str(answer.id), str(answer.id + 1)]
    assert [m.get("human", False) for m in shown] == [False, False, True]


async def test_messages_on_their_way_are_shown_and_failed_ones_are_not(
    visitor: Any, world: Any
) -> None:
    world.deliver(world.say(visitor.chat, "on its way"), Delivery.SENDING)
    world.deliver(world.say(visitor.chat, "failed"), Delivery.FAILED)

    shown = (await visitor.read()).json()["messages"]

    assert [m["text"] for m in shown] == ["on its way"]


async def test_a_page_holds_two_hundred_messages_after_the_number_asked_for(
    visitor: Any, world: Any
) -> None:
    for number in range(1, 252):
        world.say(visitor.chat, f"message {number}")

    first = (await visitor.read(50)).json()["messages"]
    rest = (await visitor.read(first[-1]["n"])).json()["messages"]

    assert [m["n"] for m in first] == list(range(51, 251))
    assert [m["n"] for m in rest] == [251]


@pytest.mark.parametrize(
    "after", ["-1", "1.5", "x", "", "\u0661", "1_0", "99999999999", "4294967296"]
)
async def test_only_a_number_can_be_asked_for(visitor: Any, after: str) -> None:
    assert is_problem(await visitor.read(after), 422)


@pytest.mark.parametrize("length", [1, 4000])
async def test_a_text_has_up_to_four_thousand_characters(visitor: Any, length: int) -> None:
    reply = await visitor.say("🚲" * length)

    assert reply.status_code == 201
    assert reply.json()["text"] == "🚲" * length


@pytest.mark.parametrize(
    "text", ["", " \n\t ", "x" * 4001, "a\0b", "\ud800", "a\udfff", 7, None, ["a"], {"a": 1}]
)
async def test_another_text_is_refused(visitor: Any, world: Any, text: object) -> None:
    assert is_problem(await visitor.say(text), 422)
    assert not world.said[visitor.chat]


async def test_line_breaks_and_other_control_characters_are_kept(visitor: Any) -> None:
    reply = await visitor.say("one\r\ntwo\tthree\x07")

    assert reply.json()["text"] == "one\r\ntwo\tthree\x07"


@pytest.mark.parametrize("message", ["", "x" * 129, "a\0", "a\nb", "\ud800", 7, None])
async def test_another_id_is_refused(visitor: Any, message: object) -> None:
    assert is_problem(await visitor.say("hello", message), 422)


@pytest.mark.parametrize(
    "body", [b"{", b"hello", b"\xff\xfe\xff", b"[" * 60_000, b'{"id": "a", "text": "b"} x']
)
async def test_what_is_no_json_is_a_bad_request(visitor: Any, body: bytes) -> None:
    assert is_problem(await visitor.say_raw(body), 400)


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"7", b"null", b"{}", b'{"id": "a"}'])
async def test_json_of_another_shape_is_unprocessable(visitor: Any, body: bytes) -> None:
    assert is_problem(await visitor.say_raw(body), 422)


async def test_a_refusal_does_not_repeat_what_was_sent(visitor: Any) -> None:
    reply = await visitor.say("my secret\0", "a")

    assert "secret" not in reply.text


async def test_a_body_as_large_as_allowed_is_read(visitor: Any) -> None:
    padding = b" " * (64 * 1024 - len(b'{"id": "a", "text": "b"}'))

    assert (await visitor.say_raw(b'{"id": "a", "text": "b"}' + padding)).status_code == 201
    assert is_problem(await visitor.say_raw(b'{"id": "a", "text": "b"}' + padding + b" "), 413)


async def test_a_body_that_never_tells_its_size_is_cut_off(visitor: Any) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield b"{" * 8192

    reply = await visitor.say_raw(endless())

    assert is_problem(reply, 413)
    assert read < 12


async def test_a_client_that_leaves_in_the_middle_of_a_body_is_no_fault_of_ours(
    app: Starlette, world: Any
) -> None:
    told: list[Any] = []
    coming = iter(
        [
            {"type": "http.request", "body": b'{"name": ', "more_body": True},
            {"type": "http.disconnect"},
        ]
    )

    async def receive() -> Any:
        return next(coming)

    async def send(message: Any) -> None:
        told.append(message)

    scope = {"type": "http", "method": "POST", "path": "/web/site/visitors", "headers": []}
    await app({**scope, "query_string": b""}, receive, send)

    assert told[0]["status"] == 400
    assert not world.chats


@pytest.mark.parametrize("path", ["visitors", "messages"])
async def test_size_is_judged_before_token_and_json(http: Any, path: str) -> None:
    reply = await http.post(f"/web/site/{path}", content=b"{" * 70_000)

    assert is_problem(reply, 413)


async def test_a_size_beyond_all_numbers_is_too_large(http: Any) -> None:
    reply = await http.post(
        "/web/site/visitors", content=b"{}", headers={"Content-Length": "9" * 5000}
    )

    assert is_problem(reply, 413)


async def test_the_token_is_judged_before_the_json(http: Any) -> None:
    assert is_problem(await http.post("/web/site/messages", content=b"{"), 401)


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic {}", "{}", "Bearer ÿ"]
)
@pytest.mark.parametrize("call", ["POST messages", "GET messages", "GET events"])
async def test_only_a_known_token_opens_a_chat(
    http: Any, visitor: Any, authorization: str | None, call: str
) -> None:
    told = (authorization or "").format(visitor.token).encode("latin-1")
    headers = {} if authorization is None else {"Authorization": told}
    method, path = call.split()

    reply = await http.request(method, f"/web/site/{path}", headers=headers)

    assert is_problem(reply, 401)
    assert reply.headers["www-authenticate"] == "Bearer"


async def test_whoever_was_known_and_is_gone_is_refused_and_opens_nothing(
    world: Any, visitor: Any
) -> None:
    assert (await visitor.say("Hello")).status_code == 201

    world.wipe()
    refused = [await visitor.say("Still there?", "m2") for _ in range(2)]

    assert all(is_problem(each, 401) for each in refused)
    assert world.chats == {}


async def test_the_scheme_may_be_written_in_any_case(http: Any, visitor: Any) -> None:
    reply = await http.get(
        "/web/site/messages", headers={"Authorization": f"bearer  {visitor.token}"}
    )

    assert reply.status_code == 200


async def test_a_token_of_one_account_is_worth_nothing_at_another(arrive: Any) -> None:
    visitor = await arrive("site")
    visitor.account = "other"

    assert is_problem(await visitor.read(), 401)


@pytest.mark.parametrize(
    "path",
    ["", "nobody/messages", "site", "site/", "site/nothing", "site/messages/", "sitemessages"],
)
async def test_an_unknown_path_is_not_found(http: Any, path: str) -> None:
    assert is_problem(await http.get(f"/web/{path}"), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "visitors", {"POST"}),
        ("DELETE", "messages", {"GET", "HEAD", "POST"}),
        ("POST", "events", {"GET", "HEAD"}),
        ("OPTIONS", "messages", {"GET", "HEAD", "POST"}),
    ],
)
async def test_another_method_is_refused(
    http: Any, method: str, path: str, allowed: set[str]
) -> None:
    reply = await http.request(method, f"/web/site/{path}")

    assert is_problem(reply, 405)
    assert set(reply.headers["allow"].split(", ")) == allowed


@pytest.mark.parametrize(
    ("told", "known"),
    [("Asia/Tokyo", "Asia/Tokyo"), ("Mars/Olympus", None), (7, None), (None, None), ("", None)],
)
async def test_the_clients_zone_is_taken_if_it_is_one(
    visitor: Any, world: Any, told: object, known: str | None
) -> None:
    body = {"id": "a1", "text": "Hello", "zone": told}

    reply = await visitor.say_raw(json.dumps(body).encode())

    assert reply.status_code == 201
    assert world.zones == [known]
