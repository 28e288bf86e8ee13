"""What the tab shows of a draft: faults, an example, advice, and what saving would do."""

from asyncio import to_thread
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from babel.dates import format_datetime

from bot.api import ChannelAccount, Chat, ChatRef, phrase
from plugins.followup.commands.advice import Advice, about, too_many
from plugins.followup.model import Chain, Step
from plugins.followup.planning import hours_for
from plugins.followup.ports import Plan, Ports
from plugins.followup.settings_tab.draft import Draft, usable
from plugins.followup.settings_tab.outlook import MANY, Effect, Example, effect, example
from plugins.followup.settings_tab.scenes import accounts_of

LIMIT_NAMES: Final = {
    "chat_day": phrase("To one chat, in 24 hours"),
    "chat_week": phrase("To one chat, in 7 days"),
    "person_day": phrase("To one person, in 24 hours, from all employees"),
    "day": phrase("Of this employee, in a day"),
    "tokens_day": phrase("Tokens for its reminders, in a day"),
}


@dataclass(frozen=True, slots=True)
class Closed:
    """A reminder comes when that account takes no free text any more.

    `stops`: it has no template, so that the chain ends there.
    """

    place: int
    account: str
    hours: int
    stops: bool


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is told below the form, and anew while somebody types."""

    example: Example
    line: Sequence[tuple[str, bool]]
    steps: Sequence[tuple[int, Sequence[Advice]]]
    closed: Sequence[Closed]
    whole: Sequence[Advice]
    effect: Effect | None
    waiting: int


async def outlook(ports: Ports, employee: str, draft: Draft, language: str) -> Outlook:
    """Computed by the rules, from the chats as they stand."""
    now = ports.runtime.clock.now()
    async with ports.runtime.database.read() as connection:
        plan = await ports.chains.load(connection, employee)
        person = await ports.runtime.directory.employee(connection, employee)
        if plan is None or person is None:
            raise LookupError(f"employee {employee} is gone")
        waiting, _ = await ports.overview.waiting(connection, employee)
        changes = draft.differs(plan.chain)
        standing = await ports.overview.standing(connection, employee, MANY + 1) if changes else ()
    wanted = usable(draft)
    meant = Plan(wanted, hours_for(person, wanted.terms), plan.version)
    shown = example(wanted, meant.hours, now)
    places = _places(draft, wanted)
    return Outlook(
        example=shown,
        line=list(_line(shown, language)),
        steps=[(places[step.id], tuple(about(step))) for step in wanted.steps if any(about(step))],
        closed=list(_closed(ports, employee, shown)),
        whole=[Advice.MANY] if too_many(wanted) else [],
        effect=await to_thread(effect, standing, plan, meant, now) if changes else None,
        waiting=waiting,
    )


def _places(draft: Draft, wanted: Chain) -> dict[str, int]:
    """Where the steps that count are in the form; what is still wrong there has no advice."""
    right = [place for place, row in enumerate(draft.rows, 1) if not row.faults]
    return {step.id: place for step, place in zip(wanted.steps, right, strict=False)}


def _line(shown: Example, language: str) -> Iterator[tuple[str, bool]]:
    """The moments as short as they are clear, and whether the hours moved them."""
    clock = "HH:mm:ss" if shown.seconds else "HH:mm"
    yield format_datetime(shown.start, f"EEE {clock}", locale=language), False
    for each in shown.moments:
        day = "EEE d MMM " if each.dated else "EEE " if each.new_day else ""
        yield format_datetime(each.at, f"{day}{clock}", locale=language), each.moved


def _closed(ports: Ports, employee: str, shown: Example) -> Iterator[Closed]:
    """The first reminder that each account takes as a template only, or not at all."""
    for account in accounts_of(ports, employee):
        late = [each for each in shown.moments if account.is_late(each.at - shown.start)]
        if not late or account.fault is not None:
            continue
        chat = Chat(0, ChatRef(account.name, ""), employee, client_at=shown.start)
        takes = ports.runtime.outbox.is_open(chat, late[0].at)
        yield Closed(late[0].place, account.name, _hours(account), stops=not takes)


def _hours(account: ChannelAccount) -> int:
    return int((account.window or timedelta()) / timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class Spoken:
    """A step of a saved chain, in short."""

    delay: str
    instruction: str
    once: bool
    instruction_b: str | None = None


def clock_of(at: datetime, plan: Plan, language: str) -> str:
    """A moment of the film on the employee's wall clock; seconds where there are some."""
    local = at.astimezone(plan.hours.zone)
    return format_datetime(
        local, f"EEE d MMM HH:mm{':ss' if local.second else ''}", locale=language
    )


def spoken(steps: Sequence[Step]) -> Sequence[Spoken]:
    """The steps as a list says them."""
    return [
        Spoken(_length(step.delay), step.instruction, step.once, step.instruction_b)
        for step in steps
    ]


def _length(delay: timedelta) -> str:
    """Hours and minutes, and seconds where there are some: "24 h", "1 h 30 min"."""
    seconds = int(delay.total_seconds())
    parts = ((seconds // 3600, "h"), (seconds % 3600 // 60, "min"), (seconds % 60, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count)
