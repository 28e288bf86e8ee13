"""Draws lots: the same chat always gets the same one, and nobody chooses who gets which. Pure."""

from dataclasses import replace
from hashlib import sha256

from plugins.followup.model import Step

LOTS = 100
A, B = "a", "b"


def lot_of(employee: str, chat: int) -> int:
    """The chat's number from 0 to 99 in the hold-out of that employee."""
    return _drawn("hold-out", employee, str(chat)) % LOTS


def chosen(step: Step, chat: int) -> Step:
    """The step with the one instruction that this chat gets."""
    if step.instruction_b is None:
        return step
    drawn = step.instruction_b if _letter(step, chat) == B else step.instruction
    return replace(step, instruction=drawn, instruction_b=None)


def variant(step: Step, chat: int) -> str | None:
    """Which of two instructions this chat gets, with what tells the two from later ones."""
    return None if step.instruction_b is None else variants(step)[_letter(step, chat) == B]


def variants(step: Step) -> tuple[str, str]:
    """The names of both; other texts have other names, so that they are counted apart."""
    texts = "\0".join((step.id, step.instruction, step.instruction_b or ""))
    pair = sha256(texts.encode()).hexdigest()[:8]
    return f"{A}-{pair}", f"{B}-{pair}"


def _letter(step: Step, chat: int) -> str:
    return B if _drawn("compare", step.id, str(chat)) % 2 else A


def _drawn(*what: str) -> int:
    return int.from_bytes(sha256("\0".join(what).encode()).digest()[:8], "big")
