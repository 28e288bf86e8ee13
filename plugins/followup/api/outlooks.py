"""What saving a chain would do, as programs get it."""

from collections.abc import Sequence

from bot.api import Told, When
from plugins.followup.api.shapes import Why
from plugins.followup.commands.advice import Advice
from plugins.followup.settings_tab.outlook import Effect as Foreseen
from plugins.followup.settings_tab.view import Outlook as Seen


class ExampleMoment(Told):
    """When the reminder of that step would go out; `moved`: its delay ends while closed."""

    step: int
    at: When
    moved: bool


class Example(Told):
    """A client writes at `start`, is answered at once, and says nothing any more."""

    start: When
    moments: Sequence[ExampleMoment]
    ends: Why


class AdviceTold(Told):
    """What to think about; nothing is refused because of it. Without a step: the whole chain."""

    step: int | None
    code: str
    text: str


class Closed(Told):
    """From that step on the account takes no free text; `stops`: it has no template either."""

    step: int
    account: str
    hours: int
    stops: bool


class Effect(Told):
    """What the save would do to chats that wait; `more`: not all of them were looked at."""

    waiting: int
    hurried: int
    joining: int
    leaving: int
    grace_seconds: int
    more: bool

    @classmethod
    def of(cls, effect: Foreseen) -> "Effect":
        """That effect."""
        return cls(
            waiting=effect.waiting,
            hurried=effect.hurried,
            joining=effect.joining,
            leaving=effect.leaving,
            grace_seconds=int(effect.grace.total_seconds()),
            more=effect.more,
        )


class Outlook(Told):
    """What saving would mean; no `effect`: it would change nothing."""

    example: Example
    advice: Sequence[AdviceTold]
    closed: Sequence[Closed]
    effect: Effect | None
    waiting: int

    @classmethod
    def of(cls, seen: Seen) -> "Outlook":
        """As the tab shows it."""
        advice = [(place, each) for place, told in seen.steps for each in told]
        everything: list[tuple[int | None, Advice]] = [*advice, *((None, a) for a in seen.whole)]
        return cls(
            example=Example(
                start=seen.example.start,
                moments=[
                    ExampleMoment(step=each.place, at=each.at, moved=each.moved)
                    for each in seen.example.moments
                ],
                ends=Why.of(seen.example.ends),
            ),
            advice=[
                AdviceTold(step=place, code=each.name.lower(), text=each.value)
                for place, each in everything
            ],
            closed=[
                Closed(step=c.place, account=c.account, hours=c.hours, stops=c.stops)
                for c in seen.closed
            ],
            effect=Effect.of(seen.effect) if seen.effect is not None else None,
            waiting=seen.waiting,
        )
