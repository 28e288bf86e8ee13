"""Promises broken by hand, as no code of ours would break them.

The chats are those of the fixture `office`: client 1 wrote at 9:00 and got s1 at 13:00, wrote at
14:00 and got s2 at 18:00; client 2 wrote at 17:00 and waits for the morning.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Executable, delete, insert, update

from bot.store.tables import chats, employees, messages
from bot.testing import MONDAY
from plugins.followup.adapters.tables import chains, reminders, silences

HOUR = timedelta(hours=1)
SECRET = "call me at 0170 5551234"  # noqa: S105  what a client might say

Sent = Callable[[int], int]
"""The id of what was sent to the first client under that number."""
Hand = Callable[[Sent], Sequence[Executable]]


def said(n: int, chat: int = 1) -> Any:
    return (messages.c.chat_id == chat) & (messages.c.n == n)


def of_chat(table: Any, chat: int = 1) -> Any:
    return table.c.chat_id == chat


def reminder(silence: int) -> Any:
    return of_chat(reminders) & (reminders.c.silence == silence)


def another(**values: Any) -> Executable:
    """One more reminder of the first chat."""
    row = {"chat_id": 1, "silence": 2, "step_id": "s3", "instruction": "x", "state": "cancelled"}
    return insert(reminders).values(row | {"settled_at": MONDAY} | values)


def under_way(name: str) -> Executable:
    held = {"token": "t", "lease": MONDAY + 20 * HOUR, "claimed_at": MONDAY}
    return another(step_id=name, state="claimed", settled_at=None, **held)


def another_message(n: int, **values: Any) -> Sequence[Executable]:
    row = {"chat_id": 1, "n": n, "author": "employee", "text": SECRET, "delivery": "sent"}
    row |= {"at": MONDAY + 9 * HOUR, **values}
    moved = {"last_n": n}
    return [insert(messages).values(row), update(chats).where(chats.c.id == 1).values(moved)]


def sent_at(silence: int, n: int, at: datetime) -> Sequence[Executable]:
    return [
        update(messages).where(said(n)).values(at=at),
        update(reminders).where(reminder(silence)).values(intent_at=at, settled_at=at),
    ]


def standing(chat: int = 1, **values: Any) -> Sequence[Executable]:
    return [update(silences).where(of_chat(silences, chat)).values(values)]


def of_the_chat(**values: Any) -> Sequence[Executable]:
    return [update(chats).where(chats.c.id == 1).values(values)]


def rows(of: int, /, **values: Any) -> Sequence[Executable]:
    return [update(reminders).where(reminder(of)).values(values)]


def message(n: int, **values: Any) -> Executable:
    return update(messages).where(said(n)).values(values)


def failed(n: int) -> Executable:
    return message(n, delivery="failed")


TUESDAYS = {"tue": ["08:00-20:00"]}
ONE_STEP = [{"id": "s1", "seconds": 14400, "instruction": "x", "once": True}]

HANDS: Sequence[tuple[str, str, Hand]] = [
    ("I1", "belongs to no reminder", lambda _: another_message(7, plugin="followup")),
    ("I1", "belongs to 2 reminders", lambda sent: rows(1, message_id=sent(6))),
    ("I2", "after a message of the client", lambda _: rows(2, silence=1)),
    ("I2", "which began its silence", lambda _: rows(1, silence=2)),
    ("I2", "of a silence that did not begin", lambda _: rows(2, silence=3)),
    (
        "I2",
        "before the client was answered",
        lambda _: [failed(5)],
    ),
    ("I3", "sent outside the hours", lambda _: [update(employees).values(working_hours=TUESDAYS)]),
    ("I4", "was sent before", lambda _: rows(2, step_id="s1")),
    ("I4", "not remembered as used", lambda _: standing(used=[])),
    ("I5", "no silence began", lambda _: [delete(silences).where(of_chat(silences, 2))]),
    ("I5", "its silence is of message 1", lambda _: standing(client_n=1)),
    ("I5", "no colleague has the chat", lambda _: standing(frozen_since=MONDAY)),
    ("I5", "nobody is going to answer", lambda _: of_the_chat(waiting_since=MONDAY)),
    ("I5", "for a client who does not wait", lambda _: of_the_chat(answer_at=MONDAY)),
    (
        "I5",
        "nobody answered message 4",
        lambda _: [failed(5)],
    ),
    ("I6", "messages between 1 and 3 are", lambda _: [delete(messages).where(said(2))]),
    ("I6", "the chat counts 9", lambda _: of_the_chat(last_n=9)),
    ("I6", "the chat says 1", lambda _: of_the_chat(client_n=1)),
    ("I7", "3:00:00 too early", lambda _: sent_at(2, 6, MONDAY + 6 * HOUR)),
    ("I7", "1:00:00 too early", lambda _: [*sent_at(1, 3, MONDAY + 6 * HOUR), *rows(2, silence=1)]),
    ("I7", "0:10:00 too early", lambda _: [message(5, at=MONDAY + 9 * HOUR)]),
    ("I8", "its anchor is before reminder", lambda _: standing(anchor=MONDAY + 6 * HOUR)),
    ("I8", "before its silence began", lambda _: standing(anchor=MONDAY)),
    ("I8", "began before message 4", lambda _: standing(began=MONDAY)),
    ("I9", "has a message that is sent", lambda _: rows(2, state="uncertain")),
    ("I9", "is over, and still claimed", lambda _: rows(2, token="t")),  # noqa: S106  no password
    ("I9", "has no message, no moment", lambda _: rows(2, message_id=None, intent_at=None)),
    ("I9", "this chat does not have", lambda _: rows(2, message_id=999)),
    ("I9", "of another moment", lambda _: rows(2, intent_at=MONDAY)),
    ("I9", "no token, no lease", lambda _: rows(2, state="claimed")),
    ("I9", "has follow-ups, and is not stored", lambda _: [another(chat_id=99)]),
    ("I9", "of a client is failed", lambda _: [failed(4)]),
    ("I10", "the model failed 3 times", lambda _: standing(composer_failures=3)),
    ("I10", "the channel failed 4 times", lambda _: standing(channel_failures=4)),
    ("I10", "has no reason", lambda _: [another(state="failed")]),
    ("I10", "its chain goes on", lambda _: [another(state="failed", reason="unreachable")]),
    ("I10", "failed 6 times", lambda _: of_the_chat(answer_at=MONDAY, answer_failures=6)),
    ("I11", "was claimed while", lambda _: [under_way("s3"), under_way("s4")]),
    ("I11", "the client wrote since", lambda _: [another(silence=1, state="scheduled")]),
    ("I12", "opted out, stopped or frozen", lambda _: standing(2, opted_out=True)),
    ("I12", "the chat was muted", lambda _: standing(muted_since=MONDAY + 8 * HOUR)),
    (
        "I12",
        "the client had wished for no more",
        lambda _: [
            *standing(opted_out=True),
            *of_the_chat(opted_out_at=MONDAY + 5 * HOUR),
        ],
    ),
    ("I12", "its chain is not frozen", lambda _: of_the_chat(paused_since=MONDAY)),
    ("I12", "follow-ups are off for", lambda _: [update(chains).values(enabled=False)]),
    ("I12", "although follow-ups are off", lambda _: [update(chains).values(enabled=False)]),
    (
        "I12",
        "before follow-ups were switched on",
        lambda _: [update(chains).values(enabled_since=MONDAY + 8 * HOUR)],
    ),
    (
        "I12",
        "although a colleague had the chat",
        lambda _: [
            update(messages).where(said(5)).values(author="manager"),
            *of_the_chat(paused_since=MONDAY + 5 * HOUR),
        ],
    ),
    ("I13", "it is listed as step s1 at", lambda _: standing(2, due_at=MONDAY + 9 * HOUR)),
    ("I13", "it is listed as off", lambda _: standing(1, reason="off")),
    ("I13", "not among the steps passed", lambda _: standing(passed=[])),
    ("I13", "passed twice", lambda _: standing(passed=["s2", "s2"])),
    ("I13", "has no reminder there", lambda _: standing(passed=["s2", "s1"])),
    ("I13", "has no such step", lambda _: [update(chains).values(steps=ONE_STEP)]),
]
