"""A chain as programs send and get it, and what saving it would do."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from bot.api import Asked, Hours, Key, SpecialDays, Text, Told, Week, When
from plugins.followup.api.shapes import EmployeeKey
from plugins.followup.model import LONGEST_DELAY, Chain, Limits, Terms
from plugins.followup.model import Step as ChainStep
from plugins.followup.options import LARGEST_HOLD_OUT, LONGEST_INSTRUCTION
from plugins.followup.settings_tab.draft import MOST_STEPS, Draft, Row, mark
from plugins.followup.settings_tab.history import Version as Kept

Name = Annotated[str, Field(pattern=r"^[^\x00]{1,64}$")]
Seconds = Annotated[int, Field(ge=1, le=int(LONGEST_DELAY.total_seconds()))]
Instruction = Annotated[Text, Field(min_length=1, max_length=LONGEST_INSTRUCTION)]


class StepTold(Told):
    """A step of a chain; its id stays, whatever is changed in it."""

    id: str
    delay_seconds: int
    instruction: str
    once: bool
    instruction_b: str | None = Field(description="What half of the chats get instead, to compare.")

    @classmethod
    def of(cls, step: ChainStep) -> "StepTold":
        """That step."""
        return cls(
            id=step.id,
            delay_seconds=int(step.delay.total_seconds()),
            instruction=step.instruction,
            once=step.once,
            instruction_b=step.instruction_b,
        )


class TermsTold(Told):
    """In which hours reminders go out: their own (null: the employee's), by whose clock."""

    hours: Mapping[str, Sequence[str]] | None
    special_days: Mapping[str, Sequence[str]]
    client_zone: bool

    @classmethod
    def of(cls, terms: Terms) -> "TermsTold":
        """Those terms."""
        return cls(hours=terms.week, special_days=terms.special, client_zone=terms.client_zone)


class LimitsTold(Told):
    """How much is too much; null is no limit."""

    chat_day: int | None
    chat_week: int | None
    person_day: int | None
    day: int | None
    tokens_day: int | None

    @classmethod
    def of(cls, limits: Limits) -> "LimitsTold":
        """Those limits."""
        return cls(**asdict(limits))


class ChainTold(Told):
    """An employee's follow-ups; `version` is for saving."""

    employee: str
    enabled: bool
    steps: Sequence[StepTold]
    terms: TermsTold
    limits: LimitsTold
    hold_out: int = Field(description="So many of a hundred chats get no reminders, to compare.")
    saved_at: When | None
    version: str

    @classmethod
    def of(cls, employee: str, chain: Chain) -> "ChainTold":
        """That chain."""
        return cls(
            employee=employee,
            enabled=chain.enabled,
            steps=[StepTold.of(step) for step in chain.steps],
            terms=TermsTold.of(chain.terms),
            limits=LimitsTold.of(chain.terms.limits),
            hold_out=chain.terms.hold_out,
            saved_at=chain.saved_at,
            version=mark(chain),
        )


class StepWish(Asked):
    """A step: keep the id of one that there is; a new one has none."""

    id: Name | None = None
    delay_seconds: Seconds
    instruction: Instruction
    once: bool = False
    instruction_b: Instruction | None = None

    @property
    def step(self) -> ChainStep:
        """The same for the rules; without an id it gets one when it is saved."""
        length = timedelta(seconds=self.delay_seconds)
        second = self.instruction_b
        return ChainStep(self.id or "", length, self.instruction, self.once, second)


class TermsWish(Asked):
    """Hours of the reminders' own (null: the employee's), and whether on the client's clock."""

    hours: Hours | None = None
    special_days: SpecialDays = Field(default_factory=dict)
    client_zone: bool = False

    @model_validator(mode="after")
    def _special_days_of_own_hours(self) -> Self:
        if self.special_days and self.hours is None:
            raise ValueError("special_days belong to hours of their own: give hours too")
        return self


Most = Annotated[int, Field(ge=1, le=10**9)]


class LimitsWish(Asked):
    """How much is too much; what is left out, or null, has no limit."""

    chat_day: Most | None = None
    chat_week: Most | None = None
    person_day: Most | None = None
    day: Most | None = None
    tokens_day: Most | None = None


Steps = Annotated[Sequence[StepWish], Field(max_length=MOST_STEPS)]


class StepsWish(Asked):
    """All steps, in order; terms, limits and hold-out that are left out stay as they are."""

    enabled: bool
    steps: Steps
    terms: TermsWish | None = None
    limits: LimitsWish | None = None
    hold_out: Annotated[int, Field(ge=0, le=LARGEST_HOLD_OUT)] | None = None

    def draft(self, chain: Chain) -> Draft:
        """The same as a form that showed that chain and was filled in."""
        rows = tuple(Row.of(each.step) for each in self.steps)
        draft = timed(replace(Draft.of(chain), enabled=self.enabled, rows=rows), self.terms)
        if self.limits is not None:
            most = self.limits.model_dump()
            draft = replace(draft, limits={key: str(each or "") for key, each in most.items()})
        return draft if self.hold_out is None else replace(draft, hold_out=str(self.hold_out))


def timed(draft: Draft, terms: TermsWish | None) -> Draft:
    """The draft with these terms, if there are some."""
    if terms is None:
        return draft
    own = None
    if terms.hours is not None:
        week, special = (
            {day: tuple(spans) for day, spans in days.items()}
            for days in (dict(terms.hours.items()), dict(terms.special_days))
        )
        own = Week.written(week, special)
    return replace(draft, own=own, client_zone=terms.client_zone)


class ChainWish(StepsWish):
    """All steps, in order; `version` is the one that you read."""

    version: str


class Rollback(Asked):
    """Which version (`id` of the history) to save again; `version` is that of the chain now."""

    to: Key
    version: str


class Keep(Asked):
    """Which of two compared instructions stays; `mark` is that of the comparison in the numbers."""

    mark: Name
    keep: Literal["a", "b"]


class VersionsKey(EmployeeKey):
    """Whose versions; those before that one."""

    before: Key | None = None


class VersionKey(EmployeeKey):
    """Which version."""

    id: Key


class Version(Told):
    """A chain as somebody saved it."""

    id: int
    at: When
    by: str
    how: str
    enabled: bool
    steps: Sequence[StepTold]
    terms: TermsTold
    limits: LimitsTold
    hold_out: int
    version: str

    @classmethod
    def of(cls, kept: Kept) -> "Version":
        """That version."""
        return cls(
            id=kept.id,
            at=kept.at,
            by=kept.by,
            how=kept.how,
            enabled=kept.chain.enabled,
            steps=[StepTold.of(step) for step in kept.chain.steps],
            terms=TermsTold.of(kept.chain.terms),
            limits=LimitsTold.of(kept.chain.terms.limits),
            hold_out=kept.chain.terms.hold_out,
            version=kept.mark,
        )


class Versions(Told):
    """A page of them, the latest first; `before` leads to the next page."""

    versions: Sequence[Version]
    before: int | None
