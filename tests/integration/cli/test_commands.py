"""The other commands: what they refuse, and in which words."""

from collections.abc import Callable

import pytest
from click.testing import Result

from tests.conftest import Postgres
from tests.integration.cli.conftest import Place, Running

NOBODY = "127.0.0.1:1"
SECRET = "s3cr3t"  # noqa: S105  nobody's


def plainly(done: Result) -> None:
    """A fault is told in words for people, without a traceback or a password."""
    assert done.exit_code == 1
    assert "Traceback" not in done.stdout + done.stderr
    assert SECRET not in done.stdout + done.stderr


def faults(done: Result) -> list[str]:
    return [line for line in done.stdout.splitlines() if line.startswith("FAULT")]


def test_check_says_a_line_each_and_makes_nothing(place: Place) -> None:
    done = place.followup("check")

    lines = [line.split()[:2] for line in done.stdout.splitlines()]
    assert lines == [
        ["ok", "settings"],
        ["ok", "database"],
        ["ok", "redis"],
        ["ok", "model"],
        ["ok", "channels"],
    ]
    assert done.exit_code == 0
    assert not place.data.exists()


@pytest.mark.parametrize(
    ("environment", "about"),
    [
        ({"FOLLOWUP_WEB__PROT": "1"}, "FOLLOWUP_WEB__PROT"),
        ({"FOLLOWUP_WEB__PORT": "many"}, "web.port"),
        ({"DATABASE_URL": f"postgresql://u:{SECRET}@{NOBODY}/db"}, "database.url: cannot"),
        ({"DATABASE_URL": f"postgresql://u:{SECRET}@host:{SECRET}/db"}, "database.url: is not"),
        ({"DATABASE_URL": "sqlite://"}, "database.url: SQLite needs a file"),
        ({"REDIS_URL": f"redis://u:{SECRET}@{NOBODY}/0"}, "redis.url: cannot be reached"),
        (
            {"FOLLOWUP_MODEL__BASE_URL": f"http://{NOBODY}/v1", "FOLLOWUP_MODEL__NAME": "m"},
            "model: no model there",
        ),
        ({"FOLLOWUP_CHANNELS__SITE__KIND": "wbe"}, "kind 'wbe'"),
        ({"FOLLOWUP_CHANNELS__SITE__EMPLOYEE": "bert"}, "no employee 'bert'"),
    ],
)
def test_check_finds_what_is_wrong(place: Place, environment: dict[str, str], about: str) -> None:
    done = place.followup("check", **environment)

    plainly(done)
    (fault,) = faults(done)
    assert about in fault


def test_check_finds_a_missing_and_a_broken_file(place: Place) -> None:
    place.config.write_text("[web\n")
    broken = place.followup("check")
    place.config.unlink()

    missing = place.followup("check")

    for done in (broken, missing):
        plainly(done)
        assert len(faults(done)) == 1


@pytest.mark.postgres
def test_check_reaches_a_server_that_is_there(place: Place, postgres: Postgres) -> None:
    done = place.followup("check", DATABASE_URL=postgres.url("postgres"))

    assert "ok    database  postgresql" in done.stdout
    assert done.exit_code == 0


@pytest.mark.parametrize("role", ["web", "worker"])
def test_a_role_needs_a_shared_redis(place: Place, role: str) -> None:
    done = place.followup(role)

    plainly(done)
    assert done.stderr.startswith("redis.url: ")
    assert "REDIS_URL" in done.stderr


@pytest.mark.parametrize("command", [["employees", "export"], ["pause", "1"]])
def test_a_database_that_cannot_be_reached_is_told_in_a_line(
    place: Place, command: list[str]
) -> None:
    url = f"postgresql://u:{SECRET}@{NOBODY}/db"

    done = place.followup(*command, DATABASE_URL=url, FOLLOWUP_WEB__PORT="0")

    plainly(done)
    assert done.stderr.splitlines()[-1].startswith("database.url: cannot be reached")


def test_to_run_without_its_database_is_refused_in_a_line(
    place: Place, running: Callable[..., Running]
) -> None:
    url = f"postgresql://u:{SECRET}@{NOBODY}/db"

    run = running("run", DATABASE_URL=url, FOLLOWUP_WEB__PORT="0")

    assert run.until("database.url").startswith("database.url: cannot be reached")
    assert run.process.wait(20) == 1
    assert not [line for line in run.seen if "Traceback" in line or SECRET in line]


def test_a_taken_port_is_told(
    place: Place, running: Callable[..., Running], taken_port: int
) -> None:
    run = running("run", FOLLOWUP_WEB__PORT=str(taken_port))

    assert f"web.port: cannot listen on 127.0.0.1:{taken_port}" in run.until("web.port")
    assert run.process.wait(20) == 1


def test_a_second_instance_on_the_same_data_is_refused_and_the_first_goes_on(
    place: Place, running: Callable[..., Running]
) -> None:
    first = running("run", FOLLOWUP_WEB__PORT="0")
    assert "http://127.0.0.1:" in first.until("Demo page")
    assert "/followup" in first.until("Dashboard")
    first.until("Stop with Ctrl-C")

    second = place.followup("run", FOLLOWUP_WEB__PORT="0")

    plainly(second)
    assert f"is in use by another followup run (process {first.process.pid})" in second.stderr
    assert first.process.poll() is None
    assert first.stop() == 0
    again = running("run", FOLLOWUP_WEB__PORT="0")
    again.until("Stop with Ctrl-C")
    assert again.stop() == 0


@pytest.mark.parametrize(
    "words",
    [
        ["--config", "{c}", "--data", "{d}", "employees", "export"],
        ["--config", "{c}", "employees", "--data", "{d}", "export"],
        ["employees", "--config", "{c}", "--data", "{d}", "export"],
        ["employees", "export", "--config", "{c}", "--data", "{d}"],
        ["--config", "nowhere.toml", "employees", "export", "--config", "{c}", "--data", "{d}"],
    ],
    ids=" ".join,
)
def test_options_may_stand_anywhere_and_the_last_one_counts(place: Place, words: list[str]) -> None:
    filled = [word.format(c=place.config, d=place.data) for word in words]

    done = place.bare(*filled)

    assert done.exit_code == 0, done.stderr
    assert "[employees.anna]" in done.stdout
    assert (place.data / "followup.db").exists()


def test_help_names_every_command(place: Place) -> None:
    done = place.bare("--help")

    assert done.exit_code == 0
    for name in ("run", "web", "worker", "check", "employees", "simulate", "pause", "resume"):
        assert f"\n  {name} " in done.stdout
        assert place.bare(name, "-h").exit_code == 0


@pytest.mark.parametrize("name", ["pause", "resume"])
def test_a_chat_that_is_not_there_is_told(place: Place, name: str) -> None:
    done = place.followup(name, 7)

    plainly(done)
    assert "there is no chat 7" in done.stderr
    assert place.followup(name, 0).exit_code == 2
