"""What keeps reminders back, by API: one chat, everybody, limits; and what a comparison led to."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.operations import Scope
from bot.testing import FakeModel
from plugins.followup.lots import variant
from plugins.followup.model import Step, delay_of
from tests.story.conftest import Worlds
from tests.story.programs import Program, token_of
from tests.story.words import say, step, steps
from tests.story.world import World

CHAIN = "/employees/anna/chain"
NUMBERS = "/followup/numbers"
NOBODY = {"muted_since": None, "snoozed_until": None, "never_by": None}
ASK, OFFER = "Ask whether the offer fits.", "Offer a free test ride."


@pytest.fixture
async def shop(world: Worlds) -> World:
    w = await world(steps("4h", "1d"))
    await w.client(name="Zoë")
    return w


@pytest.fixture
async def program(shop: World) -> AsyncIterator[Program]:
    async with Program(shop.app.web, await token_of(shop)) as program:
        yield program


async def test_a_chat_is_muted_and_unmuted(shop: World, program: Program) -> None:
    muted = await program.send("POST", "/chats/1/mute")
    again = await program.send("POST", "/chats/1/mute")
    await shop.client("Hello?")
    await shop.wait("1d")
    none = await shop.reminders()
    free = await program.send("POST", "/chats/1/unmute")

    assert (muted["reason"], muted["next"]) == ("muted", None)
    assert muted["quiet"] == {**NOBODY, "muted_since": "2026-03-02T09:00:00Z"}
    assert again == muted
    assert none == []
    assert free["quiet"] == NOBODY
    assert free["next"]["reason"]["code"] == "waiting_for_delay"
    rows = await shop.query("SELECT \"by\", action FROM changes WHERE action LIKE '%mute'")
    assert [(row["by"], row["action"]) for row in rows] == [
        ("Olga, token crm", "followup.mute"),
        ("Olga, token crm", "followup.unmute"),
    ]


async def test_a_chat_is_snoozed_until_a_moment_in_any_zone(shop: World, program: Program) -> None:
    told = await program.send("POST", "/chats/1/snooze", {"until": "2026-03-10T12:00:00+02:00"})
    await shop.wait("9d")

    assert told["quiet"] == {**NOBODY, "snoozed_until": "2026-03-10T10:00:00Z"}
    assert told["next"]["due_at"] == "2026-03-10T10:00:00Z"
    assert await shop.reminders() == ["+8d1h s1"]
    assert (await program.get("/chats/1"))["quiet"] == NOBODY


@pytest.mark.parametrize(
    "until", ["2026-03-02T09:00:00Z", "2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z", "3d", None]
)
async def test_a_snooze_needs_a_moment_to_come(shop: World, program: Program, until: Any) -> None:
    problem = await program.send("POST", "/chats/1/snooze", {"until": until}, status=422)

    assert [each["field"] for each in problem["errors"]] == ["until"]
    assert await shop.why() == "+4h"


async def test_never_is_ever_until_it_is_allowed(shop: World, program: Program) -> None:
    never = await program.send("POST", "/chats/1/never")
    await shop.client("/start")
    stays = await program.get("/chats/1")
    allowed = await program.send("POST", "/chats/1/allow")

    assert never["quiet"]["never_by"] == stays["quiet"]["never_by"] == "manager"
    assert stays["reason"] == "opted_out"
    assert allowed["quiet"] == NOBODY
    assert allowed["next"]["due_at"] == "2026-03-02T13:00:00Z"


async def test_a_clients_own_no_is_told_apart(shop: World, program: Program) -> None:
    await shop.client("STOP")

    told = await program.get("/chats/1")

    assert told["quiet"] == {**NOBODY, "never_by": "client"}


async def test_where_the_client_never_wrote_there_is_nothing_to_keep_back(
    shop: World, program: Program
) -> None:
    await shop.manager("Hello from us", who="c2")

    problem = await program.send("POST", "/chats/2/mute", status=409)

    assert "never wrote" in problem["detail"]
    assert (await program.get("/chats/2"))["quiet"] is None
    assert (await program.ask("POST", "/chats/99/never")).status_code == 404


async def test_everything_is_stopped_and_released(shop: World, program: Program) -> None:
    before = await program.get("/followup/stopped")
    stopped = await program.send("POST", "/followup/stop")
    again = await program.send("POST", "/followup/stop")
    await shop.wait("1d")
    none = await shop.reminders()
    released = await program.send("POST", "/followup/release")
    await shop.wait("20m")

    assert before == {"stopped": False, "since": None, "why": None, "breaker_set": False}
    assert (stopped["stopped"], stopped["why"]) == (True, "an admin stopped them")
    assert again == stopped
    assert none == []
    assert released == before
    assert await shop.reminders() == ["+1d10m s1"]


async def test_limits_and_hold_out_are_saved_with_the_chain_and_stay_if_left_out(
    shop: World, program: Program
) -> None:
    read = await program.get(CHAIN)
    body = {key: read[key] for key in ("enabled", "steps", "version")}
    limits = {"chat_day": 1, "tokens_day": 5000}

    given = await program.send("PUT", CHAIN, {**body, "limits": limits, "hold_out": 10})
    kept = await program.send("PUT", CHAIN, {**body, "version": given["version"], "enabled": False})
    found = (await program.get(f"{CHAIN}/history"))["versions"]
    free = {**body, "version": kept["version"], "limits": {}, "hold_out": 0}
    reset = await program.send("PUT", CHAIN, free)

    none = dict.fromkeys(("chat_day", "chat_week", "person_day", "day", "tokens_day"))
    assert (read["limits"], read["hold_out"]) == (none, 0)
    assert (given["limits"], given["hold_out"]) == ({**none, **limits}, 10)
    assert (kept["limits"], kept["hold_out"]) == (given["limits"], 10)
    assert (found[0]["limits"], found[0]["hold_out"]) == (given["limits"], 10)
    assert (reset["limits"], reset["hold_out"]) == (none, 0)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"hold_out": 51}, "hold_out"),
        ({"hold_out": -1}, "hold_out"),
        ({"hold_out": "10"}, "hold_out"),
        ({"limits": {"day": 0}}, "limits.day"),
        ({"limits": {"day": 1.5}}, "limits.day"),
        ({"limits": {"chat_hour": 1}}, "limits.chat_hour"),
    ],
)
async def test_what_cannot_be_a_limit_is_refused_by_field(
    program: Program, more: dict[str, Any], field: str
) -> None:
    read = await program.get(CHAIN)
    body = {key: read[key] for key in ("enabled", "steps", "version")}

    problem = await program.send("PUT", CHAIN, {**body, **more}, status=422)

    assert [each["field"] for each in problem["errors"]] == [field]
    assert await program.get(CHAIN) == read


async def test_the_numbers_tell_of_the_hold_out(world: Worlds) -> None:
    w = await world(None, followup={"steps": steps("4h"), "hold_out": 50})
    for n in range(8):
        await w.client(who=f"c{n}")
    await w.wait("5h")

    async with Program(w.app.web, await token_of(w)) as program:
        found = (await program.get(NUMBERS))["employees"][0]["hold_out"]

    assert (found["share"], found["running"]) == (50, True)
    assert found["held"]["due"] + found["reminded"]["due"] == 8
    assert (found["judgement"], found["cost"]) == ("too_few", None)


async def test_two_instructions_are_compared_and_one_of_them_is_kept(world: Worlds) -> None:
    both = [step("s1", "4h", instruction=ASK, instruction_b=OFFER)]
    w = await world(both, model=FakeModel([say()]))
    compared = Step("s1", delay_of("4h"), ASK, instruction_b=OFFER)
    for n in range(1, 9):
        await w.client(who=f"c{n}")
    await w.wait("5h")
    of_b = sum((variant(compared, n) or "").startswith("b") for n in range(1, 9))

    async with Program(w.app.web, await token_of(w)) as program:
        employee = (await program.get(NUMBERS))["employees"][0]
        found = employee["steps"][0]["comparison"]
        wish = {"mark": found["mark"], "keep": "b"}
        kept = await program.send("POST", f"{CHAIN}/keep", wish)
        again = await program.send("POST", f"{CHAIN}/keep", wish, status=409)
        await program.send("POST", f"{CHAIN}/keep", {**wish, "keep": "c"}, status=422)
        after = (await program.get(NUMBERS))["employees"][0]["steps"][0]
        version = (await program.get(f"{CHAIN}/history"))["versions"][0]

    assert employee["hold_out"] is None
    assert (found["a"]["sent"], found["b"]["sent"]) == (8 - of_b, of_b)
    assert (found["instruction_b"], found["judgement"]) == (OFFER, "too_few")
    assert (kept["steps"][0]["instruction"], kept["steps"][0]["instruction_b"]) == (OFFER, None)
    assert again["errors"][0]["field"] == "mark"
    assert after["comparison"] is None
    assert version["how"] == "kept one of two instructions"


async def test_who_may_only_read_changes_nothing(shop: World) -> None:
    async with Program(shop.app.web, await token_of(shop, scopes=[Scope.READ])) as program:
        told = await program.get("/followup/stopped")
        answers = [
            await program.ask("POST", path, json=body)
            for path, body in (
                ("/chats/1/mute", None),
                ("/chats/1/snooze", {"until": "2026-03-10T10:00:00Z"}),
                ("/chats/1/never", None),
                ("/followup/stop", None),
                ("/followup/release", None),
                (f"{CHAIN}/keep", {"mark": "b-1", "keep": "a"}),
            )
        ]

    assert told["stopped"] is False
    assert [each.status_code for each in answers] == [403] * 6
    assert await shop.why() == "+4h"
