"""Reads a file of events, a JSON object a line; a bad line is told of and the rest goes on."""

import json
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.api import SettingsError, validated
from plugins.followup.options import FollowupOptions

# Far enough from the ends of the calendar that no zone and no delay runs over them.
_FIRST_YEAR, _LAST_YEAR = 1900, 9000


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: a message in `chat`, or new `settings` of the employee."""

    at: datetime
    kind: str
    employee: str
    chat: str = ""
    settings: FollowupOptions | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line, counted from 1."""

    line: int
    text: str


class BadLineError(Exception):
    """A line that cannot be used; the text names the field and says what it should be."""


def events(lines: Iterable[bytes], employees: Container[str]) -> Iterator[Event | Fault]:
    """The events in their order; one that is earlier than the last good one is a fault."""
    latest: datetime | None = None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            event = _event(line, employees)
        except (BadLineError, SettingsError) as fault:
            yield Fault(number, str(fault))
            continue
        if latest is not None and event.at < latest:
            yield Fault(number, f"at: is earlier than the line before it ({latest.isoformat()})")
            continue
        latest = event.at
        yield event


def moment_of(text: object) -> datetime:
    """The moment that an ISO 8601 text with a zone means, in UTC. Raises ValueError."""
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise ValueError(
            f"{json.dumps(text)} is not a moment with a zone; write it like 2026-03-02T09:00:00Z"
        )
    if not _FIRST_YEAR <= at.year < _LAST_YEAR:
        raise ValueError(f"the year {at.year} is out of range ({_FIRST_YEAR} to {_LAST_YEAR - 1})")
    return at.astimezone(UTC)


def _event(line: bytes, employees: Container[str]) -> Event:
    table = _object(line)
    try:
        at = moment_of(table.get("at"))
    except ValueError as fault:
        raise BadLineError(f"at: {fault}") from None
    employee = _text(table, "employee")
    if employee not in employees:
        raise BadLineError(f"employee: the settings know nobody called {json.dumps(employee)}")
    match table.get("type"):
        case "client" | "employee" as kind:
            if not isinstance(table.get("text", ""), str):
                raise BadLineError("text: is not a text")
            return Event(at, kind, employee, _text(table, "chat"))
        case "settings":
            return Event(at, "settings", employee, settings=_settings(table.get("followup")))
        case other:
            raise BadLineError(
                f"type: {json.dumps(other)} is unknown; it is client, employee or settings"
            )


def _object(line: bytes) -> Mapping[str, Any]:
    try:
        table = json.loads(line)
    except (ValueError, RecursionError):
        raise BadLineError("is not JSON") from None
    if not isinstance(table, dict):
        raise BadLineError("is not a JSON object")
    return table


def _text(table: Mapping[str, Any], key: str) -> str:
    text = table.get(key)
    if not isinstance(text, str) or not text:
        raise BadLineError(f"{key}: is required, as a text that is not empty")
    if not _printable(text):
        raise BadLineError(f"{key}: is not a text; it holds half a character")
    return text


def _printable(text: str) -> bool:
    """JSON can escape one half of a surrogate pair, which no encoding can write."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _settings(table: object) -> FollowupOptions:
    if not isinstance(table, dict):
        raise BadLineError("followup: is required, as an object")
    options = validated(FollowupOptions, table, "followup")
    if any(step.id is None for step in options.steps):
        raise BadLineError("followup.steps: a step without an id; each needs one here")
    return options
