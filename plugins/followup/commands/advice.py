"""Advice after a save; nothing is refused because of it."""

import re
from collections.abc import Iterator
from datetime import timedelta

from plugins.followup.model import Chain, Step

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


def advice(chain: Chain, step: Step) -> Iterator[str]:
    """What to think about after that step of the chain was saved."""
    if looks_ready(step.instruction):
        yield (
            "Hint: this looks like a ready text. Say what to do instead, like “Ask whether the"
            " offer fits”: the employee finds the words for each client."
        )
    if step.delay < _SOON:
        yield "Advice: less than 2 hours feels pushy; most clients need longer."
    if len(chain.steps) > _MANY:
        yield f"Advice: more than {_MANY} reminders in a row read as spam."
