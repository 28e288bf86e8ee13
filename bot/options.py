"""Checks a table of settings against its model and says plainly what is wrong."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from bot.errors import SettingsError

Options = TypeVar("Options", bound=BaseModel)


def validated(model: type[Options], table: Mapping[str, Any], where: str = "") -> Options:
    """The table as `model`; `where` is its dotted name in the settings, put before each fault.

    Raises SettingsError with a line per fault, the nearest known key beside an unknown one.
    """
    try:
        return model.model_validate(table)
    except ValidationError as error:
        lines = [_line(model, fault, where) for fault in error.errors(include_url=False)]
        raise SettingsError("\n".join(lines)) from None


def nearest(key: str, known: Iterator[str] | list[str]) -> str:
    """A hint that ends a sentence about an unknown key, or nothing."""
    match = get_close_matches(key, sorted(known), n=1, cutoff=0.6)
    return f"; did you mean '{match[0]}'?" if match else ""


def _line(model: type[BaseModel], fault: Any, where: str) -> str:
    path = [str(part) for part in fault["loc"]]
    name = ".".join([where, *path] if where else path)
    match fault["type"]:
        case "extra_forbidden":
            known = list(_known(model, path[:-1]))
            hint = nearest(path[-1], known) or (
                f"; known keys: {', '.join(sorted(known))}" if known else ""
            )
            return f"{name}: unknown key{hint}"
        case "missing":
            return f"{name}: is required"
        case _:
            return f"{name}: {str(fault['msg']).removeprefix('Value error, ')}"


def _known(model: type[BaseModel], path: list[str]) -> Iterator[str]:
    """The keys that the table at `path` may have."""
    kind: Any = model
    for part in path:
        kind = _inside(kind, part)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            yield field.alias or name


def _inside(kind: Any, part: str) -> Any:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        fields = {field.alias or name: field for name, field in kind.model_fields.items()}
        return _plain(fields[part].annotation) if part in fields else None
    if get_origin(kind) in {dict, Mapping, list, tuple}:
        return _plain(get_args(kind)[-1 if get_origin(kind) in {dict, Mapping} else 0])
    return None


def _plain(kind: Any) -> Any:
    """The model or container inside `X | None` and the like."""
    for option in get_args(kind) if get_origin(kind) not in {dict, Mapping, list, tuple} else ():
        if option is not type(None):
            return option
    return kind
