"""The page about the API: its examples work, and it names every scope; the document is complete."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from bot.findings import Finding
from bot.operations import Scope
from tests.story.conftest import Worlds
from tests.story.programs import ROOT, Program, token_of
from tests.story.words import steps

PAGE = Path(__file__).parents[2] / "docs" / "api.md"


def requests(text: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What the curl lines of the page send."""
    for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
        lines = block.replace("\\\n", " ").splitlines()
        for line in lines:
            words = shlex.split(line, comments=True)
            if not words:
                continue
            assert words[0] == "curl"
            yield _request(words[1:])


def _request(words: list[str]) -> tuple[str, str, dict[str, Any]]:
    method, url, more = "GET", "", {"headers": {}}
    given = iter(words)
    for word in given:
        match word:
            case "-X":
                method = next(given)
            case "-H":
                name, _, value = next(given).partition(": ")
                if name != "Authorization":
                    more["headers"][name] = value
            case "-d":
                more["content"] = next(given).encode()
            case _:
                url = word
    return method, url.partition(ROOT)[2], more


async def look() -> list[Finding]:
    return [Finding("settings", "bot.toml")]


async def test_the_examples_of_the_page_work(world: Worlds) -> None:
    w = await world(steps("4h"), look=look)
    await w.client(name="Zoë")
    asked = list(requests(PAGE.read_text(encoding="utf-8")))

    async with Program(w.app.web, await token_of(w)) as program:
        answers = [await program.ask(method, path, **more) for method, path, more in asked]

    assert len(answers) > 15
    assert [each.text for each in answers if not each.is_success] == []


def test_the_page_names_every_scope() -> None:
    named = re.findall(r"^\| `([a-z:]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)

    assert set(named) >= set(Scope)


async def test_every_schema_of_the_document_is_one(world: Worlds) -> None:
    w = await world(steps("4h"), look=look)

    async with Program(w.app.web) as program:
        schemas = program.document["components"]["schemas"]

    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    used = set(re.findall(r"#/components/schemas/(\w+)", str(program.document)))
    assert used == schemas.keys()


async def test_every_operation_has_a_name_a_scope_and_refusals(world: Worlds) -> None:
    w = await world(steps("4h"), look=look)

    async with Program(w.app.web) as program:
        operations = [
            (path, method, each)
            for path, place in program.document["paths"].items()
            for method, each in place.items()
            if path != ROOT
        ]

    assert len(operations) > 25
    assert len({each["operationId"] for _, _, each in operations}) == len(operations)
    for path, method, each in operations:
        assert {"401", "403", "422", "503"} <= each["responses"].keys()
        assert ("requestBody" in each) == ("415" in each["responses"])
        assert each["security"][0]["token"][0] in set(Scope)
        named = {p["name"] for p in each["parameters"] if p["in"] == "path"}
        assert named == set(re.findall(r"{(\w+)}", path)), method


@pytest.mark.parametrize("token", [None, "wrong"])
async def test_nothing_is_told_to_strangers(world: Worlds, token: str | None) -> None:
    w = await world(steps("4h"), look=look)
    await w.client(name="Zoë")

    async with Program(w.app.web, token) as program:
        for path, place in program.document["paths"].items():
            for method in place:
                if path == ROOT:
                    continue
                real = re.sub(r"{\w+}", "1", path.removeprefix(ROOT))
                answer = await program.ask(method.upper(), real)
                assert answer.status_code in {401, 429}
