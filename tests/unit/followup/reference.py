"""The rules once more, written from their page alone: slow, simple, everything in memory.

Nothing here may import the plugin; what both say alike is then likely true.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Table = Mapping[str, Any]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# At 00:01, until 2011.
CHANGES_A_MINUTE_AFTER = ("America/St_Johns",)


class WallClock:
    """An employee's hours, asked minute by minute what the clock on the wall says."""

    def __init__(self, zone: str, weekly: Mapping[str, Sequence[str]], special: Table) -> None:
        self.zone = ZoneInfo(zone)
        self.weekly = {day: [_ends(text) for text in texts] for day, texts in weekly.items()}
        self.special = {day: [_ends(text) for text in texts] for day, texts in special.items()}
        ends = [
            end
            for intervals in (*self.weekly.values(), *self.special.values())
            for interval in intervals
            for end in interval
        ]
        # Looking only at quarters is enough where neither hours nor clocks change in between.
        quarters = zone not in CHANGES_A_MINUTE_AFTER and all(end % 15 == 0 for end in ends)
        self.stride = 15 if quarters else 1
        self.found: dict[datetime, datetime | None] = {}

    def is_open(self, at: datetime) -> bool:
        """Whether the wall clock shows a time inside the hours."""
        if not self.weekly:
            return True
        local = at.astimezone(self.zone)
        minutes = local.hour * 60 + local.minute
        today, yesterday = local.date(), local.date() - timedelta(days=1)
        return any(
            begin <= minutes < end if begin < end else begin <= minutes
            for begin, end in self.beginning_on(today)
        ) or any(end <= begin and minutes < end for begin, end in self.beginning_on(yesterday))

    def beginning_on(self, day: date) -> Sequence[tuple[int, int]]:
        """The intervals that begin on that day, in minutes after its midnight."""
        if day.isoformat() in self.special:
            return self.special[day.isoformat()]
        return self.weekly.get(WEEKDAYS[day.weekday()], [])

    def first_open(self, at: datetime) -> datetime | None:
        """The first moment from `at` on that is open, found by looking at them all."""
        if at not in self.found:
            self.found[at] = at if self.is_open(at) else self.first_open_after(at)
        return self.found[at]

    def first_open_after(self, at: datetime) -> datetime | None:
        stride = timedelta(minutes=self.stride)
        moment = datetime(at.year, at.month, at.day, tzinfo=UTC)
        while moment <= at:
            moment += stride
        last = self.given_up_after(at)
        while moment <= last:
            if self.is_open(moment):
                return moment
            moment += stride
        return None

    def given_up_after(self, at: datetime) -> datetime:
        """A month after all special days are over, nothing new can happen."""
        days = [date.fromisoformat(day) for day in self.special]
        latest = max([at.date(), *days])
        return datetime(latest.year, latest.month, latest.day, tzinfo=UTC) + timedelta(days=31)


def _ends(text: str) -> tuple[int, int]:
    begin, end = (int(part[:2]) * 60 + int(part[3:]) for part in text.split("-"))
    return begin, end


def seconds(delay: str) -> int:
    """The length of a delay."""
    sizes = {"d": 86400, "h": 3600, "m": 60, "s": 1}
    return sum(int(count) * sizes[unit] for count, unit in re.findall(r"(\d+)([dhms])", delay))


@dataclass
class Step:
    id: str
    delay: timedelta
    once: bool

    @property
    def grace(self) -> timedelta:
        return min(timedelta(minutes=10), self.delay / 2)


@dataclass
class Employee:
    clock: WallClock
    enabled: bool
    steps: list[Step]
    switched_on: datetime | None = None
    saved: datetime | None = None


