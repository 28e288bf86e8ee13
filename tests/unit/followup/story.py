"""Plays a scenario of the manual on the pure rules, on a week that begins on a Monday.

Moments are written in the employee's local time: "Mon 09:00", and "2nd Mon 09:00" a week later.
A verdict or a failure happens to the reminder that is due at its moment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from plugins.followup.chain import (
    Go,
    Later,
    Missed,
    answered,
    at_moment,
    channel_failed,
    client_wrote,
    composer_failed,
    due,
    frozen,
    hurried,
    postponed,
    resumed,
    saved,
    sent,
    skipped,
    stopped,
)
from plugins.followup.hours import Hours
from plugins.followup.model import Chain, Due, Reason, Silence, Step, Waiting, delay_of
from plugins.followup.quiet import allowed, muted, never, opted, snoozed, unmuted

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WEEKS = ("", "2nd ", "3rd ")


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """`story` is what happens, `sent` what comes of it, `then` why nothing more is due."""

    title: str
    chain: str = "available 4h, offer 24h, goodbye 48h"
    hours: Mapping[str, Sequence[str]] = field(default_factory=dict)
    special: Mapping[str, Sequence[str]] = field(default_factory=dict)
    zone: str = "Europe/Berlin"
    monday: str = "2026-03-02"
    on: bool = True
    story: Sequence[str]
    sent: Sequence[str] = ()
    then: str = Reason.DONE


def steps_of(text: str) -> tuple[Step, ...]:
    """The steps that "available 4h, discount 24h once" means."""
    words = [step.split() for step in text.split(",") if step.strip()]
    return tuple(
        Step(name, delay_of(delay), f"Write about {name}.", once == ["once"])
        for name, delay, *once in words
    )


class Player:
    """One chat, its employee, and a clock that goes from happening to happening."""

    def __init__(self, scenario: Scenario) -> None:
        self.monday = date.fromisoformat(scenario.monday)
        self.zone = ZoneInfo(scenario.zone)
        self.hours = Hours.of(scenario.zone, scenario.hours, scenario.special)
        self.chain = Chain(steps_of(scenario.chain), scenario.on)
        self.silence: Silence | None = None
        self.up = True
        self.told: list[str] = []

    def play(self, story: Sequence[str]) -> None:
        """All of the story, and three weeks more."""
        happenings = [self.read(line) for line in story]
        assert all(one[0] <= other[0] for one, other in pairwise(happenings)), "in order, please"
        for at, what in happenings:
            self.send_before(at)
            self.happen(at, *what)
        self.send_before(self.moment("3rd Sun", "23:59"))

    def read(self, line: str) -> tuple[datetime, list[str]]:
        week = next((week for week in WEEKS[1:] if line.startswith(week)), "")
        day, clock, *what = line.removeprefix(week).split()
        return self.moment(week + day, clock), what

    def moment(self, day: str, clock: str) -> datetime:
        days = WEEKS.index(day[:-3]) * 7 + DAYS.index(day[-3:])
        wall = datetime.combine(self.monday + timedelta(days=days), time.fromisoformat(clock))
        return wall.replace(tzinfo=self.zone).astimezone(UTC)

    def written(self, at: datetime) -> str:
        local = at.astimezone(self.zone)
        weeks, day = divmod((local.date() - self.monday).days, 7)
        clock = local.time().isoformat("seconds").removesuffix(":00")
        return f"{WEEKS[weeks]}{DAYS[day]} {clock}"

    def due(self) -> Due | Waiting | None:
        return None if self.silence is None else due(self.silence, self.chain, self.hours)

    def send_before(self, moment: datetime) -> None:
        while self.up and isinstance(found := self.due(), Due) and found.at < moment:
            self.wake(found.at)

    def wake(self, now: datetime) -> None:
        """A timer fires; every verdict is `send`."""
        assert self.silence is not None
        match at_moment(self.silence, self.chain, self.hours, now):
            case Go(step):
                self.told.append(f"{self.written(now)} {step.id}")
                self.silence = sent(self.silence, step.id, now)
            case Missed(step):
                self.told.append(f"{self.written(now)} {step.id} {Reason.TOO_LATE}")
                self.silence = skipped(self.silence, step.id, now)
            case Later(at, closed=True):
                self.silence = postponed(self.silence, at)
            case Later() | Waiting():
                pass

    def happen(self, at: datetime, who: str, *words: str) -> None:
        text = " ".join(words)
        match who:
            case "client":
                self.silence = client_wrote(self.silence, self.clock_of(text) or at)
            case "save" | "off" | "on":
                steps = steps_of(text) if who == "save" else self.chain.steps
                on = self.chain.enabled if who == "save" else who == "on"
                self.chain = saved(self.chain, steps, at, enabled=on)
            case "down" | "up":
                self.up = who == "up"
                if self.up:
                    self.wake(at)
            case _:
                self.happen_in_silence(at, who, text)

    def happen_in_silence(self, at: datetime, who: str, text: str) -> None:
        if self.silence is None:
            return
        match who:
            case "employee":
                self.silence = answered(self.silence, at)
            case "manager":
                self.silence = frozen(answered(self.silence, at), at)
            case "pause":
                self.silence = frozen(self.silence, at)
            case "hurry":
                self.silence = hurried(self.silence, at)
            case "mute" | "snooze" | "unmute" | "never" | "allow" | "opt-out" | "opt-in":
                self.silence = self.after_wish(at, who, text)
            case "resume":
                self.silence = resumed(self.silence, self.chain, at)
            case _:
                self.silence = self.after_verdict(at, who, text)

    def after_wish(self, at: datetime, wish: str, text: str) -> Silence:
        """A manager's word on this chat, or the client's own."""
        assert self.silence is not None
        match wish:
            case "mute":
                return muted(self.silence, at)
            case "snooze":
                return snoozed(self.silence, self.clock_of(text) or at)
            case "unmute":
                return unmuted(self.silence, self.chain, at)
            case "never":
                return never(self.silence)
            case "allow":
                return allowed(self.silence, self.chain, at)
            case _:
                return opted(self.silence, out=wish == "opt-out")

    def after_verdict(self, at: datetime, verdict: str, text: str) -> Silence:
        """What came of the reminder that is due at that very moment."""
        assert self.silence is not None
        found = at_moment(self.silence, self.chain, self.hours, at)
        assert isinstance(found, Go), f"nothing is due at {self.written(at)}: {found}"
        match verdict:
            case "skip":
                return skipped(self.silence, found.step.id, at)
            case "uncertain":
                return sent(self.silence, found.step.id, at)
            case "postpone":
                return postponed(self.silence, self.clock_of(text) or at)
            case "stop":
                return stopped(self.silence, Reason(text))
            case "mute-model":
                return composer_failed(self.silence, found.step, at)
            case "busy":
                return channel_failed(self.silence, at, delay_of(text) if text else None)
            case _:
                raise AssertionError(f"{verdict}?")

    def clock_of(self, text: str) -> datetime | None:
        return self.read(text)[0] if text else None


def played(scenario: Scenario) -> tuple[list[str], str]:
    """What was sent, as "Mon 13:00 available", and the reason why nothing more is due."""
    player = Player(scenario)
    player.play(scenario.story)
    found = player.due()
    match found:
        case Waiting(reason):
            return player.told, reason
        case None:
            return player.told, "no silence"
        case _:
            return player.told, "due"
