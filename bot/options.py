"""Checks a table of settings against its model and says plainly what is wrong."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from bot.errors import SettingsError

Options = TypeVar("Options", bound=BaseModel)

Path = Sequence[str]

# Shorter beginnings are shared by words that have nothing to do with each other.
_STEM = 3

_SHOULD_BE = {
    "string_type": "text in quotes",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "dict_type": "a table",
    "mapping_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "dataclass_type": "a table",
}


def validated(model: type[Options], table: Mapping[str, Any], where: str = "") -> Options:
    """The table as `model`; `where` is its dotted name in the settings, put before each fault.

    Raises SettingsError with a line per fault, the nearest known key beside an unknown one.
    """
    try:
        return model.model_validate(table)
    except ValidationError as error:
        lines = [f"{_dotted(where, path)}: {text}" for path, text in faults(model, error)]
        raise SettingsError("\n".join(lines)) from None


def faults(model: type[BaseModel], error: ValidationError) -> list[tuple[tuple[str, ...], str]]:
    """Where each fault is and what is wrong there; never the value itself, it may be secret."""
    details = error.errors(include_url=False, include_input=False)
    return list(
        dict.fromkeys((path, _text(model, path, fault)) for path, fault in _located(details))
    )


def nearest(key: str, known: Iterable[str]) -> str:
    """A hint that ends a sentence about an unknown key, or nothing."""
    names = {name.casefold(): name for name in sorted(known)}
    wanted = key.casefold()
    close = get_close_matches(wanted, names, n=1, cutoff=0.6) or [
        name for name in names if _starts_alike(wanted, name)
    ]
    return f"; did you mean '{names[close[0]]}'?" if close else ""


def kind_at(model: type[BaseModel], path: Path) -> Any:
    """The type of what is at `path` (`X` for `X | None`), None where the model does not say."""
    kind: Any = model
    for part in path:
        kind = _plain(_inside(kind, part))
    return kind


def _located(details: list[ErrorDetails]) -> list[tuple[tuple[str, ...], ErrorDetails]]:
    return [(tuple(str(part) for part in d["loc"] if part != "[key]"), d) for d in details]


def _dotted(where: str, path: Path) -> str:
    return ".".join([where, *path] if where else path) or "settings"


def _text(model: type[BaseModel], path: Path, fault: ErrorDetails) -> str:
    if _is_unknown_key(model, path, fault):
        return _unknown_key(model, path)
    match fault["type"]:
        case "missing":
            return "is required"
        case "list_type" | "tuple_type" | "set_type" | "frozen_set_type":
            return f"should be a list{_sample(kind_at(model, path))}"
        case kind if kind in _SHOULD_BE:
            return f"should be {_SHOULD_BE[kind]}"
        case _:
            return fault["msg"].removeprefix("Value error, ").removeprefix("Input ")


def _is_unknown_key(model: type[BaseModel], path: Path, fault: ErrorDetails) -> bool:
    """Whether the key is the fault: a stranger, or no table where only tables may be extra."""
    if fault["type"] == "extra_forbidden":
        return True
    if fault["loc"][-1:] == ("[key]",):
        return fault["type"] in {"literal_error", "enum"}
    return fault["type"] == "dict_type" and kind_at(model, path) is None


def _unknown_key(model: type[BaseModel], path: Path) -> str:
    known = _keys(kind_at(model, path[:-1]))
    if hint := nearest(path[-1], known):
        return f"unknown key{hint}"
    return "unknown key" + (f"; known keys: {', '.join(sorted(known))}" if known else "")


def _sample(kind: Any) -> str:
    """What the list looks like, told only where it holds texts or tables."""
    inner = _plain(next(iter(get_args(kind)), None))
    if isinstance(inner, type) and issubclass(inner, BaseModel):
        return " of tables"
    return ', like ["…", "…"]' if inner is str else ""


def _keys(kind: Any) -> list[str]:
    """The keys that a table of that kind may have, as far as they are fixed."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return list(_fields(kind))
    if _is_table(kind):
        key = _plain(get_args(kind)[0])
        return [str(name) for name in get_args(key)] if get_origin(key) is Literal else []
    return []


def _inside(kind: Any, part: str) -> Any:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        field = _fields(kind).get(part)
        return field.annotation if field else None
    inner = get_args(kind)
    if not inner:
        return None
    return inner[-1] if _is_table(kind) else inner[0]


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Fields by the name that settings use."""
    return {
        alias if isinstance(alias := field.validation_alias, str) else name: field
        for name, field in model.model_fields.items()
    }


def _is_table(kind: Any) -> bool:
    origin = get_origin(kind)
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _plain(kind: Any) -> Any:
    """The type inside `X | None`, `Annotated[X, …]` and the like."""
    origin = get_origin(kind)
    if origin is Annotated:
        return _plain(get_args(kind)[0])
    if origin in {Union, UnionType}:
        return _plain(next(option for option in get_args(kind) if option is not type(None)))
    return kind


def _starts_alike(one: str, other: str) -> bool:
    """Whether one is a longer spelling of the other (monday, mon)."""
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) >= _STEM and longer.startswith(shorter)
