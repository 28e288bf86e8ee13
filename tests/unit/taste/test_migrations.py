"""A version's tables serve the version before it, so that processes can be replaced in turn."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

FOLDERS = ("bot/store/migrations/versions", "plugins/followup/migrations")
ADDS = {
    "create_table",
    "add_column",
    "create_index",
    "drop_index",
    "bulk_insert",
    "execute",
    "get_bind",
}
"""What takes nothing away that a program goes by."""


def calls(path: Path, name: str) -> Iterator[ast.Call]:
    """Calls of `op.name`; of all methods of `op` for "*"."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            ours = isinstance(owner, ast.Name) and owner.id == "op"
            if ours and name in {"*", node.func.attr}:
                yield node


def attribute(call: ast.Call) -> str:
    assert isinstance(call.func, ast.Attribute)
    return call.func.attr


def migrations(root: Path, folder: str) -> list[Path]:
    found = sorted(path for path in (root / folder).glob("0*.py"))
    assert len(found) >= 3
    return found


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_migration_only_adds(root: Path, folder: str) -> None:
    takes = [
        f"{path.name}: op.{attribute(call)}"
        for path in migrations(root, folder)
        for call in calls(path, "*")
        if attribute(call) not in ADDS
    ]

    assert takes == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_new_column_may_be_left_out_by_who_does_not_know_it(root: Path, folder: str) -> None:
    required = [
        f"{path.name}:{call.lineno}"
        for path in migrations(root, folder)
        for call in calls(path, "add_column")
        for column in call.args[1:]
        if isinstance(column, ast.Call)
        for said in ({word.arg: word.value for word in column.keywords},)
        if isinstance(empty := said.get("nullable"), ast.Constant)
        and empty.value is False
        and "server_default" not in said
    ]

    assert required == []


def test_such_a_migration_is_noticed(tmp_path: Path) -> None:
    bad = tmp_path / "0009_bad.py"
    bad.write_text("op.drop_column('chats', 'name')\nop.alter_column('chats', 'name')\n")

    assert [attribute(call) for call in calls(bad, "*")] == ["drop_column", "alter_column"]
