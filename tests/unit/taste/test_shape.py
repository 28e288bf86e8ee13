"""How the code looks, where no linter says it."""

import ast
import re
from collections.abc import Sequence
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

LONGEST = 300
# Where a fault of a plugin, or of a job, is logged with its traceback and takes nothing else along.
CATCHERS = {"bot/hooks.py", "bot/worker.py"}
PURE = {
    "bisect",
    "collections",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
    "itertools",
    "math",
    "re",
    "typing",
    "zoneinfo",
}


def imported(path: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    plain = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    return {*plain, *(node.module or "" for node in nodes if isinstance(node, ast.ImportFrom))}


def catches_everything(node: ast.AST) -> bool:
    if not isinstance(node, ast.ExceptHandler):
        return False
    caught = list(ast.walk(node.type)) if node.type else [ast.Name("BaseException")]
    names = {part.id for part in caught if isinstance(part, ast.Name)}
    return bool(names & {"Exception", "BaseException"})


def test_no_file_is_longer_than_people_read_at_once(root: Path, sources: Sequence[Path]) -> None:
    lengths = {
        str(path.relative_to(root)): len(path.read_text(encoding="utf-8").splitlines())
        for path in sources
    }

    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_everything_is_caught_in_two_places_only(root: Path, sources: Sequence[Path]) -> None:
    places = {
        str(path.relative_to(root))
        for path in sources
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if catches_everything(node)
    }

    assert places == CATCHERS


@pytest.mark.parametrize("name", ["model", "hours", "chain"])
def test_the_rules_of_a_chain_import_nothing_that_reads_or_writes(root: Path, name: str) -> None:
    modules = imported(root / "plugins" / "followup" / f"{name}.py")

    others = {module for module in modules if not module.startswith("plugins.followup.")}
    assert {module.split(".")[0] for module in others} <= PURE


@pytest.mark.parametrize("name", ["bot", "channels", "config", "plugins"])
def test_no_other_distribution_owns_one_of_our_names(name: str) -> None:
    assert set(packages_distributions().get(name, [])) <= {"followup-bot"}


def test_code_and_words_for_people_name_no_ticket(root: Path, sources: Sequence[Path]) -> None:
    pages = [root / "README.md", *(root / "docs").rglob("*.md"), *(root / "config").glob("*.toml")]
    ticket = re.compile(r"(?i)\b(issue|ticket)s? #?\d")

    named = [path for path in [*sources, *pages] if ticket.search(path.read_text("utf-8"))]

    assert named == []
