"""Operations on employees: who they are, and when they reach out by themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import Field

from bot.errors import SettingsError
from bot.model import ChannelAccount, Employee
from bot.operations import (
    Asked,
    Call,
    Hours,
    Nothing,
    Operation,
    Operations,
    ProblemError,
    Scope,
    SpecialDays,
    Text,
    Told,
    When,
)
from bot.staff import Hand
from bot.web.employees.office import MeanwhileError, Office, Part, mark, plain

_FIELDS: Final = ("name", "persona", "timezone", "working_hours", "special_days")
_NOBODY: Final = "There is no such employee."
_MEANWHILE: Final = (
    "Somebody has saved this employee since you read it. Read it again, and send the new version."
)
_TAKEN: Final = "There is an employee with that id already."
_REFUSED: Final = "That cannot be saved; `errors` says why."


class Account(Told):
    """A channel account on which the employee answers; `fault`: why it is left out."""

    name: str
    kind: str
    fault: str | None
    answers: bool
    window_hours: float | None = Field(
        description="Free texts go out so long after the client's latest message; null: always."
    )

    @classmethod
    def of(cls, account: ChannelAccount) -> "Account":
        """As the runtime knows it."""
        window = account.window
        return cls(
            name=account.name,
            kind=account.kind,
            fault=account.fault,
            answers=account.answers,
            window_hours=None if window is None else window.total_seconds() / 3600,
        )


class EmployeeTold(Told):
    """An AI employee. `state` is what plugins tell; `version` is for saving."""

    id: str
    name: str
    persona: str
    timezone: str
    working_hours: Mapping[str, Sequence[str]] = Field(description="Empty: always open.")
    special_days: Mapping[str, Sequence[str]] = Field(description="No interval: closed.")
    channels: Sequence[Account]
    state: Mapping[str, bool | int | When | None]
    version: str


class Employees(Told):
    """Everyone, by name."""

    employees: Sequence[EmployeeTold]


class NewEmployee(Asked):
    """Somebody new; without an id, one is made of the name."""

    name: Text = Field(min_length=1)
    id: str | None = Field(default=None, pattern=r"^[a-z0-9_-]{1,40}$")


class EmployeeEdit(Asked):
    """What to change; what is left out stays. `version` is the one that you read."""

    version: str
    name: Text | None = Field(default=None, min_length=1)
    persona: Text | None = Field(default=None, min_length=1)
    timezone: str | None = Field(default=None, examples=["Europe/Berlin"])
    working_hours: Hours | None = Field(default=None, description="Empty: always open.")
    special_days: SpecialDays | None = Field(default=None, description="No interval: closed.")


class EmployeeKey(Asked):
    """Which employee."""

    employee: str


@dataclass(frozen=True, slots=True)
class EmployeesApi:
    """The same as the pages below /employees, without those of plugins."""

    office: Office

    def operations(self) -> Operations:
        """All of them."""
        one, gone = "/employees/{employee}", {404: _NOBODY}
        return (
            Operation(
                "employees_list",
                "GET",
                "/employees",
                Scope.READ,
                "Everyone, by name.",
                Nothing,
                Nothing,
                Employees,
                self.everyone,
            ),
            Operation(
                "employees_add",
                "POST",
                "/employees",
                Scope.EMPLOYEES,
                "One more employee.",
                Nothing,
                NewEmployee,
                EmployeeTold,
                self.add,
                status=201,
                refusals={409: _TAKEN},
            ),
            Operation(
                "employees_get",
                "GET",
                one,
                Scope.READ,
                "One employee.",
                EmployeeKey,
                Nothing,
                EmployeeTold,
                self.one,
                refusals=gone,
            ),
            Operation(
                "employees_change",
                "PATCH",
                one,
                Scope.EMPLOYEES,
                "Change name, persona or hours; it applies at once, to waiting chats too.",
                EmployeeKey,
                EmployeeEdit,
                EmployeeTold,
                self.change,
                refusals={**gone, 409: _MEANWHILE},
            ),
        )

    async def everyone(self, _call: Call[Nothing, Nothing]) -> Employees:
        """Everyone, and how it stands with them."""
        known = await self.office.staff.known()
        ordered = sorted(known, key=lambda each: (each.name.casefold(), each.id))
        return Employees(employees=[await self._told(each) for each in ordered])

    async def add(self, call: Call[Nothing, NewEmployee]) -> EmployeeTold:
        """Somebody new, of whom only the name is known yet."""
        key = call.body.id or await self.office.free_id(call.body.name)
        try:
            new = self.office.described(key, {"name": call.body.name})
        except SettingsError as error:
            raise _refused(error, key) from None
        if not await self.office.staff.hire(new, call.caller.by):
            raise ProblemError(409, _TAKEN, [("id", _TAKEN)])
        return await self._told(new)

    async def one(self, call: Call[EmployeeKey, Nothing]) -> EmployeeTold:
        """One of them."""
        return await self._told(await self._found(call.params.employee))

    async def change(self, call: Call[EmployeeKey, EmployeeEdit]) -> EmployeeTold:
        """Save what is given."""
        employee, given = await self._found(call.params.employee), call.body.model_dump()
        table = {key: given[key] for key in _FIELDS if given[key] is not None}
        try:
            checked = self.office.described(employee.id, {"name": employee.name, **table})
        except SettingsError as error:
            raise _refused(error, employee.id) from None
        wanted = {key: getattr(checked, key) for key in table}
        part = Part(employee.id, _FIELDS, call.body.version)
        try:
            await self.office.save(Hand(call.caller.by, "employee.edited"), part, wanted)
        except MeanwhileError:
            raise ProblemError(409, _MEANWHILE, [("version", "is not the present one")]) from None
        return await self._told(await self._found(employee.id))

    async def _found(self, key: str) -> Employee:
        found = await self.office.staff.find(key)
        if found is None:
            raise ProblemError(404, _NOBODY)
        return found

    async def _told(self, employee: Employee) -> EmployeeTold:
        return EmployeeTold(
            id=employee.id,
            name=employee.name,
            persona=employee.persona,
            timezone=employee.timezone,
            working_hours=employee.working_hours,
            special_days=employee.special_days,
            channels=[Account.of(each) for each in self.office.channels(employee.id)],
            state=await self.office.staff.state(employee),
            version=mark(employee, _FIELDS),
        )


def _refused(error: SettingsError, employee: str) -> ProblemError:
    pairs = [line.partition(": ") for line in plain(error, employee)]
    return ProblemError(422, _REFUSED, [(where, text) for where, _, text in pairs])
