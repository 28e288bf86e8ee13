"""What changes a chain: on, off, add, edit, once, move, remove, undo."""

from dataclasses import replace
from uuid import uuid4

from bot.api import Screen
from plugins.followup.commands.advice import advice
from plugins.followup.commands.brakes import switch_all
from plugins.followup.commands.delays import first_delay, last_delay
from plugins.followup.commands.replies import (
    COMMAND,
    RefusedError,
    button,
    clipped,
    excerpt,
    home,
    screen,
    spoken,
)
from plugins.followup.commands.request import Request, number
from plugins.followup.commands.saving import Saved, Wish, change, checked, take_back
from plugins.followup.commands.steps import (
    Found,
    chain_of,
    described,
    example,
    listed,
    nothing_more,
    presets,
    short_id,
    step_in,
)
from plugins.followup.model import Chain, Step
from plugins.followup.ports import Ports

_NOT_CAUGHT_UP = "Only chats whose client writes from now on are followed up; nothing is caught up."


async def switch(ports: Ports, request: Request) -> Screen:
    """Off: nothing is sent. On: what begins from now on is followed up."""
    if request.rest.casefold() == "all":
        return await switch_all(ports, request)
    nothing_more(request, request.rest)
    name, on = request.employee.name, request.word == "on"

    def wish(chain: Chain) -> Wish:
        if chain.enabled == on:
            raise RefusedError(
                f"Follow-ups of {name} are {request.word} already.",
                [button("Steps", "steps", request.tag), *home()],
            )
        return Wish(chain.steps, on)

    saved = await change(ports, request, wish)
    effect = _NOT_CAUGHT_UP if on else "No chat is waiting any more."
    return listed(request, saved.chain, f"Follow-ups of {name} are {request.word}.", effect)


async def add(ports: Ports, request: Request) -> Screen:
    """A step at the end of the chain; asks for what is missing."""
    delay, instruction = first_delay(request.rest)
    if delay is None:
        delay, instruction = last_delay(request.rest)
    name, tag = request.of(request.employee), request.tag
    if delay is None and not instruction:
        return screen(
            [
                "After how long should the new reminder go out?",
                f"Type /followup add{name} 4h and the task, like: Ask whether the offer fits.",
            ],
            presets("add", tag),
            [button("All steps", "steps", tag), *home()],
            ask=_begun("add", tag),
        )
    if delay is None:
        raise RefusedError(
            f"After how long? Put the time first: /followup add{name} 4h {excerpt(instruction)}",
            [button("All steps", "steps", tag), *home()],
            ask=_begun("add", tag, instruction),
        )
    if not instruction:
        return screen(
            [
                f"What should the reminder after {spoken(delay)} do?",
                "Reply with the task, not with the text: Ask whether the offer fits.",
                f"Or type /followup add{name} {spoken(delay)} and the task.",
            ],
            [button("All steps", "steps", tag), *home()],
            ask=_begun("add", tag, spoken(delay)),
        )
    step = checked(delay, instruction, id=f"step-{uuid4().hex[:12]}")
    saved = await change(ports, request, lambda chain: Wish((*chain.steps, step), chain.enabled))
    return _told(request, saved, f"Added step {len(saved.chain.steps)}.", step)


async def edit(ports: Ports, request: Request) -> Screen:
    """Another delay, another instruction, or both; asks where neither is given."""
    found, left = step_in(request, await chain_of(ports, request), request.rest)
    if not left:
        return _what_instead(request, found)
    delay, instruction = first_delay(left)
    if delay is None:
        delay, instruction = last_delay(left, after_only=True)
    changed: list[Step] = []

    def wish(chain: Chain) -> Wish:
        old = step_in(request, chain, request.rest)[0].step
        kept = {"id": old.id, "once": old.once, "instruction_b": old.instruction_b}
        new = checked(delay or old.delay, instruction or old.instruction, **kept)
        if new == old:
            raise RefusedError(
                f"Step {found.place} is like that already; nothing was changed.",
                [button("All steps", "steps", request.tag), *home()],
            )
        changed.append(new)
        return _with(chain, found.place, new)

    saved = await change(ports, request, wish)
    return _told(request, saved, f"Changed step {found.place}.", changed[0])


