"""Has the model decide and write: one structured verdict, with the client's words as data.

A text, or a moment, that cannot be used is told the model by name, once; a second one skips the
step. What is no verdict at all is the model's failure, and tried again later.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from bot.api import Author, Message, Model, ModelError, Prompt, Reply, prompt_in
from plugins.followup.guard.check import fault_in
from plugins.followup.guard.faults import ADVICE, Fault, Found, Grounds
from plugins.followup.model import Reason
from plugins.followup.moments import moment_of, quote_in
from plugins.followup.verdicts import Decision, Occasion, Verdict

HISTORY_BYTES = 9000
_PROMPTS = Path(__file__).parents[1] / "prompts"
_BREAKS = re.compile("[\x7f-\x9f\u2028\u2029]")
_QUOTES = (('"', '"'), ("“", "”"), ("«", "»"), ("„", "“"), ("「", "」"))
_LONGEST_ECHO = 2000
_LONGEST_PIECE = 80
_GROUNDS = (
    Reason.CONCLUDED,
    Reason.NOT_INTERESTED,
    Reason.OPTED_OUT,
    Reason.MUTED,
    Reason.HUMAN_ACTIVE,
    Reason.WAITING_FOR_DELAY,
)

_SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {
        "verdict": {"type": "string", "enum": [decision.value for decision in Decision]},
        "reason": {"type": "string", "enum": ["sent", *(ground.value for ground in _GROUNDS)]},
        "text": {"type": "string"},
        "until": {"type": "string"},
        "said": {"type": "string"},
    },
    "required": ["verdict", "reason", "text", "until", "said"],
    "additionalProperties": False,
}


# Models write null where they have nothing to say, whatever the schema asks for.
_Text = Annotated[str, BeforeValidator(lambda given: "" if given is None else given)]


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore")

    verdict: Decision
    text: _Text = ""
    reason: _Text = ""
    until: _Text = ""
    said: _Text = ""


class ModelComposer:
    """Asks any model behind the chat completions API."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._reminder = prompt_in(_PROMPTS / "reminder.md")
        self._occasion = prompt_in(_PROMPTS / "occasion.md")
        self._retry = prompt_in(_PROMPTS / "retry.md")

    @property
    def version(self) -> str:
        """That of each prompt: reminder, occasion, retry."""
        return ".".join(each.version for each in (self._reminder, self._occasion, self._retry))

    async def compose(self, occasion: Occasion) -> Verdict:
        """The model's verdict, checked; whatever is malformed raises ModelError."""
        person = occasion.employee
        system = self._reminder.filled({"name": person.name, "persona": person.persona})
        asked = [("system", system), ("user", _task(self._occasion, occasion))]
        first = await self._model.complete(asked, _SCHEMA)
        verdict = self._read(first, occasion)
        if isinstance(verdict, Found):
            verdict = await self._again(asked, first, verdict, occasion)
        return replace(verdict, prompt=self.version)

    async def _again(
        self, asked: Sequence[tuple[str, str]], first: Reply, found: Found, occasion: Occasion
    ) -> Verdict:
        """The one retry: it names the fault. A second fault skips the step."""
        told = self._retry.filled({"fault": ADVICE[found.fault], "piece": _shown(found.piece)})
        more = [*asked, ("assistant", first.text[:_LONGEST_ECHO]), ("user", told)]
        try:
            second = await self._model.complete(more, _SCHEMA)
        except ModelError as error:
            raise ModelError(str(error), first.tokens) from None
        second = replace(second, tokens=_sum(first.tokens, second.tokens))
        verdict = self._read(second, occasion)
        if isinstance(verdict, Verdict):
            return verdict
        if verdict.fault is Fault.MOMENT:
            raise ModelError("the model postponed without a moment ahead", second.tokens)
        reason = Reason.COMPOSER_FAILED
        fault = verdict.fault.value
        return Verdict(Decision.SKIP, reason=reason, tokens=second.tokens, fault=fault)

    def _read(self, reply: Reply, occasion: Occasion) -> Verdict | Found:
        """The verdict of that reply, or what cannot be used of it. Raises ModelError."""
        try:
            read = self._judged(_parsed(reply.text), occasion)
        except ModelError as error:
            raise ModelError(str(error), reply.tokens) from None
        return read if isinstance(read, Found) else replace(read, tokens=reply.tokens)

    def _judged(self, answer: _Answer, occasion: Occasion) -> Verdict | Found:
        match answer.verdict:
            case Decision.SEND:
                text = _unwrapped(answer.text)
                found = fault_in(text, self._grounds(occasion))
                return found or Verdict(Decision.SEND, text)
            case Decision.POSTPONE:
                return _postponed(answer, occasion)
            case Decision.SKIP | Decision.STOP:
                return _ended(answer, occasion)

    def _grounds(self, occasion: Occasion) -> Grounds:
        said, client = occasion.history, Author.CLIENT
        return Grounds(
            name=occasion.employee.name,
            persona=occasion.employee.persona,
            instruction=occasion.step.instruction,
            rules=self._reminder.text,
            client=[each.text for each in said if each.author is client],
            ours=[each.text for each in said if each.author is not client],
            reminders=[each.text for each in said if each.plugin is not None],
        )


