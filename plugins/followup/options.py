"""The plugin's table of an employee in the settings: on or off, the steps, and their terms."""

import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from itertools import count
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from bot.api import Day, Interval, Weekday
from plugins.followup.model import (
    LONGEST_DELAY,
    Chain,
    Limits,
    Step,
    Terms,
    delay_of,
    delay_text,
)

LONGEST_INSTRUCTION = 4000
LARGEST_HOLD_OUT = 50
"""Of a hundred chats: with more, most clients would get nothing."""


def _delay(text: object) -> object:
    if isinstance(text, timedelta):
        return text
    if not isinstance(text, str):
        raise ValueError("write the delay as text, like '20s', '90m', '1h30m' or '1d2h'")  # noqa: TRY004  pydantic turns only ValueError into a fault
    return delay_of(text)


class StepOptions(BaseModel):
    """One `[[employees.NAME.followup.steps]]`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str | None = Field(default=None, min_length=1, max_length=64)
    delay: Annotated[timedelta, BeforeValidator(_delay), Field(gt=timedelta(), le=LONGEST_DELAY)]
    instruction: str = Field(max_length=LONGEST_INSTRUCTION)
    once: bool = False
    instruction_b: str | None = Field(default=None, max_length=LONGEST_INSTRUCTION)

    @field_validator("instruction", "instruction_b")
    @classmethod
    def _something_to_do(cls, text: str | None) -> str | None:
        if text is not None and not text.strip():
            raise ValueError("say what the reminder should do; it may not be empty")
        return text.strip() if text is not None else None

    def step(self, name: str) -> Step:
        """The same as a value, under that id."""
        return Step(name, self.delay, self.instruction, self.once, self.instruction_b)


_Most = Annotated[int, Field(ge=1, le=1_000_000_000)]


class LimitsOptions(BaseModel):
    """`[employees.NAME.followup.limits]`: what is left out has no limit."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    chat_day: _Most | None = None
    chat_week: _Most | None = None
    person_day: _Most | None = None
    day: _Most | None = None
    tokens_day: _Most | None = None


_RUSH = re.compile(r"(\d{1,9}) in (.+)")
_BAD = re.compile(r"(\d{1,3}) of (\d{1,3})")


def _rush(text: str) -> str:
    found = _RUSH.fullmatch(text.strip())
    if found is None or not int(found[1]):
        raise ValueError("should be a number of reminders and a time, like '500 in 10m'")
    delay_of(found[2])
    return text.strip()


def _bad(text: str) -> str:
    found = _BAD.fullmatch(text.strip())
    if found is None or not 0 < int(found[1]) <= int(found[2]):
        raise ValueError("should be two numbers, the first not above the second, like '5 of 50'")
    return text.strip()


class PluginOptions(BaseModel):
    """`[plugins.followup]`: what holds for the whole installation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    breaker: Annotated[str, AfterValidator(_rush)] | None = None
    breaker_trouble: Annotated[str, AfterValidator(_bad)] | None = None

    @property
    def rush(self) -> tuple[int, timedelta] | None:
        """More than so many reminders in that time stop everything."""
        found = _RUSH.fullmatch(self.breaker or "")
        return (int(found[1]), delay_of(found[2])) if found else None

    @property
    def bad(self) -> tuple[int, int] | None:
        """So many bad ones among the last ones stop everything."""
        found = _BAD.fullmatch(self.breaker_trouble or "")
        return (int(found[1]), int(found[2])) if found else None


class FollowupOptions(BaseModel):
    """`[employees.NAME.followup]`: who writes steps wants them, so it is on unless it says off."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = True
    steps: tuple[StepOptions, ...] = ()
    hours: dict[Weekday, tuple[Interval, ...]] | None = None
    special_days: dict[Day, tuple[Interval, ...]] = {}
    client_zone: bool = False
    limits: LimitsOptions = LimitsOptions()
    hold_out: Annotated[int, Field(ge=0, le=LARGEST_HOLD_OUT, strict=True)] = 0

    @field_validator("special_days")
    @classmethod
    def _of_own_hours(
        cls, days: dict[Day, tuple[Interval, ...]], before: ValidationInfo
    ) -> dict[Day, tuple[Interval, ...]]:
        if days and before.data.get("hours") is None and "hours" in before.data:
            raise ValueError(
                "belong to hours of their own: add a table 'hours' beside them, or put them into"
                " the employee's special_days"
            )
        return days

    @field_validator("steps")
    @classmethod
    def _distinct(cls, steps: tuple[StepOptions, ...]) -> tuple[StepOptions, ...]:
        ids = [step.id for step in steps if step.id is not None]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(f"two steps have the id '{twice[0]}'; give each an id of its own")
        return steps

    @property
    def chain_steps(self) -> tuple[Step, ...]:
        """The steps of a chain; those without an id are called step-1, step-2 and so on."""
        taken = {step.id for step in self.steps}
        names = (f"step-{place}" for place in count(1))
        free = (name for name in names if name not in taken)
        return tuple(step.step(step.id or next(free)) for step in self.steps)

    @property
    def terms(self) -> Terms:
        """In which hours, by whose clock and how often."""
        week: dict[str, tuple[str, ...]] | None = (
            None if self.hours is None else dict(self.hours.items())
        )
        limits = Limits(**self.limits.model_dump())
        special = dict(self.special_days)
        return Terms(week, special, self.client_zone, limits, self.hold_out)

    @property
    def chain(self) -> Chain:
        """All of it, as if nobody had ever saved it."""
        return Chain(self.chain_steps, self.enabled, terms=self.terms)


def as_table(chain: Chain) -> dict[str, object]:
    """The same table from a chain, as `followup employees export` writes it."""
    return {
        "enabled": chain.enabled,
        "steps": [
            {
                "id": step.id,
                "delay": delay_text(step.delay),
                "instruction": step.instruction,
                "once": step.once,
                **({} if step.instruction_b is None else {"instruction_b": step.instruction_b}),
            }
            for step in chain.steps
        ],
        **terms_table(chain.terms),
    }


def terms_table(terms: Terms) -> dict[str, object]:
    """The keys of the table that are about the terms; those that say nothing are left out."""
    limits = {key: most for key, most in asdict(terms.limits).items() if most is not None}
    told: dict[str, object] = {
        "hours": None if terms.week is None else _texts(terms.week),
        "special_days": _texts(terms.special) or None,
        "client_zone": terms.client_zone or None,
        "limits": limits or None,
        "hold_out": terms.hold_out or None,
    }
    return {key: value for key, value in told.items() if value is not None}


def _texts(days: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    return {day: list(spans) for day, spans in days.items()}
