"""Play it: the whole chain on a fast clock, with composed texts; nothing is sent or stored."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.api import Author, Chat, Delivery, Employee, Message, ModelError
from plugins.followup.chain import (
    answered,
    client_wrote,
    due,
    postponed,
    sent,
    skipped,
    stopped,
)
from plugins.followup.hours import Hours
from plugins.followup.model import Chain, Due, Reason, Silence, Step
from plugins.followup.ports import Ports
from plugins.followup.verdicts import Decision, Occasion, Verdict

_MOST_TURNS = 20
"""As many reminders are played: each is a question to the model, and one that postpones is more."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What the film begins with: a conversation whose client has just been answered.

    `used` are the run-once steps that this chat has had.
    """

    employee: Employee
    chat: Chat
    history: Sequence[Message]
    began: datetime
    answered_at: datetime
    used: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Shot:
    """A reminder of the film, at its moment.

    `moved`: its delay ended at `wanted`, while closed. `template`: the network takes it only as an
    approved template by then; not `open`: it takes nothing, and nothing was composed.
    `failed`: the model gave no usable text.
    """

    step: Step
    place: int
    wanted: datetime
    at: datetime
    verdict: Verdict | None = None
    open: bool = True
    template: bool = False
    failed: str = ""

    @property
    def moved(self) -> bool:
        """Whether the working hours moved it."""
        return self.at != self.wanted


@dataclass(frozen=True, slots=True)
class Coming:
    """A reminder whose moment has come: its text is being composed from now on."""

    place: int
    at: datetime


@dataclass(frozen=True, slots=True)
class End:
    """Why nothing follows."""

    reason: Reason


Frame = Coming | Shot | End


async def film(ports: Ports, scene: Scene, chain: Chain, hours: Hours) -> AsyncIterator[Frame]:
    """Each reminder as it would be, announced before it is composed; then the end."""
    told = replace(chain, enabled=True, saved_at=None, enabled_since=None)
    silence = replace(client_wrote(None, scene.began), used=scene.used)
    silence = answered(silence, scene.answered_at)
    history = list(scene.history)
    for _ in range(_MOST_TURNS):
        found = due(silence, told, hours)
        if not isinstance(found, Due):
            yield End(found.reason)
            return
        yield Coming(told.steps.index(found.step) + 1, found.at)
        shot = await _shot(ports, replace(scene, history=history), found, (told, hours))
        yield shot
        if shot.verdict is not None and shot.verdict.decision is Decision.SEND:
            history.append(_said(scene.chat, len(history) + 1, shot.verdict, shot.at))
        silence = _after(silence, shot)


async def _shot(ports: Ports, scene: Scene, found: Due, plan: tuple[Chain, Hours]) -> Shot:
    chain, hours = plan
    place = chain.steps.index(found.step) + 1
    account = ports.runtime.accounts.get(scene.chat.ref.account)
    late = account is not None and account.is_late(found.at - scene.began)
    shot = Shot(found.step, place, found.wanted, found.at, template=late)
    if account is not None and not ports.runtime.outbox.is_open(scene.chat, found.at):
        return replace(shot, open=False, template=False)
    occasion = Occasion(
        employee=scene.employee,
        step=found.step,
        place=place,
        of=len(chain.steps),
        history=scene.history,
        silent_for=found.at - scene.began,
        local=found.at.astimezone(hours.zone),
        hours=hours,
    )
    try:
        return replace(shot, verdict=await ports.composer.compose(occasion))
    except ModelError as error:
        return replace(shot, failed=str(error))


def _after(silence: Silence, shot: Shot) -> Silence:
    """What the rules make of it; a model that fails is taken to fail three times."""
    verdict = shot.verdict
    if not shot.open:
        return stopped(silence, Reason.WINDOW_CLOSED)
    if verdict is None:
        return skipped(silence, shot.step.id, shot.at)
    match verdict.decision:
        case Decision.SEND:
            return sent(silence, shot.step.id, shot.at)
        case Decision.SKIP:
            return skipped(silence, shot.step.id, shot.at)
        case Decision.POSTPONE:
            until = verdict.until or shot.at
            return postponed(silence, max(until, shot.at + timedelta(minutes=1)))
        case Decision.STOP:
            return stopped(silence, verdict.reason)


def _said(chat: Chat, n: int, verdict: Verdict, at: datetime) -> Message:
    """The composed text as the next one's voice will find it in the conversation."""
    return Message(
        0, chat.id, n, Author.EMPLOYEE, verdict.text, at, None, Delivery.SENT, "followup"
    )
