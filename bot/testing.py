"""Fakes for plugin and channel authors: a clock that is moved, jobs and channels in memory."""

import heapq
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

from bot.errors import BotError, ChannelError
from bot.model import Arrival, Chat, ChatRef, Incoming, Message, Rate, Reply, Screen
from bot.ports import Ailment, Transaction

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class FakeClock:
    """Stands still until it is moved."""

    def __init__(self, now: datetime = MONDAY) -> None:
        self._now = now

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return self._now

    def move_to(self, at: datetime) -> None:
        """Jump there, also backwards."""
        self._now = at

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self._now += by


class FakePulse:
    """Healthy until something else is set."""

    def __init__(self) -> None:
        self.now: Ailment | None = None

    async def ailment(self) -> Ailment | None:
        """As `ports.Pulse.ailment`."""
        return self.now


class FakeJobs:
    """Wake-ups in memory, in order; `lose` is what emptying Redis does."""

    def __init__(self) -> None:
        self._waiting: list[tuple[datetime, str, int, int]] = []

    def wake(self, kind: str, key: int, at: datetime, turn: int = 0) -> None:
        """As `ports.Jobs.wake`."""
        job = (at, kind, key, turn)
        if job not in self._waiting:
            heapq.heappush(self._waiting, job)

    def pop(self, until: datetime) -> tuple[datetime, str, int] | None:
        """The next job that is due by then, taken out."""
        if not self._waiting or self._waiting[0][0] > until:
            return None
        at, kind, key, _ = heapq.heappop(self._waiting)
        return at, kind, key

    @property
    def waiting(self) -> Sequence[tuple[datetime, str, int]]:
        """What waits, the earliest first."""
        return [(at, kind, key) for at, kind, key, _ in sorted(self._waiting)]

    def lose(self) -> None:
        """Forget everything."""
        self._waiting.clear()


class FakeSender:
    """Keeps what it sends; raises what it was told to, once each, before or after sending.

    `tells` is what it answers to `was_sent`: None for a channel that cannot tell. `window` is how
    long after the client's latest message it is open; None: always.
    """

    def __init__(self) -> None:
        self.sent: list[tuple[ChatRef, Message]] = []
        self.before: deque[BotError] = deque()
        self.after: deque[BotError] = deque()
        self.tells: Callable[[Message], bool | None] = lambda _message: None
        self.window: timedelta | None = None

    async def send(self, chat: Chat, message: Message) -> str | None:
        """As `networks.Sender.send`."""
        if self.before:
            raise self.before.popleft()
        self.sent.append((chat.ref, message))
        if self.after:
            raise self.after.popleft()
        return f"sent-{len(self.sent)}"

    async def was_sent(self, chat: Chat, message: Message) -> bool | None:
        """As `networks.Sender.was_sent`."""
        return self.tells(message)

    def is_open(self, chat: Chat, at: datetime) -> bool:
        """As `networks.Sender.is_open`."""
        if self.window is None or chat.client_at is None:
            return True
        return at < chat.client_at + self.window

    @property
    def texts(self) -> Sequence[str]:
        """What was sent, in order."""
        return [message.text for _, message in self.sent]


class FakeDesk:
    """Takes what begins with a slash from its admins, and keeps it."""

    def __init__(self, *admins: str) -> None:
        self.admins = admins
        self.taken: list[tuple[Incoming, str | None]] = []

    async def take(self, incoming: Incoming, edits: str | None = None) -> bool:
        """As `networks.Desk.take`."""
        if incoming.sender not in self.admins or not incoming.text.startswith("/"):
            return False
        self.taken.append((incoming, edits))
        return True


class FakeConsole:
    """Keeps the screens that admins were shown; raises what it was told to, once each."""

    def __init__(self) -> None:
        self.shown: list[tuple[ChatRef, Screen, str | None]] = []
        self.faults: deque[BotError] = deque()

    async def show(self, ref: ChatRef, screen: Screen, edits: str | None) -> None:
        """As `networks.Console.show`."""
        if self.faults:
            raise self.faults.popleft()
        self.shown.append((ref, screen, edits))

    def address(self, admin: str) -> str:
        """As `networks.Console.address`."""
        return admin

    @property
    def texts(self) -> Sequence[str]:
        """What was shown, in order."""
        return [screen.text for _, screen, _ in self.shown]


class FakeAlarm:
    """Keeps what admins are told, by key, once the transaction is on disk."""

    def __init__(self) -> None:
        self.told: dict[str, str] = {}

    async def ring(self, tx: Transaction, key: str, text: str, employee: str | None = None) -> None:
        """As `ports.Alarm.ring`."""
        tx.after_commit(lambda: self._keep(key, text))

    def _keep(self, key: str, text: str) -> None:
        self.told.setdefault(key, text)

    @property
    def texts(self) -> Sequence[str]:
        """What they were told, in order."""
        return list(self.told.values())


class FakeReports:
    """Keeps what a network told later: message or address, and what became of it."""

    def __init__(self) -> None:
        self.told: list[tuple[int | str, Arrival | ChannelError | datetime]] = []

    async def arrived(self, account: str, message: int, arrival: Arrival) -> None:
        """As `networks.Reports.arrived`."""
        self.told.append((message, arrival))

    async def refused(self, account: str, message: int, error: ChannelError) -> None:
        """As `networks.Reports.refused`."""
        self.told.append((message, error))

    async def unreachable(self, ref: ChatRef, at: datetime) -> None:
        """As `networks.Reports.unreachable`."""
        self.told.append((ref.address, at))


class FakeThrottle:
    """Answers `waits` at the gate, `crowd` before the send, then lets everything pass.

    `left` is how long every network still wants us to wait.
    """

    def __init__(self, *waits: timedelta) -> None:
        self.waits = deque(waits)
        self.holds: dict[str, timedelta] = {}
        self.left = timedelta()
        self.asked: list[tuple[str, Chat, Sequence[Rate]]] = []
        self.crowd: deque[timedelta] = deque()

    async def slot(self, door: str, chat: Chat, rates: Sequence[Rate]) -> timedelta:
        """As `networks.Throttle.slot`."""
        self.asked.append((door, chat, rates))
        waits = self.crowd if door == "send" else self.waits
        return waits.popleft() if waits else timedelta()

    async def hold(self, account: str, wait: timedelta) -> None:
        """As `networks.Throttle.hold`."""
        self.holds[account] = wait

    async def held(self, account: str) -> timedelta:
        """As `networks.Throttle.held`."""
        return self.left


class FakeModel:
    """Says what it was told to say, in order, then the last thing again; keeps what it was asked.

    `answers` are for plain questions, `structured` for those with a schema. An error is raised.
    `meanwhile` is awaited before an answer: what happens while the model thinks.
    """

    def __init__(
        self,
        structured: Iterable[str | BotError] = ("{}",),
        answers: Iterable[str | BotError] = ("Hello!",),
    ) -> None:
        self.structured = deque(structured)
        self.answers = deque(answers)
        self.asked: list[tuple[Sequence[tuple[str, str]], dict[str, object] | None]] = []
        self.meanwhile: deque[Callable[[], Awaitable[object]]] = deque()

    async def complete(
        self, messages: Sequence[tuple[str, str]], schema: dict[str, object] | None = None
    ) -> Reply:
        """As `ports.Model.complete`."""
        self.asked.append((messages, schema))
        if self.meanwhile:
            await self.meanwhile.popleft()()
        script = self.answers if schema is None else self.structured
        said = script.popleft() if len(script) > 1 else script[0]
        if isinstance(said, BotError):
            raise said
        return Reply(said, tokens=42)