async def once(ports: Ports, request: Request) -> Screen:
    """Whether a step comes at most once in a chat, ever."""
    found, left = step_in(request, await chain_of(ports, request), request.rest)
    said = left.casefold()
    if said not in {"on", "off"}:
        place, tag, name = found.place, request.tag, short_id(found.step)
        raise RefusedError(
            f"Say on or off: /followup once{request.of(request.employee)} {place} on",
            [
                button("Once per chat", "once", tag, place, name, "on"),
                button("In every silence", "once", tag, place, name, "off"),
            ],
            home(),
        )

    def wish(chain: Chain) -> Wish:
        old = step_in(request, chain, request.rest)[0].step
        if old.once == (said == "on"):
            raise RefusedError(
                f"Once per chat is {said} already for step {found.place}.",
                [button("All steps", "steps", request.tag), *home()],
            )
        return _with(chain, found.place, replace(old, once=said == "on"))

    saved = await change(ports, request, wish)
    text = "once per chat, ever" if said == "on" else "in every silence"
    return _told(request, saved, f"Step {found.place} now goes out {text}.")


async def move(ports: Ports, request: Request) -> Screen:
    """Another place in the order; what was sent stays sent."""
    found, left = step_in(request, await chain_of(ports, request), request.rest)
    name = request.of(request.employee)

    def wish(chain: Chain) -> Wish:
        step = step_in(request, chain, request.rest)[0].step
        to = number(left.casefold().removeprefix("to").strip())
        if to is None or not 0 < to <= len(chain.steps):
            count = len(chain.steps)
            raise RefusedError(
                f"Say where to, 1 to {count}: /followup move{name} {example('move', count)}",
                [button("All steps", "steps", request.tag), *home()],
            )
        if to == found.place:
            raise RefusedError(f"Step {to} is at that place already.", home())
        others = [each for each in chain.steps if each.id != step.id]
        return Wish((*others[: to - 1], step, *others[to - 1 :]), chain.enabled)

    saved = await change(ports, request, wish)
    return _told(request, saved, f"Moved step {found.place}.")


async def remove(ports: Ports, request: Request) -> Screen:
    """Asks once; what was removed can be brought back."""
    found, left = step_in(request, await chain_of(ports, request), request.rest)
    if left.casefold() != "yes":
        nothing_more(request, left)
        return _really(request, found)

    def wish(chain: Chain) -> Wish:
        step = step_in(request, chain, request.rest)[0].step
        return Wish(tuple(each for each in chain.steps if each.id != step.id), chain.enabled)

    saved = await change(ports, request, wish)
    back = f"/followup undo{request.of(request.employee)} brings it back."
    return _told(request, saved, f"Removed step {found.place}. {back}")


async def undo(ports: Ports, request: Request) -> Screen:
    """The chain before the latest change of this admin."""
    nothing_more(request, request.rest)
    saved = await take_back(ports, request)
    again = f"Undone. /followup undo{request.of(request.employee)} once more brings it back."
    return _told(request, saved, again)


def _with(chain: Chain, place: int, step: Step) -> Wish:
    return Wish((*chain.steps[: place - 1], step, *chain.steps[place:]), chain.enabled)


def _told(request: Request, saved: Saved, text: str, step: Step | None = None) -> Screen:
    """What was done, what it means, and the chain as it is now."""
    off = (
        f"Follow-ups of {request.employee.name} are off: /followup on{request.of(request.employee)}"
    )
    hints = advice(saved.chain, step) if step is not None else ()
    return listed(
        request, saved.chain, text, *hints, saved.effect, "" if saved.chain.enabled else off
    )


def _what_instead(request: Request, found: Found) -> Screen:
    place, tag = found.place, request.tag
    name = f"{request.of(request.employee)} {place}"
    return screen(
        [
            f"Step {place}, {described(place, found.step)}:",
            clipped(found.step.instruction, 1000),
            "",
            "Reply with a new time, a new task, or both: 24h Ask whether the offer fits.",
            f"Or type /followup edit{name} 24h, or /followup edit{name} and the task.",
        ],
        presets("edit", tag, place, short_id(found.step)),
        [button("All steps", "steps", tag), *home()],
        ask=_begun("edit", tag, place, short_id(found.step)),
    )


def _really(request: Request, found: Found) -> Screen:
    place, tag = found.place, request.tag
    return screen(
        [
            f"Remove step {place}, {described(place, found.step)}?",
            excerpt(found.step.instruction, 300),
            "",
            f"Type /followup remove{request.of(request.employee)} {place} yes to remove it.",
        ],
        [
            button("Remove", "remove", tag, place, short_id(found.step), "yes"),
            button("Keep", "steps", tag),
        ],
    )


def _begun(*words: object) -> str:
    """A command that the admin's reply completes."""
    return " ".join([COMMAND, *(str(word) for word in words if str(word))])
