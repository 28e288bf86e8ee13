"""Queries on employees."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import RowMapping, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Employee
from bot.store.tables import employees


async def all_employees(connection: AsyncConnection) -> Sequence[Employee]:
    """Everyone, by id."""
    rows = (await connection.execute(select(employees).order_by(employees.c.id))).mappings()
    return [employee_of(row) for row in rows]


async def hold_employee(connection: AsyncConnection, employee: str) -> Employee | None:
    """The one with that id, and nobody else saves it until the transaction ends."""
    query = select(employees).where(employees.c.id == employee).with_for_update()
    row = (await connection.execute(query)).mappings().one_or_none()
    return employee_of(row) if row is not None else None


async def create_employee(connection: AsyncConnection, employee: Employee) -> bool:
    """Store a new one; false if another process stored it first."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    added = dialect.insert(employees).values(_values(employee))
    added = added.on_conflict_do_nothing(index_elements=["id"]).returning(employees.c.id)
    return (await connection.execute(added)).first() is not None


async def edit_employee(connection: AsyncConnection, employee: Employee) -> None:
    """Store new values of a known one."""
    changed = update(employees).where(employees.c.id == employee.id)
    await connection.execute(changed.values(_values(employee)))


def employee_of(row: RowMapping) -> Employee:
    """A row of `employees` as a value."""
    return Employee(
        id=row["id"],
        name=row["name"],
        persona=row["persona"],
        timezone=row["timezone"],
        working_hours={day: tuple(texts) for day, texts in row["working_hours"].items()},
        special_days={day: tuple(texts) for day, texts in row["special_days"].items()},
    )


def _values(employee: Employee) -> dict[str, Any]:
    return {
        "id": employee.id,
        "name": employee.name,
        "persona": employee.persona,
        "timezone": employee.timezone,
        "working_hours": {day: list(texts) for day, texts in employee.working_hours.items()},
        "special_days": {day: list(texts) for day, texts in employee.special_days.items()},
    }
