"""What is done with employees, by whichever door it was asked for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from json import dumps
from typing import Any

from bot.clock import Clock
from bot.errors import SettingsError
from bot.model import ChannelAccount, Employee
from bot.site import Site
from bot.staff import Hand, Staff
from bot.web.employees.names import id_from


class MeanwhileError(Exception):
    """Somebody else has saved since what is saved now was loaded."""


@dataclass(frozen=True, slots=True)
class Part:
    """Fields of an employee that are saved together, and the mark that they had when loaded."""

    employee: str
    fields: Sequence[str]
    base: str


@dataclass(frozen=True, slots=True)
class Office:
    """What doors work with; `described` checks a table as the settings file is checked."""

    site: Site
    staff: Staff
    clock: Clock
    accounts: Mapping[str, ChannelAccount]
    described: Callable[[str, Mapping[str, Any]], Employee]
    zones: Sequence[str]

    async def free_id(self, name: str) -> str:
        """An id made of the name, that nobody has yet."""
        return id_from(name, {each.id for each in await self.staff.known()})

    async def save(self, hand: Hand, part: Part, wanted: Mapping[str, Any]) -> None:
        """Save those fields. Raises MeanwhileError, and then nothing is saved."""

        def amended(held: Employee) -> Employee:
            after = replace(held, **wanted)
            if after != held and mark(held, part.fields) != part.base:
                raise MeanwhileError
            return after

        await self.staff.amend(hand, part.employee, amended)

    def channels(self, employee: str) -> Sequence[ChannelAccount]:
        """The channel accounts that are the employee's, by name."""
        return [each for _, each in sorted(self.accounts.items()) if each.employee == employee]


def mark(employee: Employee, fields: Sequence[str]) -> str:
    """The same for the same values, whoever saved them."""
    values = asdict(employee)
    text = dumps([values[key] for key in fields], sort_keys=True)
    return sha256(text.encode()).hexdigest()[:20]


def plain(error: SettingsError, employee: str) -> Sequence[str]:
    """The faults without the part of their place that everybody knows."""
    return [line.removeprefix(f"employees.{employee}.") for line in str(error).splitlines()]
