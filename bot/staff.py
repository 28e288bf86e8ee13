"""What happens when employees are read from the settings, saved, exported."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from bot.errors import SettingsError
from bot.hooks import Hooks
from bot.model import Change, Employee
from bot.options import validated
from bot.plugin import Plugin
from bot.ports import Database, Journal
from bot.store.employees import all_employees, create_employee, edit_employee, hold_employee

Tables = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Described:
    """An employee as a settings file describes it, with each plugin's table of it, checked."""

    employee: Employee
    options: Mapping[str, BaseModel]


def described(employee: Employee, tables: Tables, plugins: Sequence[Plugin]) -> Described:
    """Check the plugins' tables of an employee. Raises SettingsError."""
    options: dict[str, BaseModel] = {}
    faults: list[str] = []
    for plugin in plugins:
        if plugin.name not in tables or plugin.employee_options is None:
            continue
        where = f"employees.{employee.id}.{plugin.name}"
        try:
            options[plugin.name] = validated(plugin.employee_options, tables[plugin.name], where)
        except SettingsError as error:
            faults.append(str(error))
    if faults:
        raise SettingsError("\n".join(faults))
    return Described(employee, options)


@dataclass(frozen=True, slots=True)
class Hand:
    """Who changes something, and what the audit log calls that."""

    by: str
    action: str


@dataclass(frozen=True, slots=True)
class Staff:
    """The employees; from their first storing on the database is the truth."""

    database: Database
    hooks: Hooks
    journal: Journal

    async def known(self) -> Sequence[Employee]:
        """Everyone, by id."""
        async with self.database.read() as connection:
            return await all_employees(connection)

    async def create_missing(self, people: Sequence[Described]) -> None:
        """Store those whom the database does not know yet; nobody else is touched."""
        async with self.database.write() as tx:
            known = {employee.id for employee in await all_employees(tx.connection)}
            for person in people:
                if person.employee.id in known:
                    continue
                if not await create_employee(tx.connection, person.employee):
                    continue
                for plugin in self.hooks.plugins:
                    options = person.options.get(plugin.name)
                    await plugin.employee_created(tx, person.employee, options)

    async def save(self, people: Sequence[Described]) -> None:
        """Store all or nobody: new ones as edits too, since this happens while the system runs."""
        async with self.database.write() as tx:
            known = {employee.id for employee in await all_employees(tx.connection)}
            for person in people:
                new = person.employee.id not in known
                if not (new and await create_employee(tx.connection, person.employee)):
                    await edit_employee(tx.connection, person.employee)
                for plugin in self.hooks.plugins:
                    options = person.options.get(plugin.name)
                    await plugin.employee_edited(tx, person.employee, options)

    async def find(self, employee: str) -> Employee | None:
        """The one with that id."""
        return next((each for each in await self.known() if each.id == employee), None)

    async def hire(self, employee: Employee, by: str) -> bool:
        """Store a new one; false if there is one with that id."""
        async with self.database.write() as tx:
            if not await create_employee(tx.connection, employee):
                return False
            for plugin in self.hooks.plugins:
                await plugin.employee_created(tx, employee, None)
            added = Change(by, "employee.added", employee.id, after=_table(employee))
            await self.journal.record(tx, added)
        return True

    async def amend(self, hand: Hand, employee: str, wish: Callable[[Employee], Employee]) -> None:
        """Save what `wish` makes of the employee as stored now; what it raises saves nothing."""
        async with self.database.write() as tx:
            held = await hold_employee(tx.connection, employee)
            if held is None:
                return
            wanted = wish(held)
            if wanted == held:
                return
            await edit_employee(tx.connection, wanted)
            for plugin in self.hooks.plugins:
                await plugin.employee_edited(tx, wanted, None)
            change = Change(
                hand.by, hand.action, employee, before=_table(held), after=_table(wanted)
            )
            await self.journal.record(tx, change)

    async def state(self, employee: Employee) -> Mapping[str, bool | int | datetime | None]:
        """What the plugins tell of an employee."""
        told: dict[str, bool | int | datetime | None] = {}
        async with self.database.read() as connection:
            for plugin in self.hooks.plugins:
                told.update(await plugin.employee_state(connection, employee))
        return told

    async def tables(self) -> dict[str, dict[str, Any]]:
        """Everyone as the settings file would describe them."""
        found: dict[str, dict[str, Any]] = {}
        async with self.database.read() as connection:
            for employee in await all_employees(connection):
                table = _table(employee)
                for plugin in self.hooks.plugins:
                    options = await plugin.employee_exported(connection, employee.id)
                    if options is not None:
                        table[plugin.name] = dict(options)
                found[employee.id] = table
        return found


def _table(employee: Employee) -> dict[str, Any]:
    table: dict[str, Any] = {
        "name": employee.name,
        "persona": employee.persona,
        "timezone": employee.timezone,
    }
    if employee.working_hours:
        table["working_hours"] = {day: list(spans) for day, spans in employee.working_hours.items()}
    if employee.special_days:
        table["special_days"] = {day: list(spans) for day, spans in employee.special_days.items()}
    return table
