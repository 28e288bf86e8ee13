"""The plugin's table of an employee in the settings: on or off, and the steps."""

from datetime import timedelta
from itertools import count
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from plugins.followup.model import LONGEST_DELAY, Chain, Step, delay_of, delay_text

LONGEST_INSTRUCTION = 4000


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

    @field_validator("instruction")
    @classmethod
    def _something_to_do(cls, text: str) -> str:
        if not text.strip():
            raise ValueError("say what the reminder should do; it may not be empty")
        return text.strip()


class FollowupOptions(BaseModel):
    """`[employees.NAME.followup]`: who writes steps wants them, so it is on unless it says off."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = True
    steps: tuple[StepOptions, ...] = ()

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
        return tuple(
            Step(step.id or next(free), step.delay, step.instruction, step.once)
            for step in self.steps
        )


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
            }
            for step in chain.steps
        ],
    }
