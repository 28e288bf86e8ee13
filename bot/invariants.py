"""What is true of every chat at every moment, whatever plugins there are. Pure functions."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from bot.answer import PAUSES
from bot.audit import Audit, Conversation, Delivered, Invariant, Line, Violation
from bot.model import Author, Delivery
from bot.outbox import SEND_TIMEOUT

INVARIANTS = (
    Invariant(
        "I1",
        "nothing is delivered twice",
        "look into the channel's log; whatever sends besides this application has to stop",
    ),
    Invariant(
        "I5",
        "every client is answered, or the chat says that it waits",
        "see that `followup run`, or a `followup worker`, runs; its log tells what keeps it",
    ),
    Invariant(
        "I6",
        "nothing that was acknowledged is lost",
        "messages are missing: restore the database from a backup, and look at the disk",
    ),
    Invariant(
        "I9",
        "a transaction is whole or not at all",
        "rows do not belong together: was the database edited by hand, or restored in part?",
    ),
    Invariant(
        "I10",
        "what fails again and again ends, and is shown",
        "an answer is tried more often than it may be; the log tells why it fails",
    ),
)
_ANSWERS = (Author.EMPLOYEE, Author.MANAGER)


def never_twice(talk: Conversation, audit: Audit) -> Iterator[str]:
    """The channel's log has each message at most once, and none that was settled as not sent."""
    failed = {line.id for line in talk.lines if line.delivery is Delivery.FAILED}
    for message, count in Counter(entry.message for entry in talk.delivered or ()).items():
        if count > 1:
            yield f"message {message} was delivered {count} times"
        if message in failed:
            yield f"message {message} was delivered, and counts as not sent"


def answered_or_waiting(talk: Conversation, audit: Audit) -> Iterator[str]:
    """A client without an answer waits for one, and somebody sees to that soon."""
    chat, answer = talk.chat, talk.answering
    if chat.waiting_since is None:
        if answer.at is not None:
            yield "an answer is planned for a client who does not wait"
        if _is_left_alone(talk, audit):
            yield f"nobody answered message {chat.client_n}, and nobody is going to"
        return
    if chat.paused_since is not None:
        return
    if answer.at is None and answer.failures == 0:
        yield f"the client waits since {_text(chat.waiting_since)}, and nobody is going to answer"
    if answer.at is not None and audit.is_late(max(answer.at, answer.lease or answer.at)):
        yield f"an answer is due since {_text(answer.at)}, and nobody gave it"


def _is_left_alone(talk: Conversation, audit: Audit) -> bool:
    """Whether the client's last message has no answer at all, as far as that can be known."""
    n = talk.chat.client_n
    asked = next((line for line in talk.lines if line.n == n), None)
    if asked is None or asked.arrival is not None or not audit.keeps(asked.at):
        return False
    later = (line for line in talk.lines if line.n > n and line.delivery is not Delivery.FAILED)
    return not any(line.author in _ANSWERS and line.plugin is None for line in later)


def sending_ends(talk: Conversation, audit: Audit) -> Iterator[str]:
    """An answer whose sending began is settled soon, after a crash too."""
    for line in talk.lines:
        sending = line.delivery is Delivery.SENDING and line.plugin is None
        if sending and audit.is_late(line.at + 2 * SEND_TIMEOUT):
            yield f"message {line.id} is being sent since {_text(line.at)}"


def numbered_without_gaps(talk: Conversation, audit: Audit) -> Iterator[str]:
    """A chat's messages are numbered from 1 without a gap, the oldest may be deleted."""
    lines = [line for line in talk.lines if audit.keeps(line.at)]
    for before, after in pairwise(talk.lines):
        if after.n != before.n + 1 and audit.keeps(before.at):
            yield f"messages between {before.n} and {after.n} are missing"
    if lines and lines[-1].n != talk.chat.last_n:
        yield f"the last message is {lines[-1].n}, the chat counts {talk.chat.last_n}"
    clients = [line.n for line in lines if line.author is Author.CLIENT]
    if clients and clients[-1] != talk.chat.client_n:
        yield f"the client's last message is {clients[-1]}, the chat says {talk.chat.client_n}"


def logs_agree(talk: Conversation, audit: Audit) -> Iterator[str]:
    """What was delivered is stored, and what is stored as sent was delivered."""
    if talk.delivered is None:
        return
    known = {line.id for line in talk.lines}
    out = {entry.message for entry in talk.delivered}
    for entry in talk.delivered:
        if entry.message not in known and not _may_be_deleted(talk, entry, audit):
            yield f"message {entry.message} was delivered, and is not stored"
    for line in talk.lines:
        if _is_ours(line) and line.delivery is Delivery.SENT and line.id not in out:
            yield f"message {line.id} counts as sent, and was not delivered"


def _may_be_deleted(talk: Conversation, entry: Delivered, audit: Audit) -> bool:
    """By its moment; without one, by being older than whatever is left of a chat."""
    if entry.at is not None:
        return not audit.keeps(entry.at)
    first = talk.lines[0] if talk.lines else None
    return talk.chat.last_n > 0 if first is None else first.n > 1 and entry.message < first.id


def _is_ours(line: Line) -> bool:
    """Whether we sent it for sure; what an employee says elsewhere comes in and looks alike."""
    return line.plugin is not None or line.tokens is not None


def only_ours_are_sent(talk: Conversation, audit: Audit) -> Iterator[str]:
    """What a client says is never on its way, uncertain or failed, and only employees remind."""
    for line in talk.lines:
        if line.author is Author.CLIENT and line.delivery is not Delivery.SENT:
            yield f"message {line.id} of a {line.author} is {line.delivery}"
        if line.author is not Author.EMPLOYEE and line.plugin is not None:
            yield f"message {line.id} of a {line.author} counts as a reminder"


def tries_end(talk: Conversation, audit: Audit) -> Iterator[str]:
    """An answer is tried a few times, with growing pauses."""
    answer = talk.answering
    if answer.at is not None and answer.failures > len(PAUSES):
        yield f"an answer failed {answer.failures} times and is tried again"


Check = Callable[[Conversation, Audit], Iterator[str]]
CHECKS: Sequence[tuple[str, Check]] = (
    ("I1", never_twice),
    ("I5", answered_or_waiting),
    ("I5", sending_ends),
    ("I6", numbered_without_gaps),
    ("I6", logs_agree),
    ("I9", only_ours_are_sent),
    ("I10", tries_end),
)


def violations(talk: Conversation, audit: Audit) -> Sequence[Violation]:
    """Every promise of the runtime that this chat breaks."""
    return [
        Violation(name, talk.chat.id, text) for name, check in CHECKS for text in check(talk, audit)
    ]


def _text(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}Z"