def _postponed(answer: _Answer, occasion: Occasion) -> Verdict | Found:
    """Wait for the client's own moment; the words are kept if they are the client's."""
    quote = quote_in(answer.said, occasion.history)
    spoken = quote.at if quote is not None else None
    until = moment_of(answer.until, occasion.local, spoken, occasion.hours)
    if until is None:
        return Found(Fault.MOMENT, answer.until)
    said = quote.text if quote is not None else ""
    return Verdict(Decision.POSTPONE, reason=Reason.WAITING_FOR_DELAY, until=until, said=said)


def _ended(answer: _Answer, occasion: Occasion) -> Verdict:
    """Skip or stop; who wants no more messages gets none, whatever the verdict is called."""
    ground, quote = _ground(answer), quote_in(answer.said, occasion.history)
    out = ground is Reason.OPTED_OUT
    said = quote.text if quote is not None else ""
    return Verdict(Decision.STOP if out else answer.verdict, reason=ground, said=said)


def _task(prompt: Prompt, occasion: Occasion) -> str:
    """Transcript and task in one message; everything that was said is quoted as JSON."""
    return prompt.filled(
        {
            "conversation": "\n".join(_quoted(message) for message in _latest(occasion.history)),
            "now": f"{occasion.local:%A, %Y-%m-%d %H:%M}",
            "silence": _spoken(occasion.silent_for),
            "place": str(occasion.place),
            "of": str(occasion.of),
            "task": occasion.step.instruction,
        }
    )


def _latest(history: Sequence[Message]) -> Sequence[Message]:
    left = HISTORY_BYTES
    taken: list[Message] = []
    for message in reversed(history):
        left -= len(message.text.encode(errors="replace")) + 40
        if left < 0 and taken:
            break
        taken.append(message)
    return taken[::-1]


def _quoted(message: Message) -> str:
    who = "client" if message.author is Author.CLIENT else "you"
    if message.author is Author.MANAGER:
        who = "a human colleague of yours"
    if message.plugin is not None:
        who = "you, unasked"
    said = {"at": f"{message.at:%Y-%m-%d %H:%M}Z", "from": who, "text": message.text}
    quoted = json.dumps(said, ensure_ascii=False)
    # JSON leaves some line breaks alone; a line of the client's must not look like one of ours.
    return _BREAKS.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


def _spoken(length: timedelta) -> str:
    minutes = int(length.total_seconds()) // 60
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _parsed(text: str) -> _Answer:
    inside = text[text.find("{") : text.rfind("}") + 1]
    try:
        return _Answer.model_validate_json(inside)
    except ValidationError:
        raise ModelError("the model's verdict is not the JSON object that was asked for") from None


def _ground(answer: _Answer) -> Reason:
    for ground in _GROUNDS:
        if answer.reason == ground.value and ground is not Reason.WAITING_FOR_DELAY:
            return ground
    raise ModelError("the model's verdict has no reason from the list")


def _unwrapped(text: str) -> str:
    """Without the quotation marks that models like to put around all of it."""
    text = text.strip()
    for first, last in _QUOTES:
        inside = text[1:-1]
        if text.startswith(first) and text.endswith(last) and first not in inside:
            return inside.strip()
    return text


def _shown(piece: str) -> str:
    return f" It was: {json.dumps(piece[:_LONGEST_PIECE], ensure_ascii=False)}" if piece else ""


def _sum(one: int | None, other: int | None) -> int | None:
    known = [each for each in (one, other) if each is not None]
    return sum(known) if known else None
