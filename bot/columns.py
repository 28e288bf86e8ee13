"""Column types that the runtime's and the plugins' tables share."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, TypeDecorator
from sqlalchemy.types import TypeEngine

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