@dataclass
class Chat:
    employee: str
    silence: int
    began: datetime
    anchor: datetime
    answered: datetime | None = None
    sent: list[str] = field(default_factory=list)
    ever_sent: set[str] = field(default_factory=set)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def simulated(
    staff: Mapping[str, Table], lines: Sequence[Table | bytes], until: datetime
) -> tuple[list[dict[str, Any]], list[int]]:
    """What goes out, and the numbers of the bad lines; those that are bytes are bad as such."""
    company = Company(staff)
    bad = []
    latest = None
    for number, line in enumerate(lines, 1):
        if isinstance(line, bytes) or (latest is not None and moment(line["at"]) < latest):
            bad.append(number)
            continue
        latest = moment(line["at"])
        if latest <= until:
            company.send(lambda at, now=latest: at < now)
            company.hear(line)
    company.send(lambda at: at <= until)
    company.out.sort(key=lambda reminder: (reminder["at"], reminder["chat"]))
    return company.out, bad


class Company:
    """All employees, all chats, and all that was sent."""

    def __init__(self, staff: Mapping[str, Table]) -> None:
        self.employees = {name: _employee(table) for name, table in staff.items()}
        self.chats: dict[str, Chat] = {}
        self.out: list[dict[str, Any]] = []

    def hear(self, event: Table) -> None:
        at = moment(event["at"])
        if event["type"] == "settings":
            self.save(self.employees[event["employee"]], event["followup"], at)
            return
        chat = self.chats.get(event["chat"])
        if event["type"] == "employee":
            if chat is not None:
                chat.answered = at
        elif chat is None:
            self.chats[event["chat"]] = Chat(event["employee"], 1, at, at)
        else:
            chat.silence += 1
            chat.began = chat.anchor = at
            chat.answered = None
            chat.sent = []

    def save(self, employee: Employee, followup: Table, at: datetime) -> None:
        if followup["enabled"] and not employee.enabled:
            employee.switched_on = at
        employee.enabled = followup["enabled"]
        employee.steps = _steps(followup)
        employee.saved = at

    def send(self, allowed: Any) -> None:
        """Send the earliest, then look again at everything, until nothing is allowed any more."""
        while waiting := sorted(
            (at, name, step) for at, name, step in self.waiting() if allowed(at)
        ):
            at, name, step = waiting[0]
            chat = self.chats[name]
            chat.anchor = at
            chat.sent.append(step)
            chat.ever_sent.add(step)
            self.out.append(
                {
                    "at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                    "chat": name,
                    "employee": chat.employee,
                    "step": step,
                    "silence": chat.silence,
                }
            )

    def waiting(self) -> Iterator[tuple[datetime, str, str]]:
        for name, chat in self.chats.items():
            employee = self.employees[chat.employee]
            step = next_step(chat, employee)
            at = None if step is None else due(chat, employee, step)
            if step is not None and at is not None:
                yield at, name, step.id


def next_step(chat: Chat, employee: Employee) -> Step | None:
    """Rules 4, 5, 6, 9 and 10."""
    if not employee.enabled or chat.answered is None:
        return None
    if employee.switched_on is not None and chat.began < employee.switched_on:
        return None
    ids = [step.id for step in employee.steps]
    last = chat.sent[-1] if chat.sent else None
    rest = employee.steps[ids.index(last) + 1 :] if last in ids else employee.steps
    for step in rest:
        used_up = step.once and step.id in chat.ever_sent
        if step.id not in chat.sent and not used_up:
            return step
    return None


def due(chat: Chat, employee: Employee, step: Step) -> datetime | None:
    """Rules 1, 2, 6, 9 and then 7."""
    assert chat.answered is not None
    at = max(chat.anchor + step.delay, chat.answered + step.grace)
    if employee.saved is not None and at < employee.saved:
        at = employee.saved + step.grace
    return employee.clock.first_open(at)


def _employee(table: Table) -> Employee:
    clock = WallClock(
        table["timezone"], table.get("working_hours", {}), table.get("special_days", {})
    )
    return Employee(clock, table["followup"]["enabled"], _steps(table["followup"]))


def _steps(followup: Table) -> list[Step]:
    return [
        Step(step["id"], timedelta(seconds=seconds(step["delay"])), step["once"])
        for step in followup["steps"]
    ]
