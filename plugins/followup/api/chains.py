"""Operations on an employee's follow-ups: read, look ahead, save, roll back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.api import Call, Nothing, Operation, Operations, ProblemError, Scope, SettingsError
from plugins.followup.api.drafts import (
    ChainTold,
    ChainWish,
    Keep,
    Rollback,
    StepsWish,
    Version,
    VersionKey,
    Versions,
    VersionsKey,
)
from plugins.followup.api.outlooks import Outlook
from plugins.followup.api.shapes import NO_EMPLOYEE, EmployeeKey
from plugins.followup.commands.saving import Hand
from plugins.followup.numbers.keeping import keep_one
from plugins.followup.ports import Plan, Ports
from plugins.followup.settings_tab.draft import Draft, mark
from plugins.followup.settings_tab.history import entry, versions
from plugins.followup.settings_tab.keeping import keep_unless_changed
from plugins.followup.settings_tab.view import outlook

_MEANWHILE: Final = (
    "Somebody has saved these follow-ups since you read them. Read them again, and send the new "
    "version."
)
_OTHERS: Final = "These two instructions are not compared any more. Read the numbers again."
_NO_VERSION: Final = "There is no such version."


@dataclass(frozen=True, slots=True)
class ChainsApi:
    """The same as the tab of an employee."""

    ports: Ports

    def operations(self) -> Operations:
        """All of them."""
        one, gone = "/employees/{employee}/chain", {404: NO_EMPLOYEE}
        meanwhile = {**gone, 409: _MEANWHILE}
        return (
            Operation(
                "chain_get",
                "GET",
                one,
                Scope.READ,
                "The steps of an employee.",
                EmployeeKey,
                Nothing,
                ChainTold,
                self.read,
                refusals=gone,
            ),
            Operation(
                "chain_save",
                "PUT",
                one,
                Scope.EMPLOYEES,
                "Save all steps; it applies at once, to chats in mid-chain too.",
                EmployeeKey,
                ChainWish,
                ChainTold,
                self.save,
                refusals=meanwhile,
            ),
            Operation(
                "chain_preview",
                "POST",
                f"{one}/preview",
                Scope.READ,
                "What saving these steps would do; nothing is saved.",
                EmployeeKey,
                StepsWish,
                Outlook,
                self.preview,
                refusals=gone,
            ),
            Operation(
                "chain_history",
                "GET",
                f"{one}/history",
                Scope.READ,
                "Every version that somebody saved, the latest first.",
                VersionsKey,
                Nothing,
                Versions,
                self.history,
                refusals=gone,
            ),
            Operation(
                "chain_version",
                "GET",
                f"{one}/history/{{id}}",
                Scope.READ,
                "One of them.",
                VersionKey,
                Nothing,
                Version,
                self.version,
                refusals={404: _NO_VERSION},
            ),
            Operation(
                "chain_rollback",
                "POST",
                f"{one}/rollback",
                Scope.EMPLOYEES,
                "Save an earlier version again.",
                EmployeeKey,
                Rollback,
                ChainTold,
                self.rollback,
                refusals=meanwhile,
            ),
            Operation(
                "chain_keep",
                "POST",
                f"{one}/keep",
                Scope.EMPLOYEES,
                "End a comparison: one of the two instructions stays.",
                EmployeeKey,
                Keep,
                ChainTold,
                self.keep,
                refusals={**gone, 409: _OTHERS},
            ),
        )

    async def read(self, call: Call[EmployeeKey, Nothing]) -> ChainTold:
        """As saved now."""
        plan = await plan_of(self.ports, call.params.employee)
        return ChainTold.of(call.params.employee, plan.chain)

    async def save(self, call: Call[EmployeeKey, ChainWish]) -> ChainTold:
        """As the form does."""
        plan = await plan_of(self.ports, call.params.employee)
        draft = replace(call.body.draft(plan.chain), base=call.body.version)
        hand = Hand(call.caller.by, "save", call.params.employee)
        return await self._kept(hand, draft)

    async def preview(self, call: Call[EmployeeKey, StepsWish]) -> Outlook:
        """The effect on chats that wait, an example, and advice."""
        plan = await plan_of(self.ports, call.params.employee)
        draft = call.body.draft(plan.chain)
        checked(draft)
        told = await outlook(self.ports, call.params.employee, draft, "en")
        return Outlook.of(told)

    async def history(self, call: Call[VersionsKey, Nothing]) -> Versions:
        """A page of them."""
        employee = call.params.employee
        await plan_of(self.ports, employee)
        before = str(call.params.before or "")
        async with self.ports.runtime.database.read() as connection:
            found, more = await versions(self.ports, connection, employee, before)
        shown: Sequence[Version] = [Version.of(each) for each in found]
        return Versions(versions=shown, before=more)

    async def version(self, call: Call[VersionKey, Nothing]) -> Version:
        """That one."""
        async with self.ports.runtime.database.read() as connection:
            found = await entry(self.ports, connection, call.params.employee, str(call.params.id))
        if found is None:
            raise ProblemError(404, _NO_VERSION)
        return Version.of(found)

    async def rollback(self, call: Call[EmployeeKey, Rollback]) -> ChainTold:
        """As the form does, filled with an earlier version."""
        employee = call.params.employee
        await plan_of(self.ports, employee)
        async with self.ports.runtime.database.read() as connection:
            found = await entry(self.ports, connection, employee, str(call.body.to))
        if found is None:
            raise ProblemError(422, _NO_VERSION, [("to", "is no version of this employee's")])
        draft = replace(Draft.of(found.chain), base=call.body.version)
        return await self._kept(Hand(call.caller.by, "rollback", employee), draft)

    async def keep(self, call: Call[EmployeeKey, Keep]) -> ChainTold:
        """As the button of the numbers does."""
        employee, wish = call.params.employee, call.body
        await plan_of(self.ports, employee)
        hand = Hand(call.caller.by, "keep", employee)
        if not await keep_one(self.ports, hand, wish.mark, wish.keep):
            raise ProblemError(409, _OTHERS, [("mark", "is no comparison that goes on")])
        return ChainTold.of(employee, (await plan_of(self.ports, employee)).chain)

    async def _kept(self, hand: Hand, draft: Draft) -> ChainTold:
        checked(draft)
        try:
            theirs = await keep_unless_changed(self.ports, hand, draft.wish(), draft.base)
        except LookupError:
            raise ProblemError(404, NO_EMPLOYEE) from None
        if theirs is not None:
            told = f"is not the present one; that is {mark(theirs)}"
            raise ProblemError(409, _MEANWHILE, [("version", told)])
        return ChainTold.of(hand.employee, (await plan_of(self.ports, hand.employee)).chain)


async def plan_of(ports: Ports, employee: str) -> Plan:
    """The employee's live settings. Raises ProblemError."""
    async with ports.runtime.database.read() as connection:
        plan = await ports.chains.load(connection, employee)
    if plan is None:
        raise ProblemError(404, NO_EMPLOYEE)
    return plan


def checked(draft: Draft) -> None:
    """Raises ProblemError for what cannot be saved, by field."""
    faults = [
        (f"steps.{place}.{_FIELDS[field]}", str(wrong))
        for place, row in enumerate(draft.rows)
        for field, wrong in row.faults.items()
    ]
    if faults:
        raise ProblemError(422, "These steps cannot be saved; `errors` says why.", faults)
    try:
        draft.wish()
    except SettingsError as error:
        lines = [line.partition(": ") for line in str(error).splitlines()]
        wrong = [(where, text) for where, _, text in lines]
        raise ProblemError(422, "These steps cannot be saved.", wrong) from None


_FIELDS: Final = {"delay": "delay_seconds", "instruction": "instruction"}
