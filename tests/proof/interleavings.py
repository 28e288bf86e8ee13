"""Every order in which the transactions, compositions and sendings of some players can happen.

Who ends where others ended before, in the same state and having seen the same, goes on as they
did: such orders are counted and not played again. The database, the clock, the channel and what
each player saw make up that state.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bot.errors import BotError
from tests.proof.stage import Actor
from tests.proof.system import System

STOPS = frozenset({"write", "model", "send"})
"""Between these nothing happens that anybody else could see."""

Act = Callable[[System], object]


@dataclass(frozen=True)
class Scenario:
    """What was before, and who does what: jobs of a worker, and acts one after the other."""

    name: str
    before: Act
    jobs: Sequence[tuple[str, str]]
    acts: Sequence[Sequence[Act]] = ()


@dataclass
class Found:
    """What came of all orders of a scenario."""

    schedules: int = 0
    states: int = 0
    faults: list[str] = field(default_factory=list)


class Player:
    """Somebody with turns: a job from point to point, or a list of acts."""

    def __init__(self, system: System, part: Actor | Sequence[Act]) -> None:
        self._system = system
        self._actor = part if isinstance(part, Actor) else None
        self._acts = [] if isinstance(part, Actor) else [*part]
        self.saw: list[int] = []

    @property
    def ready(self) -> bool:
        if self._actor is None:
            return bool(self._acts)
        return self._actor in self._system.actors

    def turn(self, state: int) -> None:
        # The model and the channel are called with what was seen before.
        blind = self._actor is None or self._actor.at != "write"
        self.saw.append(0 if blind else state)
        if self._actor is None:
            self._acts.pop(0)(self._system)
        else:
            self._system.go(self._actor)

    @property
    def place(self) -> tuple[object, ...]:
        """Where it is, and all that could make a difference to what it does next."""
        if self._actor is None:
            return (len(self._acts),)
        return tuple(self.saw) if self.ready else ("gone",)


class Explorer:
    """Plays a scenario in every order; stops at the first that breaks the law."""

    def __init__(self, system: System, scenario: Scenario) -> None:
        self._system = system
        self._scenario = scenario
        self._known: dict[int, int] = {}
        self._players: list[Player] = []
        self._back: Callable[[], None] = lambda: None
        self.found = Found()

    def explore(self) -> Found:
        self._system.stop_all()
        self._scenario.before(self._system)
        self._back = self._system.remembered()
        self._begin()
        self.found.schedules = self._below(())
        self.found.states = len(self._known)
        return self.found

    def _below(self, order: tuple[int, ...]) -> int:
        """How many orders there are from here on."""
        here = self._here()
        if here in self._known:
            return self._known[here]
        ready = [place for place, player in enumerate(self._players) if player.ready]
        if not ready:
            self._end(order)
        total = 0 if ready else 1
        for count, place in enumerate(ready):
            if self.found.faults:
                break
            if count:
                self._replay(order)
            self._players[place].turn(self._outside())
            self._check((*order, place))
            total += self._below((*order, place))
        self._known[here] = total
        return total

    def _begin(self) -> None:
        system = self._system
        system.stop_all()
        self._back()
        jobs = [system.start(worker, kind, 1) for worker, kind in self._scenario.jobs]
        for actor in jobs:
            # Some have nothing to do, and are gone at once.
            system.go(actor)
        self._players = [Player(system, part) for part in [*jobs, *self._scenario.acts]]

    def _replay(self, order: Sequence[int]) -> None:
        self._begin()
        for place in order:
            self._players[place].turn(self._outside())

    def _end(self, order: Sequence[int]) -> None:
        self._system.settle()
        self._check(order)

    def _check(self, order: Sequence[int]) -> None:
        faults = self._system.faults_found()
        if faults and not self.found.faults:
            told = " ".join(str(place) for place in order)
            self.found.faults = [f"{self._scenario.name}, in the order {told}", *faults]

    def _outside(self) -> int:
        """What anybody could see."""
        system = self._system
        rows = system.law.books
        seen = [_plain(rows.chats), _plain(rows.reminders), _plain(rows.messages)]
        sent = [message.id for _, message in system.channel.sent]
        moods = [
            len(mood) for mood in (system.channel.before, system.channel.after, system.voice.mood)
        ]
        seen += [
            repr(system.channel.window),
            repr(rows.standings),
            repr(rows.chain),
            repr(rows.person),
            repr(sent),
            repr(moods),
        ]
        return hash((*seen, system.clock.now()))

    def _here(self) -> int:
        return hash((self._outside(), *(player.place for player in self._players)))


def _plain(rows: Any) -> str:
    """Rows without what is drawn by lot: of a token only whose it is."""
    return repr(
        [
            {k: str(v).partition(":")[0] if "token" in k else v for k, v in row.items()}
            for row in rows.values()
        ]
    )


# Scenarios: in all of them a reminder of chat 1 is due, and two workers are told.

TWO = (("w1", "followup"), ("w2", "followup"))
CHAIN = [
    {"id": "s1", "delay": "4h", "instruction": "Do the thing of s1 now.", "once": True},
    {"id": "s2", "delay": "4h", "instruction": "Do the thing of s2 now."},
]
OTHER = [{"id": "s3", "delay": "1h", "instruction": "Do the thing of s3 now."}]
NIGHT = {"working_hours": {"mon": ["20:00-23:00"], "tue": ["20:00-23:00"]}}
LEASE = timedelta(minutes=10)


def due(system: System) -> None:
    """Four hours after an answered message, to the second."""
    system.reset(CHAIN)
    system.client()
    system.run_jobs()
    system.clock.advance(timedelta(hours=4))


def due_before_the_end(system: System) -> None:
    """The same, a minute before the hours end."""
    system.reset(CHAIN, working_hours={"mon": ["08:00-13:01"], "tue": ["08:00-13:01"]})
    system.client()
    system.run_jobs()
    system.clock.advance(timedelta(hours=4))


def but(trouble: BotError, *, after: bool = False) -> Act:
    """The same, and the channel has a bad moment."""

    def before(system: System) -> None:
        due(system)
        (system.channel.after if after else system.channel.before).append(trouble)

    return before


def told(said: str | BotError) -> Act:
    """The same, and the model says something else."""

    def before(system: System) -> None:
        due(system)
        system.voice.mood.append(said)

    return before


def unanswered(system: System) -> None:
    """A client waits for an answer."""
    system.reset(CHAIN)
    system.client()


def reply(system: System) -> None:
    system.client(name="reply")


def second_reply(system: System) -> None:
    system.client(name="another reply")


def time_passes(system: System) -> None:
    system.clock.advance(LEASE)


def a_day_passes(system: System) -> None:
    system.clock.advance(timedelta(hours=25))


def time_runs_back(system: System) -> None:
    system.clock.advance(-timedelta(hours=1))


def sweep(system: System) -> None:
    system.sweep()


def death(system: System) -> None:
    system.kill("w1")


def rebirth(system: System) -> None:
    system.begin("w1")


def off(system: System) -> None:
    system.switch(enabled=False)


def on(system: System) -> None:
    system.switch(enabled=True)


def other_steps(system: System) -> None:
    system.save(OTHER, enabled=True)


def closed(system: System) -> None:
    system.save(CHAIN, enabled=True, **NIGHT)


def manager(system: System) -> None:
    system.manager(name="manager")


def pause(system: System) -> None:
    system.pause(1)


def resume(system: System) -> None:
    system.resume(1)
