"""Shows an employee's steps, and finds the one that a command means."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2s

from bot.api import Screen, nearest
from plugins.followup.commands.replies import (
    RefusedError,
    Row,
    button,
    clipped,
    counted,
    excerpt,
    home,
    screen,
    spoken,
)
from plugins.followup.commands.request import Request, after, number
from plugins.followup.model import Chain, Step
from plugins.followup.ports import Ports

_FEW = 4
"""Up to so many steps have all of their buttons below the list; of more, each has a screen."""
_SHOWN = 15
_PRESETS = ("4h", "24h", "48h")


@dataclass(frozen=True, slots=True)
class Found:
    """A step and its place, counted from 1."""

    place: int
    step: Step


async def steps(ports: Ports, request: Request) -> Screen:
    """The chain, or one step of it in full."""
    chain = await chain_of(ports, request)
    if request.rest:
        found, left = step_in(request, chain, request.rest)
        nothing_more(request, left)
        return _one(request, found, chain)
    return listed(request, chain)


async def chain_of(ports: Ports, request: Request) -> Chain:
    """The chain of the employee whom the request means."""
    async with ports.runtime.database.read() as connection:
        plan = await ports.chains.load(connection, request.employee.id)
    if plan is None:
        raise RefusedError("That employee is gone.", home())
    return plan.chain


def short_id(step: Step) -> str:
    """Names a step in the commands of buttons; moved or edited, it keeps it."""
    return "#" + blake2s(step.id.encode(), digest_size=3).hexdigest()


def step_in(request: Request, chain: Chain, text: str) -> tuple[Found, str]:
    """The step that the text begins with the place of, and what follows.

    Refuses a place where another step is by now than the one that the text names.
    """
    words = text.split()
    filler = 1 if words and words[0].casefold() == "step" else 0
    place = number(words[filler]) if len(words) > filler else None
    if place is None or not 0 < place <= len(chain.steps):
        raise RefusedError(_which(request, chain, words[filler:]), *_places(request, chain), home())
    step = chain.steps[place - 1]
    name = words[filler + 1] if len(words) > filler + 1 else ""
    if name.startswith("#") and name != short_id(step):
        shown = listed(request, chain, "The steps were changed meanwhile. Now they are:")
        raise RefusedError(shown.text, *shown.buttons)
    used = filler + (2 if name.startswith("#") else 1)
    return Found(place, step), after(text, used)


def nothing_more(request: Request, left: str) -> None:
    """Refuses words that mean nothing here, rather than doing something else than was meant."""
    if left:
        hint = nearest(left, [each.id for each in request.staff.people])
        raise RefusedError(
            f"I do not know “{excerpt(left)}” behind /followup {request.word}{hint or '.'}"
            "\n/followup help shows how it is written.",
            home(),
        )


def listed(request: Request, chain: Chain, *first: str) -> Screen:
    """All steps, after what there is to say first."""
    employee, tag = request.employee, request.tag
    state = "on" if chain.enabled else "off"
    head = f"{employee.name}: {state}, {counted(len(chain.steps), 'step')}"
    return screen(
        [*_paragraph(first), head, *_lines(chain), "", _form(request, chain)],
        *_buttons(request, chain),
        [button("Add a step", "add", tag), button("Undo", "undo", tag)],
        [button(f"Turn {'off' if chain.enabled else 'on'}", _opposite(chain), tag), *home()],
    )


def presets(*words: object) -> Row:
    """Delays that most people want, behind those words."""
    return [button(f"After {delay}", *words, delay) for delay in _PRESETS]


def _paragraph(lines: Iterable[str]) -> list[str]:
    said = [line for line in lines if line]
    return [*said, ""] if said else []


def _opposite(chain: Chain) -> str:
    return "off" if chain.enabled else "on"


def _lines(chain: Chain) -> Iterator[str]:
    if not chain.steps:
        yield "Without steps nothing is sent."
    longest = 200 if len(chain.steps) <= _FEW else 70
    for place, step in enumerate(chain.steps[:_SHOWN], 1):
        yield f"{place}. {described(place, step)}: {excerpt(step.instruction, longest)}"
    if len(chain.steps) > _SHOWN:
        yield f"… and {len(chain.steps) - _SHOWN} more; /followup steps {_SHOWN + 1} shows one."


def described(place: int, step: Step) -> str:
    """When it comes, and whether it comes again."""
    begins = "after" if place == 1 else "then after"
    return f"{begins} {spoken(step.delay)}{', once per chat' if step.once else ''}"


def _form(request: Request, chain: Chain) -> str:
    name = request.of(request.employee)
    if not chain.steps:
        return f"Type /followup add{name} 4h and what the reminder should do."
    return (
        f"Type /followup and: add{name} 4h Ask …, edit{name} 1 24h, edit{name} 1 Ask …,"
        f" once{name} 1 on, move{name} 1 2, remove{name} 1, preview{name} 1"
    )


def _buttons(request: Request, chain: Chain) -> Iterator[Row]:
    if len(chain.steps) <= _FEW:
        for place, step in enumerate(chain.steps, 1):
            yield from _of_step(request, Found(place, step), chain)
    else:
        yield from _places(request, chain)


def _of_step(request: Request, found: Found, chain: Chain) -> Iterator[Row]:
    """All that can be done with it."""
    place, tag, name = found.place, request.tag, short_id(found.step)
    once = "off" if found.step.once else "on"
    up = (button(f"{place} Up", "move", tag, place, name, place - 1),) if place > 1 else ()
    last = place == len(chain.steps)
    down = () if last else (button(f"{place} Down", "move", tag, place, name, place + 1),)
    yield (
        button(f"{place} Edit", "edit", tag, place, name),
        button(f"{place} Once {once}", "once", tag, place, name, once),
        button(f"{place} Preview", "preview", tag, place, name),
    )
    yield (*up, *down, button(f"{place} Remove", "remove", tag, place, name))


def _places(request: Request, chain: Chain) -> Iterator[Row]:
    """A button for each step that shows it, a few in a row."""
    places = [
        button(f"Step {place}", "steps", request.tag, place, short_id(step))
        for place, step in enumerate(chain.steps[:40], 1)
    ]
    for start in range(0, len(places), _FEW):
        yield places[start : start + _FEW]


def _one(request: Request, found: Found, chain: Chain) -> Screen:
    step, place = found.step, found.place
    lines = [
        f"{request.employee.name}, step {place} of {len(chain.steps)}: {described(place, step)}",
        clipped(step.instruction, 1500 if step.instruction_b is None else 750),
        *([] if step.instruction_b is None else _compared(step.instruction_b)),
    ]
    back = [button("All steps", "steps", request.tag), *home()]
    return screen(lines, *_of_step(request, found, chain), back)


def _compared(instruction: str) -> list[str]:
    return ["Half of the chats, drawn by lot, get this instead:", clipped(instruction, 750)]


def _which(request: Request, chain: Chain, words: Sequence[str]) -> str:
    employee, word = request.employee, request.word
    if not chain.steps:
        name = request.of(employee)
        return f"{employee.name} has no steps yet.\nType /followup add{name} 4h and what to do."
    form = f"Like this: /followup {word}{request.of(employee)} {example(word, len(chain.steps))}"
    places = f"{employee.name} has {counted(len(chain.steps), 'step')}"
    if not words:
        return f"Which step? {places}.\n{form}"
    return f"There is no step “{excerpt(words[0], 20)}”. {places}.\n{form}"


def example(word: str, count: int) -> str:
    """How the command is written, with a place that there is."""
    forms = {"once": f"{count} on", "move": f"{count} 1", "edit": f"{count} 24h"}
    return forms.get(word, str(count))
