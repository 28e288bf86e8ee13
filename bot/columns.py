"""Column types that the runtime's and the plugins' tables share."""

import json
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Dialect,
    Integer,
    Text,
    TypeDecorator,
    bindparam,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType, TypeEngine

Id = BigInteger().with_variant(Integer, "sqlite")
"""A number of a row; SQLite counts by itself only in plain integers, which are long enough."""


class Moment(TypeDecorator[datetime]):
    """A moment with its zone in Python, UTC in the database."""

    impl: TypeEngine[Any] | type[TypeEngine[Any]] = DateTime(timezone=True)
    cache_ok: bool | None = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        """To UTC; SQLite keeps a text without a zone.

        Hundreds of moments go through here for each wave: one function of our own, instead of
        one for each layer of the library, takes a third of the time.
        """
        return _to_text if dialect.name == "sqlite" else _to_utc

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """Back to UTC."""
        del coltype
        return _from_text if dialect.name == "sqlite" else _from_zone


def _to_utc(value: datetime | None) -> datetime | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return value if value.tzinfo is UTC else value.astimezone(UTC)


def _to_text(value: datetime | None) -> str | None:
    utc = _to_utc(value)
    # Without the zone, which is always "+00:00": to cut it off is quicker than to replace it.
    return None if utc is None else utc.isoformat(" ", "microseconds")[:-6]


def _from_text(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(f"{text}Z")


def _from_zone(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


class _Keys(TypeDecorator[Collection[int]]):
    """Numbers of rows as one value."""

    impl: TypeEngine[Any] | type[TypeEngine[Any]] = Text
    cache_ok: bool | None = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """A text with JSON on SQLite, which has no arrays."""
        kind = Text() if dialect.name == "sqlite" else ARRAY(BigInteger)
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: Collection[int] | None, dialect: Dialect) -> Any:
        """All of them, in whatever they came."""
        keys = list(value or ())
        return json.dumps(keys) if dialect.name == "sqlite" else keys


class _Among(FunctionElement[Any]):
    # With a type that is true or false SQLite would be asked whether it is 1, without the index.
    type: TypeEngine[Any] = NullType()
    name = "among"
    inherit_cache: bool | None = True


def among(column: ColumnElement[Any], name: str = "keys") -> ColumnElement[bool]:
    """Whether the column is one of the numbers that the parameter of that name holds.

    `in_` writes a parameter for each into the statement: with hundreds, that takes the library and
    the driver longer than the rest of the query, each time.
    """
    return _Among(column, bindparam(name, type_=_Keys()))


@compiles(_Among)
def _in_array(element: _Among, compiler: Any, **options: Any) -> str:
    column, keys = (compiler.process(each, **options) for each in element.clauses)
    return f"{column} = ANY ({keys})"


@compiles(_Among, "sqlite")
def _in_json(element: _Among, compiler: Any, **options: Any) -> str:
    column, keys = (compiler.process(each, **options) for each in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({keys}))"  # noqa: S608  names alone
