"""The form of the tab: what a person typed, kept as it is until it can be saved."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from uuid import uuid4

from bot.api import SettingsError, Week, phrase, validated
from plugins.followup.commands.saving import Wish
from plugins.followup.model import LONGEST_DELAY, Chain, Limits, Step, Terms
from plugins.followup.options import (
    LARGEST_HOLD_OUT,
    LONGEST_INSTRUCTION,
    FollowupOptions,
    as_table,
)

MOST_STEPS = 100
LIMITS = tuple(each.name for each in fields(Limits))
_DIGITS = 8
_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)


class Wrong(StrEnum):
    """What can be wrong in a field."""

    SHARE = phrase("The hold-out is a whole number from 0 to 50.")
    NUMBER = phrase("Write whole numbers, like 4 and 30.")
    NO_DELAY = phrase("Say how long to wait: the delay may not be zero.")
    TOO_LONG = phrase("At most 3650 days can be waited.")
    NO_TASK = phrase("Say what the reminder should do; it may not be empty.")
    LONG_TASK = phrase("The instruction is too long: at most 4000 characters.")


@dataclass(frozen=True, slots=True)
class Row:
    """A step as the form has it; one that was never saved has no id."""

    id: str = ""
    hours: str = ""
    minutes: str = ""
    seconds: str = ""
    instruction: str = ""
    once: bool = False
    instruction_b: str = ""

    @classmethod
    def of(cls, step: Step) -> "Row":
        """A saved step; seconds only where it has some."""
        hours, rest = divmod(step.delay, _HOUR)
        minutes, rest = divmod(rest, _MINUTE)
        seconds = str(int(rest.total_seconds())) if rest else ""
        second = step.instruction_b or ""
        return cls(step.id, str(hours), str(minutes), seconds, step.instruction, step.once, second)

    @property
    def delay(self) -> "timedelta | Wrong":
        """How long it waits, or why that cannot be."""
        numbers = [_number(text) for text in (self.hours, self.minutes, self.seconds)]
        if any(number is None for number in numbers):
            return Wrong.NUMBER
        hours, minutes, seconds = (number or 0 for number in numbers)
        length = hours * 3600 + minutes * 60 + seconds
        if length == 0:
            return Wrong.NO_DELAY
        return timedelta(seconds=length) if length <= _LONGEST else Wrong.TOO_LONG

    @property
    def faults(self) -> Mapping[str, Wrong]:
        """What is wrong, by field."""
        task = self.instruction.strip()
        wrong: dict[str, Wrong] = {}
        if isinstance(self.delay, Wrong):
            wrong["delay"] = self.delay
        if not task or len(task) > LONGEST_INSTRUCTION:
            wrong["instruction"] = Wrong.LONG_TASK if task else Wrong.NO_TASK
        if len(self.instruction_b.strip()) > LONGEST_INSTRUCTION:
            wrong["instruction_b"] = Wrong.LONG_TASK
        return wrong


@dataclass(frozen=True, slots=True)
class Draft:
    """The whole form. `base` tells which chain it began from; `gone` was deleted last, from where.

    `restored` is the entry of the history that it was filled with. `own` are the reminders' own
    hours, if they have some.
    """

    enabled: bool
    rows: tuple[Row, ...]
    base: str
    gone: tuple[int, Row] | None = None
    restored: int | None = None
    own: Week | None = None
    client_zone: bool = False
    hold_out: str = "0"
    limits: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, chain: Chain) -> "Draft":
        """What is saved now."""
        terms = chain.terms
        return cls(
            chain.enabled,
            tuple(Row.of(step) for step in chain.steps),
            mark(chain),
            own=None if terms.week is None else Week.written(terms.week, terms.special),
            client_zone=terms.client_zone,
            hold_out=str(terms.hold_out),
            limits={key: str(most or "") for key, most in asdict(terms.limits).items()},
        )

    @classmethod
    def filled(cls, form: Mapping[str, object]) -> "Draft":
        """What came back from the browser."""
        texts = {key: text for key, text in form.items() if isinstance(text, str)}
        gone = _row(texts, "gone")
        place, restored = _number(texts.get("gone.place", "")), _number(texts.get("restored", ""))
        return cls(
            enabled="enabled" in texts,
            rows=tuple(_rows(texts)),
            base=texts.get("base", ""),
            gone=None if gone is None else (place or 0, gone),
            restored=restored or None,
            own=replace(Week.filled(texts), zone="", base="") if _has_own(texts) else None,
            client_zone="client_zone" in texts,
            hold_out=texts.get("hold_out", "").strip() or "0",
            limits={key: texts.get(f"limits.{key}", "").strip() for key in LIMITS},
        )

    def added(self) -> "Draft":
        """One more step at the end, empty."""
        return replace(self, rows=(*self.rows, Row())) if len(self.rows) < MOST_STEPS else self

    def moved(self, place: int, by: int) -> "Draft":
        """A step changes places with its neighbour."""
        rows, to = list(self.rows), place + by
        if not (0 <= place < len(rows) and 0 <= to < len(rows)):
            return self
        rows[place], rows[to] = rows[to], rows[place]
        return replace(self, rows=tuple(rows))

    def deleted(self, place: int) -> "Draft":
        """Without that step; it can be taken back."""
        if not 0 <= place < len(self.rows):
            return self
        rows = (*self.rows[:place], *self.rows[place + 1 :])
        return replace(self, rows=rows, gone=(place, self.rows[place]))

    def undone(self) -> "Draft":
        """What was deleted last is back in its place."""
        if self.gone is None:
            return self
        place, row = self.gone
        return replace(self, rows=(*self.rows[:place], row, *self.rows[place:]), gone=None)

    def timed(self, verb: str, form: Mapping[str, object]) -> "Draft":
        """After a button of the hours."""
        return self if self.own is None else replace(self, own=self.own.after(verb, form))

    @property
    def wrong(self) -> bool:
        """Whether it cannot be saved yet."""
        return self.share_wrong is not None or any(row.faults for row in self.rows)

    @property
    def share_wrong(self) -> "Wrong | None":
        """What is wrong with the hold-out."""
        share = _number(self.hold_out)
        return Wrong.SHARE if share is None or share > LARGEST_HOLD_OUT else None

    def differs(self, chain: Chain) -> bool:
        """Whether saving it would change that chain."""
        saved = Draft.of(chain)
        return replace(self, base="", gone=None, restored=None) != replace(saved, base="")

    def wish(self) -> Wish:
        """The chain that it asks for, checked as the settings file is. Raises SettingsError."""
        steps = [_table(row, row.delay) for row in self.rows if not row.faults]
        table: dict[str, object] = {
            "enabled": self.enabled,
            "steps": steps,
            "client_zone": self.client_zone,
            "hold_out": 0 if self.share_wrong else _number(self.hold_out),
            "limits": {key: text for key, text in self.limits.items() if text},
        }
        if self.own is not None:
            if self.own.twice:
                raise SettingsError(f"special_days.{self.own.twice[0]}: is there twice")
            week = self.own.table
            table |= {"hours": week["working_hours"], "special_days": week["special_days"]}
        return Wish.of(validated(FollowupOptions, table).chain)


def usable(draft: Draft) -> Chain:
    """The chain that the draft would be, without the steps that cannot be saved yet."""
    try:
        wish = draft.wish()
    except SettingsError:
        return Chain(enabled=draft.enabled)
    return Chain(wish.steps, wish.enabled, terms=wish.terms or Terms())


def mark(chain: Chain) -> str:
    """The same for the same switch, steps and terms, whoever saved them, and how often."""
    return sha256(json.dumps(as_table(chain), sort_keys=True).encode()).hexdigest()[:20]


def _has_own(texts: Mapping[str, str]) -> bool:
    return texts.get("hours") == "own"


_LONGEST = int(LONGEST_DELAY.total_seconds())


def _number(text: str) -> int | None:
    """A whole number, nothing counts as 0; None for what is none."""
    plain = text.strip()
    if not plain:
        return 0
    return int(plain) if plain.isdecimal() and len(plain) <= _DIGITS else None


def _table(row: Row, delay: object) -> dict[str, object]:
    return {
        "id": row.id or f"step-{uuid4().hex[:12]}",
        "delay": delay,
        "instruction": row.instruction,
        "once": row.once,
        "instruction_b": row.instruction_b.strip() or None,
    }


def _rows(texts: Mapping[str, str]) -> Iterator[Row]:
    for place in range(MOST_STEPS):
        row = _row(texts, f"step.{place}")
        if row is None:
            return
        yield row


def _row(texts: Mapping[str, str], name: str) -> Row | None:
    if f"{name}.instruction" not in texts:
        return None
    return Row(
        id=_clean(texts.get(f"{name}.id", "")),
        hours=texts.get(f"{name}.hours", ""),
        minutes=texts.get(f"{name}.minutes", ""),
        seconds=texts.get(f"{name}.seconds", ""),
        instruction=_clean(texts[f"{name}.instruction"]),
        once=f"{name}.once" in texts,
        instruction_b=_clean(texts.get(f"{name}.instruction_b", "")),
    )


def _clean(text: str) -> str:
    """Line breaks as everywhere else, and without the character that no database takes."""
    return text.replace("\r\n", "\n").replace("\0", " ").encode("utf-8", "replace").decode()
