"""What changes nothing: status, hours, help."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from bot.api import Employee, Screen
from plugins.followup.commands.brakes import standstill
from plugins.followup.commands.replies import (
    RefusedError,
    Row,
    button,
    clock,
    counted,
    home,
    screen,
    when,
)
from plugins.followup.commands.request import Request, nobody_yet
from plugins.followup.commands.steps import nothing_more
from plugins.followup.hours import WEEKDAYS, Hours, is_open, next_open
from plugins.followup.ports import Plan, Ports

_Days = Mapping[str, Sequence[str]]
_MANY = 20

_HELP = """\
Type these after /followup, small or capital, in any order that makes sense:

status: who is on, who waits
on, off: follow-ups of an employee; off all: of everybody
stop, release: no reminders at all; let them go on
steps: the reminders in their order; steps 2: one in full
add 4h Ask whether the offer fits: one more; 4 hours, 90 min, 1d2h work too
edit 2 24h, edit 2 Offer a call: another time, another task, or both
once 2 on: at most once in a chat, ever
move 3 1: step 3 comes first
remove 2: asks once; undo: takes your last change back
preview 2: what step 2 would say; nothing is sent
chats, chats kim, chats page 2: who waits, for what
why 12: what comes next in chat 12, or why nothing does
now 12: the next reminder goes at once; skip 12: it is left out
pause 12, resume 12: a colleague has the chat; the employee has it again
mute 12, snooze 12 3d, unmute 12: no reminders for now, until then; again
never 12, allow 12: no reminders for that client, ever; or again
hours: when reminders may go out
holdout 10: of a hundred chats 10 get no reminders, to compare; holdout 0: all get them

A chat is its number or a part of its name."""


async def status(ports: Ports, request: Request) -> Screen:
    """How it stands with each employee, or with one."""
    nothing_more(request, request.rest)
    staff = request.staff
    people = [request.named] if request.named else staff.people
    if not people:
        raise nobody_yet()
    async with ports.runtime.database.read() as connection:
        first = await standstill(ports, connection)
    blocks = [await _standing(ports, each) for each in people[:_MANY]]
    lines = [line for block in blocks for line in (*block, "")]
    return screen(
        [*first, *lines, f"Type /followup steps{_one(request)}, chats{_one(request)} or help."],
        *(await _rows(ports, request, people)),
        home(),
    )


async def hours(ports: Ports, request: Request) -> Screen:
    """When the employee's reminders may go out."""
    nothing_more(request, request.rest)
    employee = request.employee
    plan = await _plan(ports, employee)
    now = ports.runtime.clock.now()
    today, terms = now.astimezone(plan.hours.zone).date().isoformat(), plan.chain.terms
    lines = [
        f"Hours of {employee.name} ({employee.timezone}):",
        *_written(employee.working_hours, employee.special_days, today),
    ]
    if terms.week is not None:
        lines += ["", "Reminders have hours of their own:"]
        lines += _written(terms.week, terms.special, today)
    if terms.client_zone:
        lines += ["", "They are read on the client's own clock, where the channel tells it."]
    lines += ["", f"It is {clock(now, plan.hours.zone)} there: {_open(plan.hours, now)}."]
    lines += ["They are changed with the employee's settings, not here."]
    tag = request.tag
    return screen(lines, [button("Steps", "steps", tag), button("Chats", "chats", tag)], home())


async def help_(_ports: Ports, request: Request) -> Screen:
    """Every command in a line."""
    lines = [_HELP]
    if request.staff.several:
        names = ", ".join(each.id for each in request.staff.people[:_MANY])
        lines += ["", f"With several employees name one: steps {request.staff.people[0].id}."]
        lines += [f"There are {names}."]
    return screen(lines, [button("Overview", "status")])


async def _standing(ports: Ports, employee: Employee) -> Sequence[str]:
    plan = await _plan(ports, employee)
    now, zone = ports.runtime.clock.now(), plan.hours.zone
    async with ports.runtime.database.read() as connection:
        count, first = await ports.overview.waiting(connection, employee.id)
    state = "on" if plan.chain.enabled else "off"
    waits = f"{counted(count, 'chat')} waiting"
    following = f", the next is due {when(first, zone, now)}" if first is not None else ""
    return [
        f"{employee.name}: {state}, {counted(len(plan.chain.steps), 'step')}",
        f"{waits}{following}" if count else "No chat is waiting",
        f"Hours: {_open(plan.hours, now)}",
    ]


def _one(request: Request) -> str:
    """An employee to name in an example."""
    return request.of(request.named or request.staff.people[0])


async def _rows(ports: Ports, request: Request, people: Sequence[Employee]) -> Sequence[Row]:
    """All buttons of one employee, or a button for each of several."""
    if len(people) > 1:
        return [[button(each.name, "status", each.id)] for each in people[:_MANY]]
    tag = request.staff.tag(people[0])
    plan = await _plan(ports, people[0])
    other = "off" if plan.chain.enabled else "on"
    return [
        [button("Steps", "steps", tag), button("Chats", "chats", tag)],
        [button("Hours", "hours", tag), button(f"Turn {other}", other, tag)],
    ]


async def _plan(ports: Ports, employee: Employee) -> Plan:
    async with ports.runtime.database.read() as connection:
        plan = await ports.chains.load(connection, employee.id)
    if plan is None:
        raise RefusedError("That employee is gone.", home())
    return plan


def _open(hours: Hours, now: datetime) -> str:
    if hours.week is None:
        return "always open"
    if is_open(now, hours):
        return "open now"
    opening = next_open(now, hours)
    if opening is None:
        return "never open, so nothing is sent"
    return f"closed now, open again {when(opening, hours.zone, now)}"


def _written(week: _Days, special: _Days, today: str) -> Iterator[str]:
    """A schedule: days that are alike are told together, then the special ones from today on."""
    if not week:
        yield "always"
        return
    days = [(day.title(), _spans(week, day)) for day in WEEKDAYS]
    for spans, alike in groupby(days, key=lambda pair: pair[1]):
        names = [day for day, _ in alike]
        title = names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"
        yield f"{title}: {spans}"
    for day in sorted(day for day in special if day >= today)[:10]:
        yield f"{day}: {_spans(special, day)}"


def _spans(days: _Days, day: str) -> str:
    return ", ".join(days.get(day, ())) or "closed"
