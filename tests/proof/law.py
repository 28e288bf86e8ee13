"""What must hold whatever happens: looks at the books after every transaction.

What it finds is kept, not raised: whoever is under test would catch it.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from bot.model import ChatRef, Message
from plugins.followup.model import Reason, Silence
from tests.proof.books import Books, Reader, Row, Standing, sure
from tests.proof.gate import gate_faults
from tests.proof.owed import DAY, owed
from tests.proof.standing import standing_faults

POSTPONED = Reason.MUTED
"""The model gives this reason when it postpones, and at no other time."""
FOLLOWS = {
    "scheduled": {"claimed", "cancelled", "skipped", "failed"},
    "claimed": {"scheduled", "sending", "skipped", "cancelled", "failed"},
    "sending": {"sent", "uncertain", "failed", "scheduled", "cancelled"},
    "uncertain": {"sent", "failed"},
    "sent": {"failed"},
    "cancelled": {"claimed", "skipped", "failed"},
}
OUT = {"sent", "uncertain"}
PROMPT = timedelta(minutes=1)


class Law:
    """Watches one database and one channel."""

    def __init__(
        self, reader: Reader, clock: Callable[[], datetime], told: Callable[[], object]
    ) -> None:
        self._reader = reader
        self._now = clock
        self.window: Callable[[], timedelta | None] = lambda: None
        self._told = told
        self.reset()

    def reset(self) -> None:
        self.broken: list[str] = []
        self.books = self._reader.read()
        self._seen = self._reader.version()
        self.quiet_since: datetime | None = None
        self._owners: dict[int, tuple[int, int, str]] = {}
        self._until: dict[int, datetime] = {}
        self._freed: set[int] = set()
        self._refused: set[int] = set()

    def resumed(self, chat: int) -> None:
        """The employee gets the chat back: what it was postponed to does not count any more."""
        self._until.pop(chat, None)

    def freed(self, chat: int) -> None:
        """Whoever wished that chat to be quiet takes it back; nothing else does."""
        self._freed.add(chat)

    def refused(self, message: int) -> None:
        """The network takes its word back."""
        self._refused.add(message)

    def was_refused(self, message: int) -> bool:
        return message in self._refused

    def look(self) -> None:
        """After each transaction."""
        version = self._reader.version()
        if version == self._seen:
            return
        before, self.books, self._seen = self.books, self._reader.read(), version
        for row in self.books.messages.values():
            if row["plugin"] is not None and row["id"] not in before.messages:
                self._add(f"message {row['id']}", self._at_the_gate(before, row))
        for chat in self.books.standings:
            self._add(f"chat {chat}", self._moved(before, chat))
            self._add(f"chat {chat}", standing_faults(self.books, chat))
        self._add("message", self._unknown_after_all())
        self._freed.clear()

    def channel(self, sent: Sequence[tuple[ChatRef, Message]]) -> None:
        """Nothing reached the channel twice, and nothing that is going to be sent again."""
        out = [message.id for _, message in sent]
        owners = Counter(self._owners[key] for key in out if key in self._owners)
        self._add("channel", (f"message {key} twice" for key, n in Counter(out).items() if n > 1))
        self._add(
            "channel", (f"(chat, silence, step) {key} twice" for key, n in owners.items() if n > 1)
        )
        for row in self.books.reminders.values():
            unsent = row["state"] in {"scheduled", "failed", "cancelled"}
            lost = row["state"] == "failed" and row["message_id"] in self._refused
            if row["message_id"] in out and unsent and not lost:
                self._add("channel", [f"has the reminder that is said to be {row['state']}"])

    def _add(self, who: str, faults: Iterable[str]) -> None:
        self.broken += [f"{who}: {fault}" for fault in faults]

    def _unknown_after_all(self) -> Iterator[str]:
        """What is known to have arrived is not called uncertain, nor failed."""
        for row in self.books.messages.values():
            if row["arrival"] is not None and row["delivery"] in {"uncertain", "failed"}:
                yield f"{row['id']} is {row['delivery']}, and it arrived"

    def _at_the_gate(self, before: Books, message: Row) -> Iterator[str]:
        """Whether that reminder could go out when its intent was recorded."""
        chat, at = message["chat_id"], sure(message["at"])
        mine = [r for r in self.books.attempts(chat) if r["message_id"] == message["id"]]
        if len(mine) != 1:
            yield "is not known as one reminder's"
            return
        self._owners[message["id"]] = (chat, mine[0]["silence"], mine[0]["step_id"])
        yield from gate_faults(before, self.books, mine[0], message)
        window, client_at = self.window(), sure(before.chats[chat]["client_at"])
        if window is not None and at >= client_at + window:
            yield "the network's window is closed"
        # An admin who wants it now takes back what it was postponed to.
        until, hurried = self._until.pop(chat, at), before.standings[chat].silence.hurried_at
        if at < until and hurried is None:
            yield "comes before the moment to which the model postponed it"
        due = before.standings[chat].due_at
        if self.quiet_since is not None and due is not None:
            late = at - max(due, self.quiet_since)
            if late > PROMPT:
                yield f"is late by {late} although nothing is wrong"

    def _moved(self, before: Books, chat: int) -> Iterator[str]:
        """What a chat may do from one transaction to the next."""
        was, now = before.standings.get(chat), self.books.standings[chat]
        for row in self.books.attempts(chat):
            old = before.reminders.get(row["id"])
            state = None if old is None else old["state"]
            if state != row["state"]:
                yield from self._changed(state, row, was)
        if was is None:
            return
        if now.silence.anchor < was.silence.anchor:
            yield "the anchor moved back"
        freed = {
            row["step_id"]
            for row in self.books.attempts(chat)
            if row["state"] == "failed" and before.reminders.get(row["id"], row)["state"] in OUT
        }
        if not now.silence.used | freed >= was.silence.used:
            yield "a used-up step is free again"
        yield from self._forgotten(chat, was.silence, now.silence)
        if now.silence.number > was.silence.number:
            self._until.pop(chat, None)

    def _forgotten(self, chat: int, was: Silence, now: Silence) -> Iterator[str]:
        if chat in self._freed:
            return
        if was.opted_out and not now.opted_out:
            yield "the wish for no more reminders was forgotten"
        if was.muted_since is not None and now.muted_since is None:
            yield "the chat was muted, and that was forgotten"

    def _changed(self, old: str | None, row: Row, was: Standing | None) -> Iterator[str]:
        """A reminder takes only the ways that there are."""
        if old is not None and row["state"] not in FOLLOWS.get(old, set()):
            yield f"{row['step_id']} went from {old} to {row['state']}"
        if row["state"] == "scheduled" and row["reason"] == POSTPONED:
            told = json.loads(str(self._told()))
            self._until[row["chat_id"]] = datetime.fromisoformat(told["until"])
        if row["reason"] == Reason.TOO_LATE and was is not None:
            due = owed(was.silence, self.books)
            late = None if due.at is None else self._now() - due.at
            if late is None or late <= DAY:
                yield f"{row['step_id']} was skipped as too late, late by {late}"
