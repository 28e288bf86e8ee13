"""Chats by API: the same lists and conversations as the pages, and the same hands on them."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.operations import Scope
from bot.site import PersonRole
from tests.story.browsing import Browsing
from tests.story.conftest import Worlds
from tests.story.programs import Program, token_of
from tests.story.words import steps
from tests.story.world import World

PASSWORD = "four green bicycles"  # noqa: S105  of nobody


@pytest.fixture
async def shop(world: Worlds) -> World:
    return await world(steps("4h", "1d"))


@pytest.fixture
async def program(shop: World) -> AsyncIterator[Program]:
    async with Program(shop.app.web, await token_of(shop)) as program:
        yield program


async def names_of_the_page(w: World, path: str) -> list[str]:
    link = f"/set-up/{await w.app.keys.people.add('test', 'Eve', PersonRole.VIEWER)}"
    async with Browsing(w.app.web) as browser:
        await browser.get(link)
        await browser.post(link, {"password": PASSWORD})
        page = await browser.get(path)
    return re.findall(r'class="name" href="[^"]+"><bdi>([^<]+)</bdi>', page.text)


def names(found: dict[str, Any]) -> list[str]:
    return [each["chat"]["name"] for each in found["chats"]]


async def test_the_scheduled_chats_are_those_of_the_page_in_its_order(
    shop: World, program: Program
) -> None:
    for who, name in (("c1", "Zoë"), ("c2", "Ян"), ("c3", "علي")):
        await shop.client(who=who, name=name)
        await shop.wait("10m")
    await shop.pause("c2")

    found = await program.get("/followup/chats")

    assert names(found) == await names_of_the_page(shop, "/followup") == ["Zoë", "علي"]
    assert (found["total"], found["counted"], found["next"]) == (2, True, None)
    first = found["chats"][0]
    assert (first["step"], first["of"], first["due_at"]) == (1, 2, "2026-03-02T13:00:00Z")
    assert first["reason"] == {"code": "waiting_for_delay", "text": "the delay runs"}
    assert first["chat"]["employee"] == {"id": "anna", "name": "Anna"}


@pytest.mark.parametrize(
    ("looked", "expected"),
    [
        ({"q": "zoe"}, ["Zoë"]),
        ({"q": "anna"}, ["Zoë", "Ян"]),
        ({"q": "yan"}, ["Ян"]),
        ({"q": "nobody"}, []),
        ({"employee": "anna"}, ["Zoë", "Ян"]),
        ({"q": "zoe", "employee": "anna"}, ["Zoë"]),
    ],
)
async def test_lists_are_searched(
    shop: World, program: Program, looked: dict[str, str], expected: list[str]
) -> None:
    for who, name in (("c1", "Zoë"), ("c2", "Ян")):
        await shop.client(who=who, name=name)
        await shop.wait("10m")

    assert names(await program.get("/followup/chats", **looked)) == expected
    assert names(await program.get("/chats", **looked)) == expected[::-1]


async def test_lists_are_read_page_by_page(shop: World, program: Program) -> None:
    for number in range(53):
        await shop.client(who=f"w{number}", name=f"Client {number}")
        shop.clock.advance(shop.app.runtime.model_timeout)

    pages = {}
    for path in ("/followup/chats", "/chats"):
        first = await program.get(path)
        second = await program.get(path, after=first["next"])
        pages[path] = names(first) + names(second)
        assert (len(names(first)), second["next"]) == (50, None)

    assert pages["/followup/chats"] == [f"Client {number}" for number in range(53)]
    assert pages["/chats"] == [f"Client {number}" for number in reversed(range(53))]


async def test_what_needs_attention_says_why_and_what_to_do(shop: World, program: Program) -> None:
    await shop.receive(name="Zoë")
    shop.pass_by("11m")

    found = await program.get("/followup/attention")

    assert [(each["code"], each["since"]) for each in found["chats"]] == [
        ("unanswered", "2026-03-02T09:00:00Z")
    ]
    assert found["chats"][0]["advice"]
    assert names(found) == await names_of_the_page(shop, "/followup?view=attention")


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/followup/chats?employee=ana", "employee"),
        ("/followup/chats?after=soon", "after"),
        ("/followup/attention?q=%00", "q"),
        ("/chats?after=0", "after"),
        ("/chats?after=1.5", "after"),
        ("/chats?limit=1000", "limit"),
        (f"/chats?q={'x' * 201}", "q"),
    ],
)
async def test_what_cannot_be_looked_for_is_refused_by_name(
    program: Program, path: str, field: str
) -> None:
    answer = await program.ask("GET", path)

    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == [field]


async def test_a_conversation_tells_what_comes_next_and_why(shop: World, program: Program) -> None:
    await shop.client(name="Zoë")
    before = await program.get("/chats/1")
    await shop.wait("5h")
    after = await program.get("/chats/1")
    timeline = await program.get("/chats/1/timeline")

    assert before["next"]["step"] == {
        "place": 1,
        "of": 2,
        "instruction": before["next"]["step"]["instruction"],
    }
    assert after["next"]["due_at"] == "2026-03-03T13:00:00Z"
    lines = timeline["lines"]
    assert [line["author"] for line in lines] == ["client", "employee", "employee"]
    assert lines[2]["step"]["place"] == 1
    assert (lines[2]["state"], lines[2]["delivery"]) == ("sent", "sent")
    assert lines[0]["step"] is None


async def test_a_chat_with_nothing_to_come_says_why(shop: World, program: Program) -> None:
    await shop.client(name="Zoë")
    await shop.client("STOP, no more", opt_out=True)

    state = await program.get("/chats/1")

    assert state["next"] is None
    assert state["reason"] == "opted_out"
    assert state["waiting"] == "the client wants no reminders"


async def test_a_long_conversation_is_read_from_its_end(shop: World, program: Program) -> None:
    for number in range(40):
        await shop.client(f"Question {number}")

    last = await program.get("/chats/1/timeline")
    first = await program.get("/chats/1/timeline", before=last["earlier"])

    numbers = [line["n"] for line in [*first["lines"], *last["lines"]]]
    assert numbers == list(range(1, 81))
    assert first["earlier"] is None


async def test_pausing_twice_is_like_once_and_resuming_too(shop: World, program: Program) -> None:
    await shop.client(name="Zoë")

    paused = [await program.send("POST", "/chats/1/pause") for _ in range(2)]
    resumed = [await program.send("POST", "/chats/1/resume") for _ in range(2)]

    assert [each["chat"]["paused_since"] for each in paused] == ["2026-03-02T09:00:00Z"] * 2
    assert [each["reason"] for each in paused] == ["human_active"] * 2
    assert [each["chat"]["paused_since"] for each in resumed] == [None] * 2
    rows = await shop.query("SELECT * FROM changes WHERE chat_id = 1 ORDER BY id")
    assert [(row["action"], row["by"]) for row in rows] == [
        ("followup.pause", "Olga, token crm"),
        ("followup.resume", "Olga, token crm"),
    ]


async def test_all_that_is_known_is_exported(shop: World, program: Program) -> None:
    await shop.client("Hello <b>", name="Zoë")
    await shop.wait("5h")

    whole = await program.get("/chats/1/export")

    assert whole["name"] == "Zoë"
    assert [each["n"] for each in whole["messages"]] == [1, 2, 3]
    assert len(whole["reminders"]) == 1


async def test_a_chat_is_erased_by_whoever_names_it(shop: World, program: Program) -> None:
    await shop.client(name="Zoë")

    wrong = await program.send("POST", "/chats/1/erase", {"name": "Zora"}, status=422)
    kept = await program.get("/chats/1")
    await program.send("POST", "/chats/1/erase", {"name": " zoë "}, status=204)

    assert wrong["errors"][0]["field"] == "name"
    assert kept["chat"]["name"] == "Zoë"
    assert (await program.ask("GET", "/chats/1")).status_code == 404
    rows = await shop.query("SELECT * FROM changes WHERE action = 'chat.erased'")
    assert [row["by"] for row in rows] == ["Olga, token crm"]


async def test_a_chat_in_which_something_is_sent_is_not_erased_now(
    shop: World, program: Program
) -> None:
    await shop.client(name="Zoë")
    async with shop.app.database.write() as tx:
        await tx.connection.exec_driver_sql("UPDATE messages SET delivery = 'sending' WHERE n = 2")

    problem = await program.send("POST", "/chats/1/erase", {"name": "1"}, status=409)

    assert "Try again" in problem["detail"]


@pytest.mark.parametrize("part", ["", "/timeline", "/export", "/pause", "/resume", "/erase"])
@pytest.mark.parametrize("key", ["7", "0", "-1", "x", "1.5", "9" * 20, "%00", "\u0661"])
async def test_a_chat_that_is_not_there_is_not_found(program: Program, part: str, key: str) -> None:
    method = "GET" if part in {"", "/timeline", "/export"} else "POST"
    body = {"json": {"name": "x"}} if part == "/erase" else {}

    answer = await program.ask(method, f"/chats/{key}{part}", **body)

    assert answer.status_code == 404


async def test_who_may_read_may_not_touch(shop: World) -> None:
    await shop.client(name="Zoë")
    others = [scope for scope in Scope if scope is not Scope.CHATS]

    async with Program(shop.app.web, await token_of(shop, scopes=others)) as program:
        answers = [
            await program.ask("POST", f"/chats/1/{verb}", json={"name": "1"})
            for verb in ("pause", "resume", "erase")
        ]

    assert [each.status_code for each in answers] == [403] * 3


async def test_a_colleague_answers_once_and_has_the_chat(shop: World, program: Program) -> None:
    await shop.client(name="Zoë")
    body = {"text": " I'll take over. ", "key": "a-key-of-a-program"}

    sent = [await program.send("POST", "/chats/1/answer", body, status=201) for _ in range(2)]
    held = await program.get("/chats/held")
    timeline = await program.get("/chats/1/timeline")

    assert sent[0] == sent[1]
    assert (sent[0]["text"], sent[0]["delivery"]) == ("I'll take over.", "sent")
    assert [m.text for _, m in shop.sender.sent].count("I'll take over.") == 1
    assert names(held) == ["Zoë"]
    assert held["chats"][0]["chat"]["held_by"] == "Olga, token crm"
    assert timeline["lines"][-1]["by"] == "Olga, token crm"


async def test_an_answer_that_cannot_be_sent_says_why(shop: World, program: Program) -> None:
    await shop.client(name="Zoë")
    key = "a-key-of-a-program"
    await program.send("POST", "/chats/1/answer", {"text": "One", "key": key}, status=201)

    for text in ("", "  ", "x" * 4001):
        await program.send("POST", "/chats/1/answer", {"text": text}, status=422)
    other = await program.send("POST", "/chats/1/answer", {"text": "Two", "key": key}, status=409)
    await program.send("POST", "/chats/7/answer", {"text": "One"}, status=404)

    assert "another message" in other["detail"]
    assert other["errors"][0]["field"] == "text"


async def test_numbers_are_those_of_the_page(shop: World, program: Program) -> None:
    await shop.client(name="Zoë")
    await shop.wait("5h")
    await shop.client("Oh, hello again")
    await shop.wait("2d")

    found = await program.get("/followup/numbers", days=7, employee="anna", zone="Asia/Dubai")
    zone = await program.ask("GET", "/followup/numbers?zone=Nowhere")
    days = await program.ask("GET", "/followup/numbers?days=8")

    assert len(found["days"]) == 7
    anna = found["employees"][0]
    assert (anna["id"], anna["steps"][0]["tally"]["answered"]["hits"]) == ("anna", 1)
    assert anna["steps"][0]["tally"]["answered"]["few"] is True
    assert found["tally"]["sent"] == 3
    assert [each.json()["errors"][0]["field"] for each in (zone, days)] == ["zone", "days"]
