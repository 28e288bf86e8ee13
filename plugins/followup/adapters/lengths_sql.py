"""The time between two moments in SQL: each database tells it in its own way."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, cast, extract, func

Number = ColumnElement[int]
Way = Callable[[ColumnElement[Any], ColumnElement[Any]], Number]


def _in_sqlite(later: ColumnElement[Any], earlier: ColumnElement[Any]) -> Number:
    return cast(func.round((func.julianday(later) - func.julianday(earlier)) * 86400000), Integer)


def _in_postgresql(later: ColumnElement[Any], earlier: ColumnElement[Any]) -> Number:
    return cast(func.floor(extract("epoch", later - earlier) * 1000), BigInteger)


WAYS: Mapping[str, Way] = {"sqlite": _in_sqlite, "postgresql": _in_postgresql}
"""In milliseconds, by the database's name."""
