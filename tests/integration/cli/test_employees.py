"""`followup employees export | import`: what comes out goes in again, unchanged."""

import shutil
import sqlite3
import tomllib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Place, Running

EVERYTHING = """
[employees.anna]
name = "Änna “A.” 安娜 🚲"
persona = '''
First line.
\tSecond: "quotes", 'more', \\ back, # no comment, [no] = table.

Last line; trailing space \u2028 '''
timezone = "Europe/Berlin"

[employees.anna.working_hours]
mon = ["09:00-13:00", "14:00-18:00"]
tue = []
sat = ["22:00-06:00"]
sun = ["00:00-24:00"]

[employees.anna.special_days]
"2026-12-24" = ["09:00-12:00"]
"2026-12-25" = []

[employees.anna.followup]
enabled = false

[[employees.anna.followup.steps]]
id = "available"
delay = "1d2h3m4s"
instruction = '''Two
lines, “quoted”.'''
once = true

[[employees.anna.followup.steps]]
delay = "90m"
instruction = "Without an id."

[employees.bert]
name = "Bert"
persona = "Short."

[employees.bert.followup]
steps = []

[employees.c-3_po]
name = "C"
"""


def exported(place: Place) -> str:
    done = place.followup("employees", "export")
    assert (done.exit_code, done.stderr) == (0, "")
    return done.stdout


def test_what_was_imported_is_exported_as_it_was(place: Place) -> None:
    file = place.write("people.toml", EVERYTHING)

    done = place.followup("employees", "import", file)

    assert (done.stdout, done.stderr, done.exit_code) == ("3 employees saved.\n", "", 0)
    wanted = tomllib.loads(EVERYTHING)["employees"]
    found = tomllib.loads(exported(place))["employees"]
    anna = found["anna"]
    assert anna["followup"]["steps"][1].pop("id")
    assert anna["followup"]["steps"][1]["delay"] == "1h30m"
    anna["followup"]["steps"][1]["delay"] = "90m"
    wanted["anna"]["followup"]["steps"][1]["once"] = False
    # The settings take the spaces around a name and an instruction away, not within.
    assert anna["followup"] == wanted["anna"]["followup"]
    for key in ("name", "timezone", "working_hours", "special_days"):
        assert anna[key] == wanted["anna"][key]
    assert anna["persona"].split() == wanted["anna"]["persona"].split()
    assert "\n\tSecond" in anna["persona"]
    assert found["bert"]["followup"] == {"enabled": True, "steps": []}
    assert found["c-3_po"]["name"] == "C"


def test_an_export_imported_elsewhere_is_exported_the_same(place: Place) -> None:
    place.followup("employees", "import", place.write("people.toml", EVERYTHING))
    first = exported(place)
    file = place.write("exported.toml", first)
    shutil.rmtree(place.data)

    assert place.followup("employees", "import", file).exit_code == 0

    assert exported(place) == first


def test_an_export_goes_into_a_file(place: Place) -> None:
    done = place.followup("employees", "export", "--output", "people.toml")

    assert (done.stdout, done.exit_code) == ("", 0)
    written = (place.folder / "people.toml").read_text("utf-8")
    assert tomllib.loads(written)["employees"]["anna"]["name"] == "Anna"


def test_a_whole_settings_file_may_be_imported_too(place: Place) -> None:
    done = place.followup("employees", "import", place.config)

    assert (done.stdout, done.exit_code) == ("1 employee saved.\n", 0)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[employees.anna]\nnmae = "A"', "employees.anna.nmae: unknown key; did you mean 'name'?"),
        ("[employees.anna.folowup]", "anna.folowup: unknown key; did you mean 'followup'?"),
        ("[employees.anna.followup]\nenabeld = true", "anna.followup.enabeld: unknown key"),
        ('[[employees.anna.followup.steps]]\ndelay = "4"\ninstruction = "A"', "'4' is not a"),
        ("[web]\nport = 1", "there is no [employees.NAME] in it"),
        ("[employees", "people.toml: "),
    ],
)
def test_a_fault_in_the_file_is_named_and_nobody_is_saved(
    place: Place, text: str, line: str
) -> None:
    before = exported(place)

    done = place.followup("employees", "import", place.write("people.toml", text))

    assert done.exit_code == 1
    assert line in done.stderr
    assert "Traceback" not in done.stderr
    assert exported(place) == before


def test_a_file_that_is_not_there_is_told(place: Place) -> None:
    done = place.followup("employees", "import", "nowhere.toml")

    assert done.exit_code == 1
    assert "nowhere.toml: there is no such settings file" in done.stderr


def test_import_works_while_the_application_runs(
    place: Place, running: Callable[..., Running]
) -> None:
    run = running("run", FOLLOWUP_WEB__PORT="0")
    run.until("Stop with Ctrl-C")

    done = place.followup("employees", "import", place.write("people.toml", EVERYTHING))

    assert (done.stdout, done.exit_code) == ("3 employees saved.\n", 0), done.stderr
    assert run.stop() == 0
    assert _names(place.data / "followup.db") == ["anna", "bert", "c-3_po"]


def _names(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT id FROM employees ORDER BY id")]
