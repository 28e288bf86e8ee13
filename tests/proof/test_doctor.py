"""The command `followup doctor`, on data of its own."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import main

CONFIG = """
[employees.anna]
name = "Anna"

[[employees.anna.followup.steps]]
id = "available"
delay = "4h"
instruction = "Gently remind that we're available."

[channels.site]
kind = "web"
employee = "anna"
"""
LONG_AGO = "2026-03-02 09:00:00.000000"

Command = Callable[..., Result]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def followup(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command on settings of its own."""
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    config = tmp_path / "bot.toml"
    config.write_text(CONFIG, encoding="utf-8")

    def run(*words: str) -> Result:
        options = ["--config", str(config), "--data", str(data)]
        return CliRunner().invoke(main, [*words, *options], prog_name="followup")

    return run


def forgotten(data: Path, count: int) -> None:
    """Chats whose clients wait, and nobody is going to answer."""
    with closing(sqlite3.connect(data / "followup.db")) as connection, connection:
        connection.executemany(
            "INSERT INTO chats (account, address, employee_id, last_n, client_n, waiting_since,"
            " answer_failures) VALUES ('site', ?, 'anna', 0, 0, ?, 0)",
            [(f"c{n}", LONG_AGO) for n in range(count)],
        )


def test_before_the_first_start_there_is_nothing_to_look_at_and_nothing_is_made(
    followup: Command, data: Path
) -> None:
    done = followup("doctor")

    assert done.exit_code == 1
    assert "nothing is stored there yet" in done.stderr
    assert not data.exists()


def test_a_database_of_somebody_else_is_told_in_a_line(followup: Command, data: Path) -> None:
    data.mkdir()
    with closing(sqlite3.connect(data / "followup.db")) as connection, connection:
        connection.execute("CREATE TABLE other (id INTEGER)")

    done = followup("doctor")

    assert done.exit_code == 1
    assert done.stderr.splitlines() == [
        "database.url: nothing is stored there yet; start `followup run` once"
    ]


def test_a_healthy_database_gets_a_line_for_each_promise(followup: Command) -> None:
    followup("employees", "export")

    done = followup("doctor")

    lines = done.stdout.splitlines()
    assert [line.split()[:2] for line in lines] == [["ok", f"I{n}"] for n in range(1, 14)]
    assert done.exit_code == 0


def test_a_broken_promise_names_the_first_chats_and_what_to_do(
    followup: Command, data: Path
) -> None:
    followup("employees", "export")
    forgotten(data, 1234)

    done = followup("doctor")

    lines = [line.split() for line in done.stdout.splitlines()]
    assert done.exit_code == 1
    assert [words[1] for words in lines if words[0] == "FAULT"] == ["I5"]
    assert [words[:2] for words in lines].count(["chat", "5:"]) == 1
    assert ["and", "1229", "more"] in lines
    assert sum(words[0] == "What" for words in lines) == 1
