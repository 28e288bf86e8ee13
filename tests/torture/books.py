"""What a round has to answer for: everything said, sent and delivered, laid side by side."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import groupby, pairwise

from tests.chaos.wire import Delivered
from tests.torture.crowd import Client
from tests.torture.fleet import OPEN_MINUTES
from tests.torture.store import Row, Store

# The model on the chaos server says "Reminder 2, take 9."; the demo voice "reminder 2 of 3".
_PLACE = re.compile(r"[Rr]eminder (\d+)")
_GAVE_UP = ("channel_failed", "rate_limited", "unreachable", "window_closed")


@dataclass(frozen=True)
class Books:
    """The tables as they are now, the channel's log, and what the clients know."""

    store: Store
    delivered: Sequence[Delivered]
    clients: Sequence[Client]
    steps: int
    confirmed: Mapping[str, datetime]

    @cached_property
    def chats(self) -> Sequence[Row]:
        return self.store.rows("SELECT * FROM chats")

    @cached_property
    def messages(self) -> Sequence[Row]:
        return self.store.rows("SELECT * FROM messages ORDER BY chat_id, n")

    @cached_property
    def reminders(self) -> Sequence[Row]:
        return self.store.rows("SELECT * FROM followup_reminders ORDER BY id")

    @cached_property
    def silences(self) -> Sequence[Row]:
        return self.store.rows("SELECT * FROM followup_silences")

    @cached_property
    def by_chat(self) -> Mapping[int, Sequence[Row]]:
        return {chat: list(of) for chat, of in groupby(self.messages, lambda m: m["chat_id"])}

    def states(self) -> Counter[str]:
        """How many reminders ended how."""
        return Counter(row["state"] for row in self.reminders)

    def reminders_out(self) -> int:
        """How many reminders clients can have seen: on the wire by its log, on the web by ours."""
        wire = sum(1 for each in self.delivered if _PLACE.search(each.text))
        accounts = {chat["id"]: chat["account"] for chat in self.chats}
        return wire + sum(
            1
            for message in self.messages
            if message["plugin"]
            and message["delivery"] != "failed"
            and accounts[message["chat_id"]] == "site"
        )


@dataclass(frozen=True)
class Findings:
    """Every breach of a promise, a line each."""

    lost: Sequence[str]
    twice: Sequence[str]
    after_reply: Sequence[str]
    outside_hours: Sequence[str]
    in_flight: int = 0
    others: Sequence[str] = field(default_factory=tuple)

    @property
    def clean(self) -> bool:
        return not any((self.lost, self.twice, self.after_reply, self.outside_hours, self.others))

    def text(self) -> str:
        return "\n".join(
            f"{name}: {line}"
            for name in ("lost", "twice", "after_reply", "outside_hours", "others")
            for line in getattr(self, name)
        )


def findings(books: Books, others: Sequence[str] = ()) -> Findings:
    return Findings(
        lost=[*_unheard(books), *_unanswered(books), *_unfinished(books)],
        twice=[*_delivered_twice(books), *_reminded_twice(books), *_answered_twice(books)],
        after_reply=list(_after_reply(books)),
        outside_hours=list(_outside_hours(books)),
        in_flight=_in_flight(books),
        others=others,
    )


def _unheard(books: Books) -> Iterator[str]:
    """Accepted from a client, and not there, or there twice."""
    chats = {(chat["account"], chat["address"]): chat["id"] for chat in books.chats}
    for client in books.clients:
        web = client.account == "site"
        chat = int(client.chat) if web else chats.get((client.account, client.chat))
        stored = Counter(
            message["external_id"]
            for message in books.by_chat.get(chat or 0, ())
            if message["author"] == "client"
        )
        for said in client.said:
            if said.accepted and stored[said.id] != 1:
                yield f"chat {chat}: message {said.id} is stored {stored[said.id]} times"


def _unanswered(books: Books) -> Iterator[str]:
    """A client who waits although nobody gave up, and a message that is being sent for ever."""
    for chat in books.chats:
        if chat["waiting_since"] is not None and not chat["answer_failures"]:
            yield f"chat {chat['id']}: unanswered"
    for message in books.messages:
        if message["delivery"] == "sending":
            yield f"chat {message['chat_id']}: message {message['n']} is still being sent"


