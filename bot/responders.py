"""Voices for answers: a model's, or the demo voice of an installation without one."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from bot.errors import ModelError
from bot.model import Author, Employee, Message, Reply
from bot.ports import Model

HISTORY_TOKENS = 3000
LONGEST_ANSWER = 4000
_BYTES_PER_TOKEN = 3
"""A cautious guess that fits every script; a tokenizer would have to be downloaded."""

_TASK = (
    "You answer a client in a chat. Write the next message only: plain text, no heading, no "
    "signature, in the language of the client. Never claim to be human. If you do not know "
    "something, say so and offer to ask a colleague; invent no prices, links or promises."
)

_MARK = "[A human colleague wrote:]"
_HANDED = (
    f"What begins with {_MARK} was written by a human colleague of yours, who had this chat for a "
    "while: go by what they said, do not contradict or repeat it, and never write that mark."
)


class ModelResponder:
    """Answers from the persona and the recent history."""

    def __init__(self, model: Model) -> None:
        self._model = model

    async def answer(self, employee: Employee, history: Sequence[Message]) -> Reply:
        """The model's next message in this chat."""
        said = recent(history)
        task = f"{_TASK}\n\n{_HANDED}" if any(map(_is_human, said)) else _TASK
        system = f"You are {employee.name}.\n\n{employee.persona}\n\n{task}"
        reply = await self._model.complete([("system", system), *_turns(said)])
        if len(reply.text) > LONGEST_ANSWER:
            raise ModelError("the model's answer is too long")
        # Some models copy whatever their own turns begin with.
        return replace(reply, text=reply.text.replace(_MARK, "").strip() or reply.text)


class DemoResponder:
    """Answers without a model, and says so."""

    async def answer(self, employee: Employee, history: Sequence[Message]) -> Reply:
        """A reply that shows what was understood: nothing but the client's own words."""
        texts = [message.text for message in history if message.author is Author.CLIENT]
        said = f"You wrote: “{shortened(texts[-1])}” " if texts else ""
        return Reply(
            f"(Demo voice: no model is connected.) Hello, this is {employee.name}. "
            f"{said}With a model connected I would answer that. "
            "Say nothing more, and I will reach out again."
        )


def recent(history: Sequence[Message]) -> Sequence[Message]:
    """The latest messages that fit the token budget, in order; always at least the last one."""
    return list(_fitting(history))[::-1]


def shortened(text: str, longest: int = 120) -> str:
    """One line of it, cut with an ellipsis."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def _fitting(history: Sequence[Message]) -> Iterator[Message]:
    left = HISTORY_TOKENS
    for place, message in enumerate(reversed(history)):
        left -= len(message.text.encode(errors="replace")) // _BYTES_PER_TOKEN + 4
        if left < 0 and place:
            return
        yield message


def _turns(history: Sequence[Message]) -> Iterator[tuple[str, str]]:
    """What was said, one turn for what one side said in a row: many servers insist on that."""
    for role, said in groupby(history, key=_role):
        yield role, "\n\n".join(_marked(message) for message in said)


def _marked(message: Message) -> str:
    return f"{_MARK} {message.text}" if _is_human(message) else message.text


def _is_human(message: Message) -> bool:
    return message.author is Author.MANAGER


def _role(message: Message) -> str:
    return "user" if message.author is Author.CLIENT else "assistant"
