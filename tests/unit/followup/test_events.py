"""Reading a file of events: what is good, what is bad, and what is said of it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from plugins.followup.events import Event, Fault, events, moment_of

AT = "2026-03-02T09:00:00Z"
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
MESSAGE: dict[str, Any] = {
    "at": AT,
    "type": "client",
    "chat": "c1",
    "employee": "anna",
    "text": "Hi",
}
STEP = {"id": "available", "delay": "4h", "instruction": "Ask.", "once": False}
EDIT: dict[str, Any] = {
    "at": AT,
    "type": "settings",
    "employee": "anna",
    "followup": {"enabled": True, "steps": [STEP]},
}


def read(*lines: object) -> list[Event | Fault]:
    raw = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    return list(events(raw, {"anna"}))


def edit_with(**step: object) -> dict[str, Any]:
    return {**EDIT, "followup": {"steps": [{**STEP, **step}]}}


def without(line: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name != key}


@pytest.mark.parametrize("kind", ["client", "employee"])
def test_a_message_is_read(kind: str) -> None:
    found = read({**MESSAGE, "type": kind})

    assert found == [Event(NINE, kind, "anna", "c1")]


def test_an_edit_is_read() -> None:
    (found,) = read(EDIT)

    assert isinstance(found, Event)
    assert found.settings is not None
    assert found.settings.enabled
    assert [step.id for step in found.settings.chain_steps] == ["available"]


def test_a_message_needs_no_text() -> None:
    assert read(without(MESSAGE, "text")) == [Event(NINE, "client", "anna", "c1")]


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-02T09:00:00Z",
        "2026-03-02T10:00:00+01:00",
        "2026-03-02 09:00Z",
        "2026-03-02T09:00:00.000Z",
    ],
)
def test_a_moment_may_be_written_as(text: str) -> None:
    assert moment_of(text) == NINE


def test_a_fraction_of_a_second_is_kept() -> None:
    (found,) = read({**MESSAGE, "at": "2026-03-02T09:00:00.25Z"})

    assert isinstance(found, Event)
    assert found.at == NINE.replace(microsecond=250_000)


def test_empty_lines_are_counted_and_passed_over() -> None:
    found = read(MESSAGE, b"", b"  \r\n", b"{", MESSAGE)

    assert [type(one) for one in found] == [Event, Fault, Event]
    assert found[1] == Fault(4, "is not JSON")


BAD: dict[str, tuple[object, str]] = {
    "half an object": (b'{"at": ', "is not JSON"),
    "no UTF-8": (b'{"at": "\xff"}', "is not JSON"),
    "nothing but brackets": (b"[" * 100_000, "is not JSON"),
    "a number that never ends": (b"9" * 5_000, "is not JSON"),
    "a list": ([], "is not a JSON object"),
    "null": (None, "is not a JSON object"),
    "no moment": (without(MESSAGE, "at"), "at: null is not a moment with a zone"),
    "a number for a moment": ({**MESSAGE, "at": 7}, "at: 7 is not a moment with a zone"),
    "no zone": (
        {**MESSAGE, "at": "2026-03-02T09:00:00"},
        'at: "2026-03-02T09:00:00" is not a moment with a zone; write it like 2026-03-02T09:00:00Z',
    ),
    "a 30th of February": ({**MESSAGE, "at": "2026-02-30T09:00:00Z"}, "at: "),
    "a day that overflows": (
        {**MESSAGE, "at": "0001-01-01T00:00:00+14:00"},
        "at: the year 1 is out of range (1900 to 8999)",
    ),
    "the end of the calendar": (
        {**MESSAGE, "at": "9999-12-31T23:59:59-14:00"},
        "at: the year 9999 is out of range (1900 to 8999)",
    ),
    "no employee": (without(MESSAGE, "employee"), "employee: is required"),
    "an employee that is no text": ({**MESSAGE, "employee": ["anna"]}, "employee: is required"),
    "an unknown employee": (
        {**MESSAGE, "employee": "Änna"},
        'employee: the settings know nobody called "\\u00c4nna"',
    ),
    "no chat": (without(MESSAGE, "chat"), "chat: is required"),
    "an empty chat": ({**MESSAGE, "chat": ""}, "chat: is required"),
    "a chat that is a number": ({**MESSAGE, "chat": 7}, "chat: is required"),
    "half a character as a chat": ({**MESSAGE, "chat": "\ud83d"}, "chat: is not a text"),
    "a text that is none": ({**MESSAGE, "text": None}, "text: is not a text"),
    "no type": (without(MESSAGE, "type"), "type: null is unknown; it is client, employee or"),
    "an unknown type": ({**MESSAGE, "type": "manager"}, 'type: "manager" is unknown'),
    "a type that is a table": ({**MESSAGE, "type": {}}, "type: {} is unknown"),
    "no chain": (without(EDIT, "followup"), "followup: is required, as an object"),
    "a chain that is a list": ({**EDIT, "followup": []}, "followup: is required, as an object"),
    "an unknown key": (
        {**EDIT, "followup": {"enabeld": True}},
        "followup.enabeld: unknown key; did you mean 'enabled'?",
    ),
    "half a character as a key": (
        {**EDIT, "followup": {"\ud83d": True}},
        "followup: ",
    ),
    "enabled is text": ({**EDIT, "followup": {"enabled": "maybe"}}, "followup.enabled: "),
    "steps are a table": ({**EDIT, "followup": {"steps": {}}}, "followup.steps: "),
    "a step without an id": (edit_with(id=None), "followup.steps: a step without an id"),
    "an empty id": (edit_with(id=""), "followup.steps.0.id: "),
    "half a character as an id": (edit_with(id="\ud83d"), "followup.steps.0.id: "),
    "two steps of one id": (
        {**EDIT, "followup": {"steps": [STEP, STEP]}},
        "followup.steps: two steps have the id 'available'",
    ),
    "no delay": (
        {**EDIT, "followup": {"steps": [without(STEP, "delay")]}},
        "followup.steps.0.delay: is required",
    ),
    "a delay in numbers": (edit_with(delay=4), "followup.steps.0.delay: write the delay as text"),
    "a delay of nothing": (edit_with(delay="0s"), "followup.steps.0.delay: '0s' is out of range"),
    "no instruction": (
        {**EDIT, "followup": {"steps": [without(STEP, "instruction")]}},
        "followup.steps.0.instruction: is required",
    ),
    "an empty instruction": (edit_with(instruction=" "), "followup.steps.0.instruction: say what"),
}


@pytest.mark.parametrize(("line", "text"), BAD.values(), ids=BAD.keys())
def test_a_bad_line_is_told_by_number_and_the_rest_goes_on(line: object, text: str) -> None:
    found = read(MESSAGE, line, MESSAGE)

    good, fault, good_too = found
    assert isinstance(fault, Fault)
    assert fault.line == 2
    assert fault.text.startswith(text)
    assert good == good_too == Event(NINE, "client", "anna", "c1")


@pytest.mark.parametrize(("line", "text"), BAD.values(), ids=BAD.keys())
def test_what_is_told_of_a_bad_line_can_be_printed(line: object, text: str) -> None:
    (fault,) = read(line)

    assert isinstance(fault, Fault)
    assert fault.text.encode().decode().startswith(text)


def test_a_line_earlier_than_the_one_before_is_bad() -> None:
    found = read(MESSAGE, {**MESSAGE, "at": "2026-03-02T08:59:59.999999Z"}, MESSAGE)

    assert found[1] == Fault(
        2, "at: is earlier than the line before it (2026-03-02T09:00:00+00:00)"
    )
    assert isinstance(found[2], Event)


def test_a_bad_line_does_not_make_those_after_it_too_early() -> None:
    tomorrow = {**MESSAGE, "at": "2026-03-03T09:00:00Z", "type": "manager"}

    found = read(MESSAGE, tomorrow, MESSAGE)

    assert [type(one) for one in found] == [Event, Fault, Event]


@pytest.mark.parametrize("depth", range(900, 1000, 9))
def test_a_deeply_nested_line_is_only_a_bad_line(depth: int) -> None:
    nested = b"[" * depth + b"]" * depth
    line = json.dumps({**MESSAGE, "type": "?"}).encode().replace(b'"?"', nested)

    found = read(line, MESSAGE)

    assert [type(one) for one in found] == [Fault, Event]
