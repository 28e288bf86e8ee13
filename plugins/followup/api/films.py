"""Operations of Play it: the whole chain on a fast clock; nothing is sent."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Final

from pydantic import Field

from bot.api import (
    Asked,
    Call,
    Employee,
    Nothing,
    Operation,
    Operations,
    ProblemError,
    Scope,
    Told,
    When,
)
from plugins.followup.api.chains import checked
from plugins.followup.api.drafts import Steps, TermsWish, timed
from plugins.followup.api.shapes import NO_EMPLOYEE, EmployeeKey, Why
from plugins.followup.model import Chain
from plugins.followup.planning import hours_for
from plugins.followup.ports import Plan, Ports
from plugins.followup.settings_tab.draft import Draft, Row
from plugins.followup.settings_tab.play import End, Shot, film
from plugins.followup.settings_tab.scenes import choices, scene
from plugins.followup.verdicts import Decision

_NO_SCENE: Final = "There is no such scene; GET …/chain/scenes lists them."


class SceneTold(Told):
    """What a film can begin with."""

    scene: str
    title: str


class Scenes(Told):
    """Samples, and the chats of late."""

    scenes: Sequence[SceneTold]


class Play(Asked):
    """What to begin with, and what to try; steps and terms that are left out are those saved."""

    scene: Annotated[str, Field(pattern=r"^[a-z0-9]{1,15}$")] = "price"
    steps: Steps | None = None
    terms: TermsWish | None = None

    def draft(self, chain: Chain) -> Draft:
        """The same as a form that showed that chain and was filled in."""
        shown = Draft.of(chain)
        if self.steps is not None:
            shown = replace(shown, rows=tuple(Row.of(each.step) for each in self.steps))
        return timed(shown, self.terms)


class Reminder(Told):
    """A reminder of the film. `template`: the network takes it only as an approved template then.

    Not `open`: the network takes nothing then, and nothing was composed. `failed`: the model gave
    no usable text.
    """

    step: int
    at: When
    wanted_at: When
    moved: bool
    open: bool
    template: bool
    decision: Decision | None
    text: str
    reason: Why | None
    tokens: int | None
    failed: str | None

    @classmethod
    def of(cls, shot: Shot) -> "Reminder":
        """That one."""
        verdict = shot.verdict
        sends = verdict is None or verdict.decision is Decision.SEND
        return cls(
            step=shot.place,
            at=shot.at,
            wanted_at=shot.wanted,
            moved=shot.moved,
            open=shot.open,
            template=shot.template,
            decision=verdict.decision if verdict is not None else None,
            text=verdict.text if verdict is not None else "",
            reason=None if verdict is None or sends else Why.of(verdict.reason),
            tokens=verdict.tokens if verdict is not None else None,
            failed=shot.failed or None,
        )


class Film(Told):
    """The whole chain; `ends` says why nothing follows, null if it was cut after 20 reminders."""

    began: When
    reminders: Sequence[Reminder]
    ends: Why | None
    tokens: int
    demo: bool = Field(description="No model is connected: the demo voice spoke.")


@dataclass(frozen=True, slots=True)
class FilmsApi:
    """The same as the button of the tab."""

    ports: Ports

    def operations(self) -> Operations:
        """Both of them."""
        one, gone = "/employees/{employee}/chain", {404: NO_EMPLOYEE}
        return (
            Operation(
                "chain_scenes",
                "GET",
                f"{one}/scenes",
                Scope.READ,
                "Samples and recent chats, to play the chain with.",
                EmployeeKey,
                Nothing,
                Scenes,
                self.scenes,
                refusals=gone,
            ),
            Operation(
                "chain_play",
                "POST",
                f"{one}/play",
                Scope.EMPLOYEES,
                "Compose the whole chain for a chat or a sample: this asks the model, and may take "
                "long; nothing is sent.",
                EmployeeKey,
                Play,
                Film,
                self.play,
                refusals=gone,
            ),
        )

    async def scenes(self, call: Call[EmployeeKey, Nothing]) -> Scenes:
        """What can be picked."""
        employee, _ = await self._found(call.params.employee)
        found = await choices(self.ports, employee.id, "")
        samples = [SceneTold(scene=key, title=title) for key, title in found.samples]
        chats = [SceneTold(scene=str(chat.id), title=chat.title) for chat in found.chats]
        return Scenes(scenes=[*samples, *chats])

    async def play(self, call: Call[EmployeeKey, Play]) -> Film:
        """All of it, when it is done."""
        employee, plan = await self._found(call.params.employee)
        begun = await scene(self.ports, employee, plan, call.body.scene)
        if begun is None:
            raise ProblemError(422, _NO_SCENE, [("scene", "is no sample and no chat of theirs")])
        draft = call.body.draft(plan.chain)
        checked(draft)
        wish = draft.wish()
        terms = wish.terms or plan.chain.terms
        chain = replace(plan.chain, steps=wish.steps, terms=terms)
        hours = hours_for(employee, terms)
        shots: list[Shot] = []
        end: End | None = None
        async for each in film(self.ports, begun, chain, hours):
            if isinstance(each, Shot):
                shots.append(each)
            elif isinstance(each, End):
                end = each
        return Film(
            began=begun.began,
            reminders=[Reminder.of(shot) for shot in shots],
            ends=Why.of(end.reason) if end is not None else None,
            tokens=sum(shot.verdict.tokens or 0 for shot in shots if shot.verdict is not None),
            demo=self.ports.runtime.model is None,
        )

    async def _found(self, key: str) -> tuple[Employee, Plan]:
        async with self.ports.runtime.database.read() as connection:
            employee = await self.ports.runtime.directory.employee(connection, key)
            plan = await self.ports.chains.load(connection, key)
        if employee is None or plan is None:
            raise ProblemError(404, NO_EMPLOYEE)
        return employee, plan
