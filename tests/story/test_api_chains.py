"""Follow-ups of an employee by API: read, looked ahead, saved by one at a time, played."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.operations import Scope
from bot.testing import FakeModel
from tests.story.conftest import Worlds
from tests.story.programs import Program, token_of
from tests.story.words import say, steps, weekdays
from tests.story.world import World

CHAIN = "/employees/anna/chain"
ASK = {"delay_seconds": 14400, "instruction": "Ask whether the offer fits."}


@pytest.fixture
async def shop(world: Worlds) -> World:
    return await world(steps("4h", "1d"))


@pytest.fixture
async def program(shop: World) -> AsyncIterator[Program]:
    async with Program(shop.app.web, await token_of(shop)) as program:
        yield program


def wish(read: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """What was read, to be saved again."""
    return {key: {**read, **changed}[key] for key in ("enabled", "steps", "version")}


async def test_a_chain_is_read_changed_and_applies_at_once(shop: World, program: Program) -> None:
    await shop.client(name="Zoë")
    read = await program.get(CHAIN)
    first = {**read["steps"][0], "delay_seconds": 7200}

    saved = await program.send("PUT", CHAIN, wish(read, steps=[first, ASK]))
    await shop.run()

    assert [step["delay_seconds"] for step in read["steps"]] == [14400, 86400]
    assert saved == await program.get(CHAIN)
    assert saved["steps"][0]["id"] == "s1"
    assert saved["steps"][1]["id"].startswith("step-")
    assert saved["version"] != read["version"]
    assert await shop.why() == "+2h"
    rows = await shop.query("SELECT * FROM changes WHERE action LIKE 'followup.%'")
    assert [(row["action"], row["by"]) for row in rows] == [("followup.save", "Olga, token crm")]


async def test_two_who_save_do_not_overwrite_each_other(program: Program) -> None:
    read = await program.get(CHAIN)

    saved = await program.send("PUT", CHAIN, wish(read, enabled=False))
    problem = await program.send("PUT", CHAIN, wish(read, steps=[ASK]), status=409)

    assert problem["errors"][0]["field"] == "version"
    assert saved["version"] in problem["errors"][0]["problem"]
    assert await program.get(CHAIN) == saved


async def test_saving_the_same_twice_is_like_once(shop: World, program: Program) -> None:
    read = await program.get(CHAIN)
    body = wish(read, enabled=False)

    first = await program.send("PUT", CHAIN, body)
    second = await program.send("PUT", CHAIN, body)

    assert first == second
    assert len(await shop.query("SELECT * FROM changes WHERE action = 'followup.save'")) == 1


async def test_terms_stay_unless_they_are_given(shop: World, program: Program) -> None:
    read = await program.get(CHAIN)
    own = {"hours": {"mon": ["10:00-12:00"]}, "special_days": {"2026-12-25": []}}

    given = await program.send("PUT", CHAIN, {**wish(read), "terms": {**own, "client_zone": True}})
    kept = await program.send("PUT", CHAIN, wish(given, steps=[ASK]))
    reset = await program.send("PUT", CHAIN, {**wish(kept), "terms": {}})
    wrong = {**wish(reset), "terms": {"special_days": {"2026-12-25": []}}}
    problem = await program.send("PUT", CHAIN, wrong, status=422)

    assert given["terms"] == kept["terms"] == {**own, "client_zone": True}
    assert reset["terms"] == {"hours": None, "special_days": {}, "client_zone": False}
    assert reset["limits"]["day"] is None
    assert "hours of their own" in problem["errors"][0]["problem"]


@pytest.mark.parametrize(
    ("step", "field"),
    [
        ({"delay_seconds": 0}, "steps.0.delay_seconds"),
        ({"delay_seconds": 3650 * 86400 + 1}, "steps.0.delay_seconds"),
        ({"delay_seconds": 1.5}, "steps.0.delay_seconds"),
        ({"delay_seconds": "4h"}, "steps.0.delay_seconds"),
        ({"instruction": ""}, "steps.0.instruction"),
        ({"instruction": " \n"}, "steps.0.instruction"),
        ({"instruction": "x" * 4001}, "steps.0.instruction"),
        ({"instruction": "a\x00b"}, "steps.0.instruction"),
        ({"once": "yes"}, "steps.0.once"),
        ({"id": ""}, "steps.0.id"),
        ({"dealy": 1}, "steps.0.dealy"),
    ],
)
async def test_a_step_that_cannot_be_is_refused_by_field(
    program: Program, step: dict[str, Any], field: str
) -> None:
    read = await program.get(CHAIN)

    for method, path in (("PUT", CHAIN), ("POST", f"{CHAIN}/preview")):
        body = wish(read, steps=[{**ASK, **step}])
        if method == "POST":
            del body["version"]
        problem = await program.send(method, path, body, status=422)
        assert [each["field"] for each in problem["errors"]] == [field]
    assert await program.get(CHAIN) == read


async def test_two_steps_of_one_id_are_refused(program: Program) -> None:
    read = await program.get(CHAIN)
    twice = [{**ASK, "id": "s1"}, {**ASK, "id": "s1"}]

    problem = await program.send("PUT", CHAIN, wish(read, steps=twice), status=422)

    assert "s1" in problem["errors"][0]["problem"]


async def test_a_chain_has_an_end(program: Program) -> None:
    read = await program.get(CHAIN)

    await program.send("PUT", CHAIN, wish(read, steps=[ASK] * 101), status=422)
    saved = await program.send("PUT", CHAIN, wish(read, steps=[ASK] * 100))

    assert len({step["id"] for step in saved["steps"]}) == 100


async def test_the_effect_of_a_save_is_told_before(world: Worlds) -> None:
    w = await world(steps("4h"), working_hours=weekdays("09:00-18:00"))
    await w.client(name="Zoë")
    w.pass_by("3h")
    later = [{**ASK, "delay_seconds": 3600}, {**ASK, "delay_seconds": 36000}]

    async with Program(w.app.web, await token_of(w)) as program:
        read = await program.get(CHAIN)
        told = await program.send("POST", f"{CHAIN}/preview", {"enabled": True, "steps": later})
        same = await program.send(
            "POST", f"{CHAIN}/preview", {"enabled": True, "steps": read["steps"]}
        )

    assert told["effect"] == {
        "waiting": 1,
        "hurried": 1,
        "joining": 0,
        "leaving": 0,
        "grace_seconds": 600,
        "more": False,
    }
    moments = told["example"]["moments"]
    assert [(each["step"], each["at"], each["moved"]) for each in moments] == [
        (1, "2026-03-09T11:00:00Z", False),
        (2, "2026-03-10T09:00:00Z", True),
    ]
    assert [each["code"] for each in told["advice"]] == ["soon"]
    assert same["effect"] is None


async def test_versions_are_listed_and_one_is_saved_again(shop: World, program: Program) -> None:
    read = await program.get(CHAIN)
    off = await program.send("PUT", CHAIN, wish(read, enabled=False))
    await program.send("PUT", CHAIN, wish(off, steps=[ASK]))
    found = (await program.get(f"{CHAIN}/history"))["versions"]

    now = await program.get(CHAIN)
    again = {"to": found[1]["id"], "version": now["version"]}
    back = await program.send("POST", f"{CHAIN}/rollback", again)
    stale = {"to": found[0]["id"], "version": read["version"]}
    problem = await program.send("POST", f"{CHAIN}/rollback", stale, status=409)

    assert [(each["by"], each["how"]) for each in found] == [("Olga, token crm", "saved")] * 2
    assert await program.get(f"{CHAIN}/history/{found[1]['id']}") == found[1]
    assert (back["enabled"], len(back["steps"])) == (False, 2)
    assert problem["errors"][0]["field"] == "version"
    rows = await shop.query("SELECT action FROM changes WHERE action LIKE 'followup.%'")
    assert rows[-1]["action"] == "followup.rollback"


async def test_a_version_of_nobody_is_refused(program: Program) -> None:
    read = await program.get(CHAIN)
    body = {"to": 999, "version": read["version"]}

    problem = await program.send("POST", f"{CHAIN}/rollback", body, status=422)

    assert problem["errors"][0]["field"] == "to"
    assert (await program.ask("GET", f"{CHAIN}/history/999")).status_code == 404
    assert (await program.ask("GET", f"{CHAIN}/history?before=x")).status_code == 422


async def test_a_chain_is_played_with_the_real_voice_and_nothing_is_sent(world: Worlds) -> None:
    w = await world(steps("4h", "1d"), model=FakeModel([say("Hello again")] * 9))
    await w.client(name="Zoë")
    sent = len(w.sender.sent)

    async with Program(w.app.web, await token_of(w)) as program:
        scenes = await program.get(f"{CHAIN}/scenes")
        chat = next(each for each in scenes["scenes"] if each["title"] == "Zoë")
        film = await program.send("POST", f"{CHAIN}/play", {"scene": chat["scene"]})
        other = await program.send("POST", f"{CHAIN}/play", {"steps": [ASK]})
        wrong = await program.send("POST", f"{CHAIN}/play", {"scene": "99"}, status=422)

    assert [each["step"] for each in film["reminders"]] == [1, 2]
    assert film["reminders"][0]["text"] == "Hello again"
    assert film["reminders"][0]["decision"] == "send"
    assert film["ends"]["code"] == "done"
    assert film["demo"] is False
    assert len(other["reminders"]) == 1
    assert wrong["errors"][0]["field"] == "scene"
    assert len(w.sender.sent) == sent


@pytest.mark.parametrize(
    ("method", "part", "body"),
    [
        ("GET", "", None),
        ("PUT", "", {"enabled": True, "steps": [], "version": "x"}),
        ("POST", "/preview", {"enabled": True, "steps": []}),
        ("GET", "/history", None),
        ("GET", "/history/1", None),
        ("POST", "/rollback", {"to": 1, "version": "x"}),
        ("GET", "/scenes", None),
        ("POST", "/play", {}),
    ],
)
async def test_an_employee_who_is_not_there_is_not_found(
    program: Program, method: str, part: str, body: dict[str, Any] | None
) -> None:
    for name in ("nobody", "%00", "x" * 300):
        more = {} if body is None else {"json": body}
        answer = await program.ask(method, f"/employees/{name}/chain{part}", **more)
        assert answer.status_code == 404


async def test_who_may_only_read_looks_ahead_but_saves_nothing(shop: World) -> None:
    async with Program(shop.app.web, await token_of(shop, scopes=[Scope.READ])) as program:
        read = await program.get(CHAIN)
        await program.send("POST", f"{CHAIN}/preview", {"enabled": False, "steps": []})
        answers = [
            await program.ask("PUT", CHAIN, json=wish(read, enabled=False)),
            await program.ask("POST", f"{CHAIN}/rollback", json={"to": 1, "version": "x"}),
            await program.ask("POST", f"{CHAIN}/play", json={}),
        ]

    assert [each.status_code for each in answers] == [403] * 3
