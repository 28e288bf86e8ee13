"""How long what was due, or left behind by the dead, lay there after the last fault."""

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.clock import SystemClock
from tests.torture.store import Row, Store

_LOOK = 0.5
_DUE = (
    "SELECT s.chat_id, s.due_at FROM followup_silences s WHERE s.due_at IS NOT NULL AND NOT EXISTS"
    " (SELECT 1 FROM followup_reminders r WHERE r.chat_id = s.chat_id"
    " AND r.state IN ('claimed', 'sending'))"
)
_HELD = "SELECT chat_id, lease, token FROM followup_reminders WHERE state IN ('claimed', 'sending')"
_UNDER_WAY = (
    "SELECT (SELECT count(*) FROM followup_reminders WHERE state IN ('claimed', 'sending'))"
    " + (SELECT count(*) FROM messages WHERE delivery = 'sending')"
    " + (SELECT count(*) FROM followup_silences s JOIN chats c ON c.id = s.chat_id"
    "    WHERE s.reason = 'waiting_for_answer' AND c.answer_failures = 0) AS n"
)
_WAITING = (
    "SELECT due_at, channel_failures + composer_failures AS failures FROM followup_silences"
    " WHERE due_at IS NOT NULL"
    " UNION ALL SELECT answer_at, answer_failures FROM chats WHERE answer_at IS NOT NULL"
)
# What failed is tried again after pauses that grow to ten minutes; longer ones are not waited for.
_PAUSE = timedelta(seconds=150)


@dataclass
class Recovery:
    """What was found when the faults ended, and the longest that any of it waited, in seconds."""

    found: int = 0
    due: float = 0.0
    claimed: float = 0.0


def settle(
    store: Store, since: datetime, patience: float, clients: Future[None]
) -> tuple[Recovery, bool]:
    """Watch until nothing is left to do, for the clients too; false if that outlasts patience."""
    recovery = Recovery(_left_over(store, since))
    pause = threading.Event()
    quiet = 0
    while (SystemClock().now() - since).total_seconds() < patience:
        _look(store, since, recovery)
        # A chain's next step may begin between two looks.
        quiet = quiet + 1 if clients.done() and not _is_busy(store) else 0
        if quiet > 2:
            return recovery, True
        pause.wait(_LOOK)
    return recovery, False


def _is_busy(store: Store) -> bool:
    """Whether anything is under way, or will be soon."""
    soon = SystemClock().now() + _PAUSE
    waiting = store.rows(_WAITING)
    soon_or_new = any(row["due_at"] <= soon or not row["failures"] for row in waiting)
    return soon_or_new or store.count(_UNDER_WAY) > 0


def _left_over(store: Store, since: datetime) -> int:
    late = sum(1 for row in store.rows(_DUE) if row["due_at"] <= since)
    return late + len(store.rows(_HELD))


def _look(store: Store, since: datetime, recovery: Recovery) -> None:
    now = SystemClock().now()
    due, held = store.rows(_DUE), store.rows(_HELD)
    recovery.due = max(recovery.due, _longest(due, "due_at", since, now))
    recovery.claimed = max(recovery.claimed, _longest(held, "lease", since, now))


def _longest(rows: Sequence[Row], moment: str, since: datetime, now: datetime) -> float:
    """How long the oldest of them has been overdue, the time of the faults left out."""
    waits = [(now - max(row[moment], since)).total_seconds() for row in rows if row[moment]]
    return max([0.0, *waits])


def settle_alone(store: Store, patience: float) -> Recovery:
    """The same when no client is at work any more."""
    nobody: Future[None] = Future()
    nobody.set_result(None)
    return settle(store, SystemClock().now(), patience, nobody)[0]
