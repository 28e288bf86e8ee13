"""`followup simulate`: what would have been sent, line by line."""

import json
import os
import pty
import subprocess

import pytest

from tests.integration.cli.conftest import COMMAND, Place, environment

CLIENT = {"at": "2026-03-02T09:00:00Z", "type": "client", "chat": "c1", "employee": "anna"}
ANSWER = {**CLIENT, "at": "2026-03-02T09:00:10Z", "type": "employee"}
GOLDEN = (
    '{"at": "2026-03-02T13:00:00Z", "chat": "c1", "employee": "anna", '
    '"step": "available", "silence": 1}\n'
)
UNTIL = ("--until", "2026-03-09T00:00:00Z")


def lines(*events: object) -> str:
    return "".join(each if isinstance(each, str) else json.dumps(each) + "\n" for each in events)


def test_a_silent_client_would_have_been_reminded_four_hours_later(place: Place) -> None:
    events = place.write("events.jsonl", lines({**CLIENT, "text": "Hello?"}, ANSWER))

    done = place.followup("simulate", "--events", events, *UNTIL)

    assert (done.stdout, done.stderr, done.exit_code) == (GOLDEN, "", 0)
    assert not place.data.exists()


def test_events_come_from_standard_input_too(place: Place) -> None:
    done = subprocess.run(  # noqa: S603  our own command
        [COMMAND, "simulate", "--events", "-", *UNTIL, *place.options],
        input=lines(CLIENT, ANSWER),
        env=environment(place.folder, {}),
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stdout, done.stderr, done.returncode) == (GOLDEN, "", 0)


def test_new_settings_replace_the_chain(place: Place) -> None:
    step = {"id": "b", "delay": "1h", "instruction": "Ask.", "once": True}
    settings = {
        "at": "2026-03-02T08:00:00Z",
        "type": "settings",
        "employee": "anna",
        "followup": {"enabled": True, "steps": [step, {**step, "id": "a", "delay": "2h"}]},
    }
    again = {**CLIENT, "at": "2026-03-03T09:00:00Z"}
    events = lines(settings, CLIENT, ANSWER, again, {**ANSWER, "at": "2026-03-03T09:01:00Z"})

    file = place.write("events.jsonl", events)
    done = place.followup("simulate", "--events", file, *UNTIL)

    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(each["at"], each["step"], each["silence"]) for each in found] == [
        ("2026-03-02T10:00:00Z", "b", 1),
        ("2026-03-02T12:00:00Z", "a", 1),
    ]


def test_a_bad_line_is_told_by_its_number_and_the_rest_goes_on(place: Place) -> None:
    bad = [
        "not JSON\n",
        {**CLIENT, "employee": "bert"},
        {**CLIENT, "at": "2026-03-02T09:00:00"},
        {**CLIENT, "type": "reaction"},
        "\xff\xfe\n",
    ]

    file = place.write("events.jsonl", lines(CLIENT, *bad, ANSWER))
    done = place.followup("simulate", "--events", file, *UNTIL)

    assert done.stdout == GOLDEN
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == [
        f"line {n}" for n in range(2, 7)
    ]
    assert done.exit_code == 1


@pytest.mark.parametrize(
    ("until", "found"), [("2026-03-02T13:00:00Z", GOLDEN), ("2026-03-02T12:59:59Z", "")]
)
def test_the_last_moment_is_included(place: Place, until: str, found: str) -> None:
    events = place.write("events.jsonl", lines(CLIENT, ANSWER))

    done = place.followup("simulate", "--events", events, "--until", until)

    assert (done.stdout, done.exit_code) == (found, 0)


@pytest.mark.parametrize("until", ["tomorrow", "2026-03-02T13:00:00", "2026-02-30T00:00:00Z", ""])
def test_a_last_moment_that_is_none_is_told(place: Place, until: str) -> None:
    done = place.followup("simulate", "--events", "-", "--until", until)

    assert done.exit_code == 1
    assert done.stderr.startswith("--until: ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("events", ["nowhere.jsonl", "."])
def test_a_file_that_cannot_be_read_is_told(place: Place, events: str) -> None:
    done = place.followup("simulate", "--events", events, *UNTIL)

    assert done.exit_code == 1
    assert done.stderr.startswith("--events: ")
    assert len(done.stderr.splitlines()) == 1


def test_the_bar_is_seen_on_a_terminal_and_leaves_no_trace_in_what_is_printed(
    place: Place,
) -> None:
    events = place.write("events.jsonl", lines(CLIENT, ANSWER))
    ours, theirs = pty.openpty()
    command = [COMMAND, "simulate", "--events", events, *UNTIL, *place.options]

    done = subprocess.run(  # noqa: S603  our own command
        command,
        stdout=subprocess.PIPE,
        stderr=theirs,
        env=environment(place.folder, {"TERM": "xterm"}),
        check=False,
    )
    os.close(theirs)
    shown = os.read(ours, 65536).decode()
    os.close(ours)

    assert done.stdout.decode() == GOLDEN, shown
    assert "Events" in shown
