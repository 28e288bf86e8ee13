"""Users, employees and the status by API: what the pages do, and refusals that say what to do."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from bot.findings import Finding
from bot.operations import Scope
from bot.site import PersonRole
from tests.story.conftest import Worlds
from tests.story.programs import Program, token_of
from tests.story.words import steps
from tests.story.world import World


async def look() -> Sequence[Finding]:
    return [Finding("settings", "bot.toml"), Finding("model", "model: no answer", fault=True)]


@pytest.fixture
async def shop(world: Worlds) -> World:
    return await world(steps("4h"), look=look)


@pytest.fixture
async def program(shop: World) -> AsyncIterator[Program]:
    async with Program(shop.app.web, await token_of(shop)) as program:
        yield program


@pytest.fixture
async def reader(shop: World) -> AsyncIterator[Program]:
    token = await token_of(shop, "Ivan", [Scope.READ], role=PersonRole.VIEWER)
    async with Program(shop.app.web, token) as program:
        yield program


async def test_the_index_and_the_document_are_there_for_everybody(shop: World) -> None:
    async with Program(shop.app.web) as program:
        index = await program.get("")

    assert index["openapi"] == "/api/v1/openapi.json"
    assert program.document["openapi"] == "3.1.0"


async def test_users_come_and_go(program: Program) -> None:
    made = await program.send("POST", "/users", {"name": "Zoë", "role": "viewer"}, status=201)
    one = f"/users/{made['user']['id']}"
    link = await program.send("POST", f"{one}/link", status=201)
    changed = await program.send("PATCH", one, {"role": "admin"})
    everybody = await program.get("/users")
    await program.send("DELETE", one, status=204)

    assert made["user"] == {"id": 2, "name": "Zoë", "role": "viewer", "ready": False}
    assert made["link"].startswith("http://127.0.0.1:8080/set-up/")
    assert made["link"] != link["link"]
    assert changed["role"] == "admin"
    assert [each["name"] for each in everybody["users"]] == ["Olga", "Zoë"]
    assert (await program.ask("DELETE", one)).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x" * 65}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": "olga"}, "name"),
        ({"name": 5}, "name"),
        ({"name": None}, "name"),
        ({"name": "Eve", "role": "root"}, "role"),
        ({"name": "Eve", "rolle": "admin"}, "rolle"),
    ],
)
async def test_what_cannot_be_is_refused_by_name(
    program: Program, body: dict[str, Any], field: str
) -> None:
    problem = await program.send("POST", "/users", body, status=422)

    assert field in [each["field"] for each in problem["errors"]]
    assert all(each["problem"] for each in problem["errors"])


async def test_the_last_admin_stays(program: Program) -> None:
    for method, body in (("DELETE", None), ("PATCH", {"role": "viewer"})):
        problem = await program.send(method, "/users/1", body, status=409)
        assert "last admin" in problem["detail"]


async def test_a_viewers_token_only_reads(reader: Program) -> None:
    asked: list[tuple[str, str, Any]] = [
        ("GET", "/users", None),
        ("GET", "/status", None),
        ("POST", "/users", {"name": "Eve"}),
        ("PATCH", "/users/1", {"role": "admin"}),
        ("DELETE", "/users/1", None),
        ("POST", "/users/1/link", None),
        ("POST", "/employees", {"name": "Bob"}),
        ("PATCH", "/employees/anna", {"version": "x", "name": "Eve"}),
    ]

    answers = [await reader.ask(method, path, json=body) for method, path, body in asked]

    assert [each.status_code for each in answers] == [403] * len(asked)
    assert (await reader.get("/employees"))["employees"][0]["name"] == "Anna"


async def test_the_status_is_what_the_check_finds(program: Program) -> None:
    status = await program.get("/status")

    assert status["finished"] is True
    assert [(each["what"], each["fault"]) for each in status["findings"]] == [
        ("settings", False),
        ("model", True),
    ]


async def test_an_employee_is_added_read_and_changed(shop: World, program: Program) -> None:
    made = await program.send("POST", "/employees", {"name": "Bob the Builder"}, status=201)
    hours = {"mon": ["09:00-12:00", "13:00-18:00"], "sat": ["22:00-02:00"]}
    wish = {
        "version": made["version"],
        "persona": "Short.",
        "timezone": "Europe/Berlin",
        "working_hours": hours,
        "special_days": {"2026-12-25": []},
    }

    changed = await program.send("PATCH", f"/employees/{made['id']}", wish)
    read = await program.get(f"/employees/{made['id']}")

    assert made["id"] == "bob-the-builder"
    assert read == changed
    assert {key: read[key] for key in wish if key != "version"} == {
        key: value for key, value in wish.items() if key != "version"
    }
    rows = await shop.query("SELECT * FROM changes WHERE action LIKE 'employee.%' ORDER BY id")
    assert [(row["action"], row["by"]) for row in rows] == [
        ("employee.added", "Olga, token crm"),
        ("employee.edited", "Olga, token crm"),
    ]


async def test_two_who_change_the_same_do_not_overwrite_each_other(program: Program) -> None:
    read = await program.get("/employees/anna")

    first = {"version": read["version"], "name": "Anne"}
    await program.send("PATCH", "/employees/anna", first)
    again = await program.send("PATCH", "/employees/anna", first)
    problem = await program.send(
        "PATCH", "/employees/anna", {"version": read["version"], "name": "Annika"}, status=409
    )

    assert again["name"] == "Anne"
    assert problem["errors"][0]["field"] == "version"
    assert (await program.get("/employees/anna"))["name"] == "Anne"


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"timezone": "Berlin"}, "timezone"),
        ({"working_hours": {"mon": ["9-18"]}}, "working_hours.mon.0"),
        ({"working_hours": {"someday": []}}, "working_hours.someday"),
        ({"special_days": {"2026-02-30": []}}, "special_days.2026-02-30"),
        ({"name": "  "}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"nmae": "Anna"}, "nmae"),
        ({"persona": ["x"]}, "persona"),
    ],
)
async def test_an_employee_that_cannot_be_is_refused_by_field(
    program: Program, wish: dict[str, Any], field: str
) -> None:
    version = (await program.get("/employees/anna"))["version"]

    problem = await program.send(
        "PATCH", "/employees/anna", {"version": version, **wish}, status=422
    )

    assert [each["field"] for each in problem["errors"]] == [field]


async def test_an_id_is_nobody_elses(program: Program) -> None:
    body = {"name": "Anna", "id": "anna"}

    problem = await program.send("POST", "/employees", body, status=409)

    assert problem["errors"][0]["field"] == "id"


async def test_what_is_not_there_is_not_found(program: Program) -> None:
    for path in ("/employees/nobody", "/employees/%00", "/nowhere", "/users/", "//users"):
        answer = await program.ask("GET", path)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"


async def test_other_methods_are_named(program: Program) -> None:
    for method in ("PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"):
        answer = await program.ask(method, "/employees")
        assert answer.status_code == 405
        assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"name": "\\ud800"}', "application/json", 400),
        (b"[]", "application/json", 422),
        (b"null", "application/json", 422),
        (b'{"name": "Eve"}', "text/plain", 415),
        (b'{"name": "Eve"}', "", 415),
        (b"name=Eve", "application/x-www-form-urlencoded", 415),
        (b'{"name": "' + b"x" * 300_000 + b'"}', "application/json", 413),
        (b'{"name": "Eve"}', "Application/JSON; charset=utf-8", 201),
    ],
)
async def test_a_body_is_json_and_not_too_long(
    program: Program, content: bytes, kind: str, status: int
) -> None:
    headers = {"content-type": kind} if kind else {}

    answer = await program.ask("POST", "/users", content=content, headers=headers)

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/json", 200),
        ("text/html, */*;q=0.8", 200),
        ("application/*", 200),
        ("", 200),
        ("text/html", 406),
        ("application/xml", 406),
    ],
)
async def test_answers_are_json_for_whoever_takes_it(
    program: Program, accept: str, status: int
) -> None:
    answer = await program.ask("GET", "/account", headers={"accept": accept})

    assert answer.status_code == status


async def test_a_parameter_is_known_and_given_once(program: Program) -> None:
    for query in ("x=1", "employee=anna"):
        assert (await program.ask("GET", f"/users?{query}")).status_code == 422


async def test_head_is_get_without_the_content(program: Program) -> None:
    answer = await program.ask("HEAD", "/account")

    assert answer.status_code == 200
