"""The same rules on a virtual clock: what would have been sent, over a stream of events.

Every verdict is `send` and every sending happens at once. A chat keeps one entry in the queue;
an entry that comes up before the chat's due moment moves itself, so that a message costs nothing.
"""

import heapq
import json
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from plugins.followup.chain import answered, client_wrote, due, saved, sent
from plugins.followup.events import Event, Fault, events
from plugins.followup.hours import Hours, reminder_hours
from plugins.followup.model import Chain, Due, Silence
from plugins.followup.options import FollowupOptions


@dataclass(frozen=True, slots=True)
class Reminder:
    """Something that would have been sent."""

    at: datetime
    chat: str
    employee: str
    step: str
    silence: int

    def line(self) -> str:
        """As JSON; fractions of a second are cut."""
        return json.dumps(
            {
                "at": f"{self.at.isoformat()[:19]}Z",
                "chat": self.chat,
                "employee": self.employee,
                "step": self.step,
                "silence": self.silence,
            },
            ensure_ascii=False,
        )


@dataclass(slots=True)
class _Chat:
    employee: str
    silence: Silence
    next: Due | None = None
    queued: datetime | None = None


class Simulation:
    """Takes events in order and tells the reminders between them.

    The hours of the staff are their working hours; a chain may have its own.
    """

    def __init__(self, staff: Mapping[str, tuple[Chain, Hours]]) -> None:
        self._chains = {employee: chain for employee, (chain, _) in staff.items()}
        self._working = {employee: hours for employee, (_, hours) in staff.items()}
        self._hours = {
            employee: reminder_hours(hours, chain.terms)
            for employee, (chain, hours) in staff.items()
        }
        self._chats: dict[str, _Chat] = {}
        self._by_employee: defaultdict[str, list[str]] = defaultdict(list)
        self._queue: list[tuple[datetime, str]] = []

    @property
    def employees(self) -> Container[str]:
        """Those that the settings know."""
        return self._chains.keys()

    def take(self, event: Event) -> None:
        """Let an event happen; everything due before it must have been told."""
        if event.settings is not None:
            self._save(event.employee, event.settings, event.at)
        elif event.kind == "client":
            self._client_wrote(event)
        elif (chat := self._chats.get(event.chat)) is not None:
            chat.silence = answered(chat.silence, event.at)
            self._plan(event.chat, chat)

    def before(self, moment: datetime) -> Iterator[Reminder]:
        """What is sent before that moment; an event comes before a reminder of its moment."""
        while self._queue and self._queue[0][0] < moment:
            at, name = heapq.heappop(self._queue)
            chat = self._chats[name]
            if chat.queued != at:
                continue
            chat.queued = None
            if chat.next is not None and chat.next.at == at:
                step = chat.next.step.id
                yield Reminder(at, name, chat.employee, step, chat.silence.number)
                chat.silence = sent(chat.silence, step, at)
                self._plan(name, chat)
            else:
                self._enqueue(name, chat)

    def _client_wrote(self, event: Event) -> None:
        chat = self._chats.get(event.chat)
        if chat is None:
            chat = _Chat(event.employee, client_wrote(None, event.at))
            self._chats[event.chat] = chat
            self._by_employee[event.employee].append(event.chat)
        else:
            chat.silence = client_wrote(chat.silence, event.at)
        chat.next = None

    def _save(self, employee: str, settings: FollowupOptions, at: datetime) -> None:
        terms = settings.terms
        chain = replace(self._chains[employee], terms=terms)
        self._chains[employee] = saved(chain, settings.chain_steps, at, enabled=settings.enabled)
        self._hours[employee] = reminder_hours(self._working[employee], terms)
        for name in self._by_employee[employee]:
            chat = self._chats[name]
            # A chat that waits for an answer has nothing planned, whatever the settings say.
            if chat.silence.answered_at is not None:
                self._plan(name, chat)

    def _plan(self, name: str, chat: _Chat) -> None:
        found = due(chat.silence, self._chains[chat.employee], self._hours[chat.employee])
        chat.next = found if isinstance(found, Due) else None
        self._enqueue(name, chat)

    def _enqueue(self, name: str, chat: _Chat) -> None:
        if chat.next is None or (chat.queued is not None and chat.queued <= chat.next.at):
            return
        chat.queued = chat.next.at
        heapq.heappush(self._queue, (chat.queued, name))


def simulate(
    simulation: Simulation, lines: Iterable[bytes], until: datetime
) -> Iterator[Reminder | Fault]:
    """Reminders up to and including `until`, by (second, chat), and a fault for each bad line."""
    second: list[Reminder] = []
    for found in _told(simulation, lines, until):
        if isinstance(found, Reminder):
            if second and _second(second[0]) != _second(found):
                yield from sorted(second, key=lambda reminder: reminder.chat)
                second.clear()
            second.append(found)
        else:
            yield found
    yield from sorted(second, key=lambda reminder: reminder.chat)


def _told(
    simulation: Simulation, lines: Iterable[bytes], until: datetime
) -> Iterator[Reminder | Fault]:
    for event in events(lines, simulation.employees):
        if isinstance(event, Fault):
            yield event
        elif event.at <= until:
            yield from simulation.before(event.at)
            simulation.take(event)
    yield from simulation.before(until + datetime.resolution)


def _second(reminder: Reminder) -> datetime:
    """The moment as it is printed: reminders of one printed second are told by chat."""
    return reminder.at.replace(microsecond=0)
