"""What the page of guarantees says is shown by a test, is."""

import ast
import re
from pathlib import Path

import pytest

from bot.invariants import INVARIANTS as RUNTIME
from plugins.followup.invariants.catalogue import CHECKS, INVARIANTS


@pytest.fixture
def page(root: Path) -> str:
    return (root / "docs" / "guarantees.md").read_text(encoding="utf-8")


def names_in(path: Path) -> set[str]:
    if not path.is_file():
        return set()
    nodes = ast.parse(path.read_text(encoding="utf-8")).body
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in nodes if isinstance(node, kinds)}


def test_every_test_that_the_page_names_exists(root: Path, page: str) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", page)

    assert len(named) > 13
    assert page.count("tests/") == len(named)
    missing = [(path, name) for path, name in named if name not in names_in(root / path)]
    assert missing == []


def test_every_promise_of_the_page_names_a_test_and_is_looked_after_by_the_doctor(
    page: str,
) -> None:
    rows = re.findall(r"^\| (I\d+) \| .* \| (.*) \|$", page, re.MULTILINE)

    assert [name for name, _ in rows] == [f"I{n}" for n in range(1, 14)]
    assert all("::test_" in shown for _, shown in rows)
    assert {name for name, _ in rows} == {each.id for each in (*RUNTIME, *INVARIANTS)}


def test_the_plugin_checks_what_it_promises() -> None:
    assert list(CHECKS) == [each.id for each in INVARIANTS]
