"""Advice on a chain; nothing is refused because of it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum

from bot.api import phrase
from plugins.followup.model import Chain, Step


class Advice(StrEnum):
    """What to think about, in words."""

    READY = phrase(
        "Hint: this looks like a ready text. Say what to do instead, like “Ask whether the"
        " offer fits”: the employee finds the words for each client."
    )
    SOON = phrase("Advice: less than 2 hours feels pushy; most clients need longer.")
    MANY = phrase("Advice: more than 3 reminders in a row read as spam.")


_SOON = timedelta(hours=2)
_MANY = 3
_READY = re.compile(
    # A greeting, or the writer, at the beginning …
    r"^\W*(?:hi|hello|hey|dear|greetings|good (?:morning|afternoon|evening|day)|hallo|guten tag"
    r"|moin|hola|bonjour|ciao|привет|здравствуйте|добрый день|(?:i|we)(?:['\u2019]\w+)?|my|our)\b"
    # … or a sentence to the client.
    r"|\b(?:you|your|you['\u2019]re|yours)\b[^.!?]*[!?]",
    re.IGNORECASE,
)


def looks_ready(instruction: str) -> bool:
    """Whether it reads like the message itself, not like what to do."""
    return _READY.search(instruction) is not None


def advice(chain: Chain, step: Step) -> Iterator[Advice]:
    """What to think about after that step of the chain was saved."""
    yield from about(step)
    if too_many(chain):
        yield Advice.MANY


def about(step: Step) -> Iterator[Advice]:
    """What to think about in that step alone."""
    if looks_ready(step.instruction):
        yield Advice.READY
    if step.delay < _SOON:
        yield Advice.SOON


def too_many(chain: Chain) -> bool:
    """Whether the chain is longer than most clients bear."""
    return len(chain.steps) > _MANY
