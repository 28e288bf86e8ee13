"""Turns environment variables into a table shaped like the settings file."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from pydantic import BaseModel, SecretStr

from bot.options import kind_at, nearest

PREFIX = "FOLLOWUP_"
_SPLIT = "__"
_PLAIN_NAMES = {"DATABASE_URL": ("database", "url"), "REDIS_URL": ("redis", "url")}
# Variables that carry our prefix and are no settings: where the browser of the tests is.
_NO_SETTINGS = frozenset({"FOLLOWUP_CHROMIUM"})
_DAY = re.compile(r"(\d{4})_(\d\d)_(\d\d)")

Table = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Given:
    """What the environment says: a table, the variable behind each path of it, and strangers."""

    table: Table = field(default_factory=dict)
    names: dict[tuple[str, ...], str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    def name_of(self, path: tuple[str, ...]) -> str | None:
        """The variable that set what is at `path`, or a table around it."""
        wholes = (self.names.get(path[:length]) for length in range(len(path), 0, -1))
        return next(filter(None, wholes), None)


def given(variables: Mapping[str, str], model: type[BaseModel], file: Mapping[str, Any]) -> Given:
    """The settings among `variables`; `file` tells how the names that people chose are spelled."""
    found = Given()
    for name, parts in _named(variables):
        if parts[0] not in model.model_fields:
            found.unknown.append(f"{name}: unknown setting{_meant(name, model)}")
            continue
        path = _spelled(parts, model, (file, found.table))
        found.names[path] = name
        _put(found.table, path, _value(variables[name], kind_at(model, path)))
    for section in list(found.table):
        found.table[section] = _with_lists(
            found.table[section], file.get(section), model, (section,)
        )
    return found


def _named(variables: Mapping[str, str]) -> list[tuple[str, tuple[str, ...]]]:
    """The variables that count, weakest first: short names, then whole tables, then keys."""
    filled = [name for name, text in variables.items() if text.strip()]
    ours = [name for name in filled if name.startswith(PREFIX) and name not in _NO_SETTINGS]
    parts = {name: tuple(name.removeprefix(PREFIX).lower().split(_SPLIT)) for name in ours}
    plain = [(name, _PLAIN_NAMES[name]) for name in filled if name in _PLAIN_NAMES]
    return plain + sorted(parts.items(), key=lambda item: (len(item[1]), item[0]))


def _meant(name: str, model: type[BaseModel]) -> str:
    """The variable that comes nearest, the rest of the name kept."""
    section, split, rest = name.removeprefix(PREFIX).partition(_SPLIT)
    known = {known.upper() + split + rest for known in model.model_fields}
    for known_section in model.model_fields:
        kind = kind_at(model, (known_section,))
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            known |= {f"{known_section}{_SPLIT}{key}".upper() for key in kind.model_fields}
    if hint := nearest(section + split + rest, known):
        return hint.replace("'", f"'{PREFIX}", 1)
    return f"; known sections: {', '.join(sorted(model.model_fields))}"


def _spelled(
    parts: tuple[str, ...], model: type[BaseModel], tables: tuple[Any, ...]
) -> tuple[str, ...]:
    """The path as the file spells it: a name there may have capitals, or - where we have _."""
    path: tuple[str, ...] = ()
    for part in parts:
        known = [key for table in tables if isinstance(table, Mapping) for key in table]
        key = part if part in known else _alike(part, known)
        path = (*path, key)
        tables = tuple(_child(table, key) for table in tables)
    return path


def _alike(part: str, known: list[str]) -> str:
    same = (key for key in known if key.casefold().replace("-", "_") == part)
    return next(same, _DAY.sub(r"\1-\2-\3", part))


def _child(table: Any, key: str) -> Any:
    if isinstance(table, list):
        return table[int(key)] if key.isdecimal() and int(key) < len(table) else None
    return table.get(key) if isinstance(table, Mapping) else None


def _put(table: Table, path: tuple[str, ...], value: object) -> None:
    """Set the value at `path`; what is no table on the way gives way to one."""
    for part in path[:-1]:
        inner = table.get(part)
        if not isinstance(inner, dict):
            inner = table[part] = {}
        table = inner
    table[path[-1]] = value


def _value(text: str, kind: Any) -> object:
    """Lists and tables come as JSON; everything else is left for the model to convert."""
    if kind in {str, SecretStr} or not text.lstrip().startswith(("[", "{")):
        return text
    try:
        return cast(object, json.loads(text))
    except ValueError:
        return text


def _with_lists(value: Any, below: Any, model: type[BaseModel], path: tuple[str, ...]) -> Any:
    """Tables whose keys number the elements of a list, as that list."""
    if not isinstance(value, dict):
        return value
    inner = {
        key: _with_lists(item, _child(below, key), model, (*path, key))
        for key, item in value.items()
    }
    return _as_list(inner, below) if _is_list(inner, below, kind_at(model, path)) else inner


def _is_list(value: Table, below: Any, kind: Any) -> bool:
    """Whether every key continues or replaces an element; never where names are expected."""
    if kind is not None or not value or not all(key.isdecimal() for key in value):
        return False
    size = len(below) if isinstance(below, list) else 0
    return (isinstance(below, list) or below is None) and all(
        str(index) in value for index in range(size, max(map(int, value)) + 1)
    )


def _as_list(value: Table, below: Any) -> list[Any]:
    items = list(below or [])
    for key, item in sorted(value.items(), key=lambda pair: int(pair[0])):
        place = int(key)
        merged = item
        if place < len(items) and isinstance(items[place], dict) and isinstance(item, dict):
            merged = {**items[place], **item}
        items[place : place + 1] = [merged]
    return items
