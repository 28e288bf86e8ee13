"""The whole guard: the first fault of a composed text, the plainest rules first."""

from collections.abc import Sequence

from bot.api import leaks, machinery_in
from plugins.followup.guard.faults import Fault, Found, Grounds
from plugins.followup.guard.figures import invented_amount
from plugins.followup.guard.language import is_foreign
from plugins.followup.guard.links import invented_link
from plugins.followup.guard.promises import invented_promise
from plugins.followup.guard.repeats import is_repeat
from plugins.followup.guard.shape import LONGEST_REMINDER, is_empty, length_of, placeholder_in
from plugins.followup.guard.sources import obeys, orders_in, sources


def fault_in(text: str, grounds: Grounds) -> Found | None:
    """What is wrong with the text, or nothing."""
    orders = orders_in(grounds)
    known = sources(grounds, orders)
    return _in_shape(text, known) or _in_words(text, grounds, orders) or _in_facts(text, known)


def _in_shape(text: str, known: Sequence[str]) -> Found | None:
    if is_empty(text):
        return Found(Fault.EMPTY)
    if length_of(text) > LONGEST_REMINDER:
        return Found(Fault.TOO_LONG)
    if piece := machinery_in(text):
        return Found(Fault.MACHINERY, piece)
    if piece := placeholder_in(text, known):
        return Found(Fault.PLACEHOLDER, piece)
    return None


def _in_words(text: str, grounds: Grounds, orders: Sequence[str]) -> Found | None:
    if (
        leaks(text, grounds.instruction)
        or leaks(text, grounds.persona, facts_are_free=True)
        or leaks(text, grounds.rules)
    ):
        return Found(Fault.LEAK)
    if obeys(text, orders):
        return Found(Fault.OBEYED)
    if is_repeat(text, grounds.reminders, grounds.ours):
        return Found(Fault.REPEAT)
    return Found(Fault.LANGUAGE) if is_foreign(text, grounds.client) else None


def _in_facts(text: str, known: Sequence[str]) -> Found | None:
    if piece := invented_link(text, known):
        return Found(Fault.LINK, piece)
    if piece := invented_amount(text, known):
        return Found(Fault.PRICE, piece)
    if piece := invented_promise(text, known):
        return Found(Fault.PROMISE, piece)
    return None
