"""Voices for answers: a model's, or the demo voice of an installation without one."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from bot.errors import ModelError
from bot.model import Author, Employee, Message, Reply
from bot.ports import Model
from bot.prompting import prompt_in
from bot.wording import leaks, machinery_in, words

HISTORY_TOKENS = 3000
LONGEST_ANSWER = 4000
RECITAL = 20
"""So many words of a persona in a row are a recital; fewer may be an answer, like its hours."""
_BYTES_PER_TOKEN = 3
"""A cautious guess that fits every script; a tokenizer would have to be downloaded."""

_PROMPTS = Path(__file__).parent / "prompts"

_MARK = "[A human colleague wrote:]"


class ModelResponder:
    """Answers from the persona and the recent history."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._prompt = prompt_in(_PROMPTS / "answer.md")
        self._handed = prompt_in(_PROMPTS / "handed.md")

    async def answer(self, employee: Employee, history: Sequence[Message]) -> Reply:
        """The model's next message in this chat; one that is not for people raises ModelError."""
        said = recent(history)
        system = self._prompt.filled({"name": employee.name, "persona": employee.persona})
        if any(map(_is_human, said)):
            system = f"{system}\n\n{self._handed.filled({'mark': _MARK})}"
        reply = await self._model.complete([("system", system), *_turns(said)])
        # Some models copy whatever their own turns begin with.
        text = reply.text.replace(_MARK, "").strip() or reply.text
        fault = self._fault_in(text, employee)
        if fault is not None:
            raise ModelError(f"the model's answer was refused: it {fault}", reply.tokens)
        return replace(reply, text=text)

    def _fault_in(self, text: str, employee: Employee) -> str | None:
        """What a persona says is to be told; that it is told as it stands there, at length, not."""
        if not text.strip():
            return "is empty"
        if len(text) > LONGEST_ANSWER:
            return "is too long"
        if machinery_in(text):
            return "talks as machines do"
        is_long = len(words(employee.persona)) >= RECITAL
        if leaks(text, self._prompt.text) or (is_long and leaks(text, employee.persona, RECITAL)):
            return "recites what it was told about itself"
        return None


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
