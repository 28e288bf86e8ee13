"""Histories as hypothesis makes them up: everything that can happen, in any order, and go wrong.

After every happening the law is asked; at the end nobody dies any more, and all that the rules
say must have gone out.
"""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import core as hypothesis_core
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot.model import Author
from tests.proof.moods import AROUND, CHAINS, DECISIONS, HOURS, LENGTHS, TROUBLES, verdicts
from tests.proof.stage import Actor
from tests.proof.system import CHATS, WORKERS, System, incoming

ACTORS = 4

who = st.sampled_from(CHATS)
worker = st.sampled_from(WORKERS)
which = st.integers(0, ACTORS - 1)


class Histories(RuleBasedStateMachine):
    """One history of two chats, two workers, a channel, a model, and a clock that jumps."""

    system: ClassVar[System]

    def __init__(self) -> None:
        super().__init__()
        self.latest: dict[str, tuple[str, datetime]] = {}
        self.unheard: list[tuple[str, str, datetime]] = []
        self.sound = True

    @initialize(
        chain=st.sampled_from(CHAINS[:4]), hours=st.sampled_from(HOURS), talkative=st.booleans()
    )
    def a_client_is_answered(
        self, *, chain: list[dict[str, Any]], hours: dict[str, Any], talkative: bool
    ) -> None:
        self.system.reset(chain, **hours)
        self.system.channel.talkative = talkative
        self.client_writes("c1")
        self.system.run_jobs()
        self.check()

    # What people do.

    @rule(who=who)
    def client_writes(self, who: str) -> None:
        at = self.system.clock.now()
        self.latest[who] = (self.system.client(who), at)
        self.check()

    @rule(who=who, ago=st.sampled_from(LENGTHS))
    def a_message_arrives_late(self, who: str, ago: timedelta) -> None:
        self.system.client(who, at=self.system.clock.now() - ago)
        self.check()

    @precondition(lambda self: self.latest)
    @rule(who=who)
    def a_message_arrives_again(self, who: str) -> None:
        if who in self.latest:
            name, at = self.latest[who]
            self.system.again(who, name, at)
            self.check()

    @rule(who=who, statements=st.integers(0, 12))
    def the_process_dies_while_it_receives(self, who: str, statements: int) -> None:
        """What was not acknowledged is brought again by the network."""
        system, at = self.system, self.system.clock.now()
        name = f"{who} at {at} {len(system.law.books.messages)}"
        message = incoming(who, Author.CLIENT, name, at)
        app = system.apps["w2"]
        actor = system.begun(f"message {name}", "w2", lambda: app.inbox.receive(message))
        actor.statements_left = statements
        system.finish(actor)
        if actor.killed:
            self.unheard.append((who, name, at))
        self.check()

    @precondition(lambda self: self.unheard)
    @rule()
    def the_network_brings_it_again(self) -> None:
        who, name, at = self.unheard.pop()
        self.system.client(who, name=name, at=at)
        self.check()

    @rule(who=who)
    def a_manager_writes(self, who: str) -> None:
        self.system.manager(who)
        self.check()

    @rule(chat=st.integers(1, 2))
    def pause(self, chat: int) -> None:
        self.system.pause(chat)
        self.check()

    @rule(chat=st.integers(1, 2))
    def resume(self, chat: int) -> None:
        self.system.resume(chat)
        self.check()

    @rule(chain=st.sampled_from(CHAINS), hours=st.sampled_from(HOURS))
    def the_settings_are_edited(self, chain: list[dict[str, Any]], hours: dict[str, Any]) -> None:
        self.system.save(chain, enabled=self.system.law.books.chain.enabled, **hours)
        self.check()

    @rule(enabled=st.booleans())
    def off_or_on(self, *, enabled: bool) -> None:
        self.system.switch(enabled=enabled)
        self.check()

    # What workers do.

    @precondition(lambda self: len(self.system.actors) < ACTORS)
    @rule(worker=worker)
    def a_job_begins(self, worker: str) -> None:
        job = self.system.jobs.pop(self.system.clock.now())
        kind, key = job[1:] if job is not None else ("followup", 1)
        self.system.start(worker, kind, key)

    @precondition(lambda self: len(self.system.actors) < ACTORS)
    @rule(worker=worker, chat=st.integers(1, 2), kind=st.sampled_from(("followup", "answer")))
    def a_timer_fires_for_no_reason(self, worker: str, chat: int, kind: str) -> None:
        self.system.start(worker, kind, chat)

    @precondition(lambda self: len(self.system.actors) < ACTORS)
    @rule(worker=worker)
    def a_sweep_begins(self, worker: str) -> None:
        self.system.start(worker, "sweep", 0)

    @precondition(lambda self: len(self.system.actors) < ACTORS)
    @rule(worker=worker, point=st.sampled_from(("model", "send", "sent")))
    def a_reminder_is_under_way(self, worker: str, point: str) -> None:
        """The next one that is due, up to that point."""
        due = {
            at: chat
            for chat, each in self.system.law.books.standings.items()
            if (at := each.due_at)
        }
        if due:
            self.system.clock.move_to(max(self.system.clock.now(), min(due)))
            self.system.start(worker, "followup", due[min(due)])
            self.goes_to(self.system.actors[-1], point)

    @precondition(lambda self: self.system.actors)
    @rule(which=which, points=st.integers(1, 6))
    def somebody_goes_on(self, which: int, points: int) -> None:
        actor = self.actor(which)
        for _ in range(points):
            if not actor.gone:
                self.system.go(actor)
        self.check()

    @precondition(lambda self: self.system.actors)
    @rule(which=which, point=st.sampled_from(("model", "send", "sent", "the end")))
    def somebody_goes_to(self, which: int, point: str) -> None:
        self.goes_to(self.actor(which), point)

    @precondition(lambda self: self.system.actors)
    @rule(which=which, statements=st.integers(0, 40))
    def somebody_dies_at_a_statement(self, which: int, statements: int) -> None:
        actor = self.actor(which)
        actor.statements_left = statements
        self.system.finish(actor)
        self.check()

    @precondition(lambda self: self.system.actors)
    @rule(worker=worker)
    def a_process_dies(self, worker: str) -> None:
        self.system.kill(worker)
        self.check()

    @rule(worker=worker)
    def a_process_starts(self, worker: str) -> None:
        self.system.begin(worker)
        self.check()

    @precondition(lambda self: self.system.actors)
    @rule(which=which)
    def a_job_is_cancelled(self, which: int) -> None:
        self.system.cancel(self.actor(which))
        self.check()

    @rule()
    def the_jobs_are_lost(self) -> None:
        self.system.jobs.lose()

    @rule(who=who)
    def a_client_talks(self, who: str) -> None:
        """And is answered, as happens most."""
        self.client_writes(who)
        self.system.run_jobs()
        self.check()

    @rule(late=st.sampled_from((*LENGTHS[:2], *LENGTHS[:2], LENGTHS[-1])))
    def something_is_due_and_done(self, late: timedelta) -> None:
        """As happens most, too; or an outage before it."""
        self.until_something_is_due(late)
        self.all_is_well_for_a_moment()

    @rule()
    def all_is_well_for_a_moment(self) -> None:
        self.system.run_jobs()
        self.system.sweep()
        self.system.run_jobs()
        self.check()

    # Time, and what the outside is like.

    @rule(length=st.sampled_from(LENGTHS))
    def time_passes(self, length: timedelta) -> None:
        self.system.clock.advance(length)

    @rule(around=st.sampled_from(AROUND))
    def until_something_is_due(self, around: timedelta) -> None:
        """Or just before, or just after."""
        due = [each.due_at for each in self.system.law.books.standings.values()]
        moments = [at for at in due if at is not None]
        if moments:
            self.system.clock.move_to(min(moments) + around)

    @rule(length=st.sampled_from(LENGTHS[:6]))
    def the_clock_is_set_back(self, length: timedelta) -> None:
        self.system.clock.advance(-length)

    @rule(decision=st.sampled_from(DECISIONS))
    def the_model_will_say(self, decision: str) -> None:
        until = self.system.clock.now() + timedelta(hours=5)
        self.system.voice.mood.append(verdicts(until)[decision])

    @rule(trouble=st.sampled_from(tuple(TROUBLES)))
    def the_channel_will_be(self, trouble: str) -> None:
        when, error = TROUBLES[trouble]()
        channel = self.system.channel
        (channel.before if when == "before" else channel.after).append(error)

    def goes_to(self, actor: Actor, point: str) -> None:
        self.system.go(actor)
        while not actor.gone and actor.at != point:
            self.system.go(actor)
        self.check()

    def actor(self, which: int) -> Actor:
        return self.system.actors[which % len(self.system.actors)]

    def check(self) -> None:
        found = self.system.faults_found()
        self.sound = not found
        assert not found, "\n".join(found)

    def teardown(self) -> None:
        if self.sound:
            for who, name, at in self.unheard:
                self.system.client(who, name=name, at=at)
            self.system.settle()
            self.system.stop_all()
            self.check()
        self.system.stop_all()


def histories(
    system: System,
    count: int,
    kind: type[Histories] = Histories,
    *,
    length: int = 40,
    shrink: bool = True,
) -> None:
    """Run that many; the same ones at every run, unless `--hypothesis-seed` is given."""
    machine = type("Histories", (kind,), {"system": system})
    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=count,
            stateful_step_count=length,
            derandomize=hypothesis_core.global_force_seed is None,
            phases=phases,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            print_blob=False,
        ),
    )
