"""Conversations for Play it, where there is no chat yet, or none that fits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.api import Author, Chat, ChatRef, Employee, Message, phrase
from plugins.followup.settings_tab.play import Scene

_PAUSE = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Sample:
    """A conversation that ends with an answer; client and employee take turns."""

    title: str
    name: str
    said: Sequence[str]


SAMPLES: Mapping[str, Sample] = {
    "price": Sample(
        phrase("A client asks for a price"),
        "Kim",
        (
            "Hello, how much would it be for two of us?",
            "Hello Kim! For two it is 90 euros, everything included. Shall I reserve it?",
        ),
    ),
    "later": Sample(
        phrase("A client wants to think about it"),
        "Robin",
        (
            "Hi, do you have something free next week?",
            "Hi Robin! Yes, Tuesday at 10 or Thursday at 15. Which one suits you?",
            "I have to ask at home first",
            "Of course, take your time. I am here when you know.",
        ),
    ),
    "settled": Sample(
        phrase("A client who has already got everything"),
        "Sam",
        (
            "Thanks, the parcel arrived and everything is fine. I need nothing more!",
            "Wonderful, thank you for telling me, Sam. Have a good day!",
        ),
    ),
}


def scene_of(sample: Sample, employee: Employee, account: str, start: datetime) -> Scene:
    """The sample as if its client had written last at `start`, and been answered soon after."""
    began = start.astimezone(UTC)
    chat = Chat(0, ChatRef(account, "sample"), employee.id, sample.name, client_at=began)
    last = len(sample.said) - 2
    history = [
        Message(
            id=0,
            chat=0,
            n=place + 1,
            author=Author.EMPLOYEE if place % 2 else Author.CLIENT,
            text=text,
            at=began + (place - last) * _PAUSE,
        )
        for place, text in enumerate(sample.said)
    ]
    return Scene(employee, replace(chat, last_n=len(history)), history, began, began + _PAUSE)
