"""What advice an admin gets, and for what."""

from datetime import timedelta

import pytest

from plugins.followup.commands.advice import advice, looks_ready
from plugins.followup.model import Chain, Step

HOUR = timedelta(hours=1)
TASKS = (
    "Gently remind that we're available.",
    "Ask whether the offer fits.",
    "Offer a 10 % discount for orders this week!",
    "Say goodbye, and that they may write at any time.",
    "High season begins: tell them. Hide nothing.",
    "Ask: does the size fit?",
    "Ask what keeps them from deciding",
    "Welcome them back, weekly.",
    "Предложи скидку.",
)
READY = (
    "Hi! Just checking in.",
    "hello Kim, the bike is ready",
    "Good morning, the bike is ready",
    "Dear customer, the bike is ready.",
    "I wanted to ask about the bike.",
    "I'm still here.",
    "We\u2019re open until six.",
    "Our bikes are ready.",
    "Are you still interested?",
    "The bike waits for you!",
    "Did your order arrive?",
    "Привет! Как дела?",
    "¡Hola! ¿Qué tal?",
)


@pytest.mark.parametrize("text", TASKS)
def test_a_task_is_no_ready_text(text: str) -> None:
    assert not looks_ready(text)


@pytest.mark.parametrize("text", READY)
def test_a_ready_text_is_noticed(text: str) -> None:
    assert looks_ready(text)


@pytest.mark.parametrize(
    ("delay", "count", "said"),
    [(2 * HOUR, 3, []), (2 * HOUR - timedelta(seconds=1), 3, ["2 hours"]), (2 * HOUR, 4, ["spam"])],
)
def test_too_early_and_too_many_are_told_of(delay: timedelta, count: int, said: list[str]) -> None:
    step = Step("a", delay, "Ask whether the offer fits.")

    told = list(advice(Chain((step,) * count), step))

    assert len(told) == len(said)
    assert all(word in line for word, line in zip(said, told, strict=True))
