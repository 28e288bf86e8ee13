"""Shows chats: who waits and for what, and one chat with all that comes next."""

from collections.abc import Iterator, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.api import Chat, Screen
from plugins.followup.chain import due
from plugins.followup.commands.replies import (
    RefusedError,
    Row,
    button,
    clock,
    counted,
    excerpt,
    home,
    screen,
    when,
)
from plugins.followup.commands.request import Request, number
from plugins.followup.lots import chosen
from plugins.followup.model import Due, Reason, Silence, State, Waiting
from plugins.followup.ports import Plan, Ports, Record, Reminder
from plugins.followup.words import BY, FAULTS, NAMED, SPOKEN, WHY, wait_of, why_none

_PAGE = 10
_MOST = 50
_LONGEST_NAME = 100


async def chats(ports: Ports, request: Request) -> Screen:
    """Those that wait, the earliest due first; with a search all whose name holds it."""
    words = request.rest.split()
    page = 1
    if len(words) > 1 and words[-2].casefold() == "page" and number(words[-1]):
        page, words = number(words[-1]) or 1, words[:-2]
    if words:
        return await _searched(ports, request, " ".join(words), page)
    return await _waiting(ports, request, page)


async def find(ports: Ports, request: Request) -> Chat:
    """The one chat that a command means: by its number, or a part of its name."""
    said = " ".join(request.rest.split())
    if not said:
        raise RefusedError(
            f"Which chat? Its number or a part of its name: /followup {request.word} 12",
            [button("Chats", "chats")],
            home(),
        )
    words = said.casefold().split()
    key = number(words[-1].removeprefix("#")) if len(words) == 1 else None
    if words[0] in {"chat", "visitor"} and len(words) > 1:
        key = number(words[1].strip(",#"))
    async with ports.runtime.database.read() as connection:
        chat = await ports.runtime.directory.chat(connection, key) if key else None
        found = [chat] if chat is not None else await _named(ports, connection, said)
    exact = [each for each in found if (each.name or "").casefold() == said.casefold()]
    found = exact if len(exact) == 1 else found
    if not found:
        raise RefusedError(
            f"There is no chat “{excerpt(said, 40)}”. /followup chats lists those that wait.",
            [button("Chats", "chats")],
            home(),
        )
    if len(found) > 1:
        raise RefusedError(_which(request, found), *_choices(request, found), home())
    return found[0]


async def why(ports: Ports, request: Request) -> Screen:
    """What comes next in a chat, when, and why, by the rule that sends."""
    return await told(ports, request, await find(ports, request))


async def told(ports: Ports, request: Request, chat: Chat, *first: str) -> Screen:
    """That chat as it stands now, after what there is to say first."""
    async with ports.runtime.database.read() as connection:
        now_chat = await ports.runtime.directory.chat(connection, chat.id) or chat
        employee = await ports.runtime.directory.employee(connection, chat.employee)
        record = await ports.silences.load(connection, chat.id)
        plan = await ports.chains.load(connection, chat.employee)
        last = await ports.reminders.latest(connection, record) if record is not None else None
    if employee is None or plan is None:
        raise RefusedError("The employee of this chat is gone.", home())
    head = [*first, ""] if first else []
    hand = "pause" if now_chat.paused_since is None else "resume"
    quiet = _quiet(record.silence if record is not None else None)
    lines = [f"{chat.title}: chat {chat.id} of {employee.name}", *_next(ports, record, plan)]
    if now_chat.paused_since is not None:
        since = clock(now_chat.paused_since, plan.hours.zone)
        who = f": {excerpt(now_chat.held_by, 80)}" if now_chat.held_by else ""
        lines.append(f"A colleague has it since {since}{who}.")
    lines += _verdict(last, plan) if last is not None else []
    return screen(
        [*head, *lines, "", f"Type /followup now {chat.id}, skip {chat.id} or {hand} {chat.id}."],
        _of_chat(now_chat, ""),
        [button(each.title(), each, chat.id) for each in quiet],
        [button("All chats", "chats", request.staff.tag(employee)), *home()],
    )


def _quiet(silence: Silence | None) -> Sequence[str]:
    """The commands that make the chat quiet, or take that back."""
    if silence is None:
        return ()
    if silence.opted_out:
        return ("allow",)
    quiet = silence.muted_since is not None or silence.snoozed_until is not None
    return ("unmute", "never") if quiet else ("mute", "snooze", "never")


def standing(ports: Ports, found: Due | Waiting, plan: Plan) -> str:
    """When the next reminder goes and what it waits for, or why there is none."""
    if isinstance(found, Waiting):
        return why_none(found)
    now = ports.runtime.clock.now()
    if found.at <= now:
        return "due now"
    return f"{when(found.at, plan.hours.zone, now)}, {wait_of(found, now).text}"


def _next(ports: Ports, record: Record | None, plan: Plan) -> Iterator[str]:
    if record is None:
        yield "The client never wrote, so nothing is planned."
        return
    found, silence = due(record.silence, plan.chain, plan.hours), record.silence
    if isinstance(found, Due):
        place = plan.chain.steps.index(found.step) + 1
        yield f"Next: step {place} of {len(plan.chain.steps)}, {standing(ports, found, plan)}."
        yield f"Its task: {excerpt(chosen(found.step, record.chat).instruction, 200)}"
    else:
        yield f"Nothing is planned: {standing(ports, found, plan)}."
    yield from _so_far(silence, plan)