def _unfinished(books: Books) -> Iterator[str]:
    """A last silence of which some step has no fate, although its client was answered."""
    failing = {chat["id"] for chat in books.chats if chat["answer_failures"]}
    fates = {(row["chat_id"], row["silence"], row["step_id"]): row for row in books.reminders}
    for silence in books.silences:
        chat, number = silence["chat_id"], silence["number"]
        waits = silence["reason"] == "waiting_for_answer" and chat in failing
        if waits or silence["reason"] in _GAVE_UP or _put_off(silence):
            continue
        if silence["reason"] != "done":
            yield f"chat {chat}: its last silence stands at {silence['reason']}"
            continue
        for step in range(1, books.steps + 1):
            row = fates.get((chat, number, f"s{step}"))
            if row is None or row["state"] not in {"sent", "uncertain", "skipped"}:
                yield f"chat {chat}: step s{step} is {row['state'] if row else 'nowhere'}"
    for row in books.reminders:
        if row["state"] in {"claimed", "sending"}:
            yield f"chat {row['chat_id']}: {row['step_id']} is still {row['state']}"


def _put_off(silence: Row) -> bool:
    """Surely not sent, and to be tried again later: late by rule, not lost."""
    failures = silence["channel_failures"] + silence["composer_failures"]
    return silence["due_at"] is not None and failures > 0


def _delivered_twice(books: Books) -> Iterator[str]:
    """By the channel's log: one message twice, one unknown, or one that we think never left."""
    known = {str(message["id"]): message for message in books.messages}
    for ref, times in Counter(each.ref for each in books.delivered).items():
        if times > 1:
            yield f"message {ref} was delivered {times} times"
        if ref not in known:
            yield f"message {ref} was delivered and is not stored"
        elif known[ref]["delivery"] == "failed":
            yield f"message {ref} was delivered and counts as failed"


def _reminded_twice(books: Books) -> Iterator[str]:
    """One step of one silence, by what the clients can have read."""
    reached = {each.ref for each in books.delivered}
    accounts = {chat["id"]: chat["account"] for chat in books.chats}
    for chat, messages in books.by_chat.items():
        web = accounts[chat] == "site"
        seen: Counter[tuple[int, str]] = Counter()
        silence = 0
        for message in messages:
            silence += message["author"] == "client"
            arrived = message["delivery"] != "failed" if web else str(message["id"]) in reached
            place = _PLACE.search(message["text"]) if message["plugin"] and arrived else None
            if place is not None:
                seen[silence, place[1]] += 1
        for (number, place_), times in seen.items():
            if times > 1:
                yield f"chat {chat}: reminder {place_} of silence {number} came {times} times"


def _answered_twice(books: Books) -> Iterator[str]:
    """Two answers with no client's message between them."""
    for chat, messages in books.by_chat.items():
        answers = 0
        for message in messages:
            if message["author"] == "client":
                answers = 0
            elif message["plugin"] is None and message["delivery"] != "failed":
                answers += 1
                if answers > 1:
                    yield f"chat {chat}: message {message['n']} is another answer"


def _after_reply(books: Books) -> Iterator[str]:
    """The order of a chat's messages is that of their commits: the gate is one of them."""
    silences = {row["message_id"]: row["silence"] for row in books.reminders}
    for chat, messages in books.by_chat.items():
        silence = 0
        for message in messages:
            silence += message["author"] == "client"
            meant = silences.get(message["id"], silence)
            if meant != silence:
                yield f"chat {chat}: message {message['n']} is for silence {meant}, not {silence}"


def _outside_hours(books: Books) -> Iterator[str]:
    night = {chat["id"] for chat in books.chats if chat["account"] == "night"}
    for row in books.reminders:
        intent = row["intent_at"]
        if row["chat_id"] in night and intent is not None and intent.minute % 3 not in OPEN_MINUTES:
            yield f"chat {row['chat_id']}: {row['step_id']} at {intent:%H:%M:%S}"


def _in_flight(books: Books) -> int:
    """Reminders that were past the gate when a reply was stored, and arrived after it."""
    arrived = {each.ref: each.at for each in books.delivered}
    wire = {chat["id"] for chat in books.chats if chat["account"] != "site"}
    count = 0
    for chat in wire:
        for before, after in pairwise(books.by_chat[chat]):
            stored = books.confirmed.get(after["external_id"])
            at = arrived.get(str(before["id"])) if before["plugin"] else None
            count += stored is not None and at is not None and at > stored
    return count
