"""What happens when employees are read from the settings, saved, exported."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from bot.errors import SettingsError
from bot.hooks import Hooks
from bot.model import Employee
from bot.options import validated
from bot.plugin import Plugin
from bot.ports import Database
from bot.store.employees import all_employees, create_employee, edit_employee

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
class Staff:
    """The employees; from their first storing on the database is the truth."""

    database: Database
    hooks: Hooks

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