def _so_far(silence: Silence, plan: Plan) -> Iterator[str]:
    zone = plan.hours.zone
    answered = "nobody has answered yet"
    if silence.answered_at is not None:
        answered = f"answered {clock(silence.answered_at, zone)}"
    yield f"The client wrote last {clock(silence.began, zone)}; {answered}."
    ids = [step.id for step in plan.chain.steps]
    yield from _wishes(silence, plan)
    places = [
        str(ids.index(each) + 1) if each in ids else "a removed one" for each in silence.passed
    ]
    if places:
        last = clock(silence.anchor, zone)
        yield f"Steps over in this silence: {', '.join(places)}; the last one {last}."


def _verdict(last: Reminder, plan: Plan) -> Iterator[str]:
    """What the model decided last in this silence, and by which words of the client's."""
    said = f"the client said “{last.said}”" if last.said else NAMED
    if last.state is State.SCHEDULED and last.reason is Reason.WAITING_FOR_DELAY and last.until:
        yield f"Postponed to {clock(last.until, plan.hours.zone)}: {said}."
    elif last.reason in SPOKEN and last.said:
        yield f"The client said “{last.said}”, so: {WHY[last.reason]}."
    elif last.reason is Reason.COMPOSER_FAILED and last.fault:
        yield f"The last step was left out: {FAULTS[last.fault]}, twice."


def _wishes(silence: Silence, plan: Plan) -> Iterator[str]:
    if silence.opted_out and silence.opted_by is not None:
        yield f"{BY[silence.opted_by]}."
    if silence.muted_since is not None:
        yield f"Muted since {clock(silence.muted_since, plan.hours.zone)}."
    if silence.snoozed_until is not None:
        yield f"Snoozed until {clock(silence.snoozed_until, plan.hours.zone)}."


async def _waiting(ports: Ports, request: Request, page: int) -> Screen:
    employee = request.employee
    async with ports.runtime.database.read() as connection:
        count, _ = await ports.overview.waiting(connection, employee.id)
        pages = max(1, -(-count // _PAGE))
        page = min(page, pages)
        first = (page - 1) * _PAGE
        found = await ports.overview.scheduled(connection, employee.id, first, _PAGE)
    title = f"{employee.name}: {counted(count, 'chat')} waiting"
    if not count:
        title = f"{employee.name}: no chat is waiting. Whoever wrote and is silent would be here."
    tag = request.tag
    more = [button("Earlier", "chats", tag, "page", page - 1)] if page > 1 else []
    more += [button("Later", "chats", tag, "page", page + 1)] if page < pages else []
    name = request.of(employee)
    hint = [f"Page {page} of {pages}; /followup chats{name} page {page % pages + 1}"]
    return await _listed(ports, found, [title], (hint if pages > 1 else [], [more]))


async def _searched(ports: Ports, request: Request, said: str, page: int) -> Screen:
    async with ports.runtime.database.read() as connection:
        found = await _named(ports, connection, said)
    if request.named is not None:
        found = [chat for chat in found if chat.employee == request.named.id]
    shown = found[(page - 1) * _PAGE : page * _PAGE]
    many = f"{len(found)} or more" if len(found) >= _MOST else str(len(found))
    title = f"{many} with “{excerpt(said, 40)}” in the name, the latest first"
    if not shown:
        title = f"No{' more' if found else ''} chat has “{excerpt(said, 40)}” in its name."
    tag = request.staff.tag(request.named) if request.named is not None else ""
    more = page * _PAGE < len(found)
    later = [[button("More", "chats", tag, said, "page", page + 1)]] if more else []
    hint = [f"More: /followup chats {excerpt(said, 40)} page {page + 1}"] if more else []
    return await _listed(ports, shown, [title], (hint, later))


async def _listed(
    ports: Ports, found: Sequence[Chat], first: list[str], last: tuple[list[str], Sequence[Row]]
) -> Screen:
    async with ports.runtime.database.read() as connection:
        lines = [await _line(ports, connection, chat) for chat in found]
    hints, more = last
    example = found[0].id if found else None
    form = [f"Type /followup why {example}, now {example}, skip {example} or pause {example}."]
    return screen(
        [*first, *lines, "", *hints, *(form if found else [])],
        *(_of_chat(chat, f"{chat.id} ") for chat in found),
        *more,
        home(),
    )


async def _line(ports: Ports, connection: AsyncConnection, chat: Chat) -> str:
    head = f"{chat.id}. {excerpt(chat.title, 40)}"
    record = await ports.silences.load(connection, chat.id)
    plan = await ports.chains.load(connection, chat.employee)
    if record is None or plan is None:
        return f"{head}: the client never wrote"
    return f"{head}: {standing(ports, due(record.silence, plan.chain, plan.hours), plan)}"


def _of_chat(chat: Chat, label: str) -> Row:
    """All that can be done with it."""
    pause = "Pause" if chat.paused_since is None else "Resume"
    return (
        button(f"{label}Why", "why", chat.id),
        button(f"{label}Now", "now", chat.id),
        button(f"{label}Skip", "skip", chat.id),
        button(f"{label}{pause}", pause.lower(), chat.id),
    )


async def _named(ports: Ports, connection: AsyncConnection, said: str) -> Sequence[Chat]:
    return await ports.runtime.directory.named(connection, said[:_LONGEST_NAME], _MOST)


def _which(request: Request, found: Sequence[Chat]) -> str:
    names = "\n".join(f"{each.id}. {excerpt(each.title, 40)}" for each in found[:_PAGE])
    more = f"\n… and {len(found) - _PAGE} more" if len(found) > _PAGE else ""
    form = f"/followup {request.word} {found[0].id}"
    return f"Which one? Take its number, like {form}\n{names}{more}"


def _choices(request: Request, found: Sequence[Chat]) -> Sequence[Row]:
    return [
        [button(f"{each.id}. {excerpt(each.title, 30)}", request.word, each.id)]
        for each in found[:_PAGE]
    ]
