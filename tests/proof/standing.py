"""Whether where a chat stands is what its messages and reminders say; and what was lost."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.model import Author
from plugins.followup.model import Reason
from tests.proof.books import Books, Row, Standing, moment, sure
from tests.proof.owed import owed

OUT = ("sent", "uncertain")
PASSED = (*OUT, "skipped")
UNDER_WAY = ("claimed", "sending")


def standing_faults(books: Books, chat: int) -> Iterator[str]:
    """After every transaction."""
    standing, mine = books.standings[chat], books.attempts(chat)
    said = books.of(chat)
    written = [each["n"] for each in said if each["author"] == Author.CLIENT]
    if standing.silence.number != len(written) or standing.client_n != max(written, default=0):
        yield f"silence {standing.silence.number} after {len(written)} messages of the client"
    if (standing.silence.frozen_since is None) != (books.chats[chat]["paused_since"] is None):
        yield "frozen or paused, not both"
    here = [each for each in mine if each["silence"] == standing.silence.number]
    yield from _passed(standing, here, mine)
    yield from _answered(standing, said)
    yield from _under_way(books, mine)
    yield from _anchor(standing, here)
    yield from _listed(books, standing)


def _passed(standing: Standing, here: Sequence[Row], mine: Sequence[Row]) -> Iterator[str]:
    silence = standing.silence
    over = {each["step_id"] for each in here if each["state"] in PASSED}
    # One that the network took back was passed, and one that never went out was not.
    failed = {each["step_id"] for each in here if each["state"] == "failed"}
    passed = set(silence.passed)
    if len(silence.passed) != len(passed) or not over <= passed <= over | failed:
        yield f"passed {silence.passed}, the reminders say {sorted(over)}"
    if silence.used != {each["step_id"] for each in mine if each["state"] in OUT}:
        yield f"used up {sorted(silence.used)}, which the reminders do not say"
    if silence.stopped is None and any(each["state"] == "failed" for each in here):
        yield "goes on after it failed"
    if silence.stopped is None and any(each["reason"] == Reason.OPTED_OUT for each in here):
        yield "goes on after the client wished for no more"


def _answered(standing: Standing, said: Sequence[Row]) -> Iterator[str]:
    at: datetime | None = standing.silence.answered_at
    later = [each for each in said if each["n"] > standing.client_n and each["delivery"] in OUT]
    answers = [each for each in later if each["author"] != Author.CLIENT and not each["plugin"]]
    mine = [each for each in said if each["n"] > standing.client_n and not each["plugin"]]
    refused = any(each["delivery"] == "failed" for each in mine)
    ended = at is not None and standing.silence.stopped is not None and refused
    if (at is None) == bool(answers) and not ended:
        yield f"answered at {at}, with {len(answers)} answers"


def _under_way(books: Books, mine: Sequence[Row]) -> Iterator[str]:
    """One at a time; nobody sends without a lease and a recorded intent."""
    if sum(each["state"] == "sending" for each in mine) > 1:
        yield "two reminders are being sent"
    for each in mine:
        held = each["lease"] is not None and each["token"] is not None
        if held != (each["state"] in UNDER_WAY):
            yield f"{each['step_id']} is {each['state']}, its lease says something else"
        if each["state"] == "sending" and each["message_id"] not in books.messages:
            yield f"{each['step_id']} is being sent without a message"


def _anchor(standing: Standing, here: Sequence[Row]) -> Iterator[str]:
    silence = standing.silence
    if silence.anchor < silence.began:
        yield "the anchor is before the silence"
    for each in here:
        # The clock may have been set back between the two.
        out = each["state"] in OUT
        if out and silence.anchor < min(sure(each["intent_at"]), sure(each["settled_at"])):
            yield f"the anchor is before {each['step_id']} was sent"
    if any(each["state"] == "failed" and each["step_id"] in silence.passed for each in here):
        return
    over = [each for each in here if each["state"] in PASSED]
    moments = [moment(each[when]) for each in over for when in ("intent_at", "settled_at")]
    if silence.anchor > max([silence.began, *(at for at in moments if at is not None)]):
        yield f"the anchor {silence.anchor} is after anything that happened"


def _listed(books: Books, standing: Standing) -> Iterator[str]:
    """What is listed as due is what the rules say, unless the settings were saved since."""
    if standing.version != books.version:
        return
    due = owed(standing.silence, books)
    step = due.step.id if due.step is not None else None
    if (due.at, step, due.why) != (standing.due_at, standing.step, standing.reason):
        listed = f"{standing.step} at {standing.due_at} ({standing.reason})"
        yield f"listed is {listed}, the rules say {step} at {due.at} ({due.why})"


def lost(books: Books, chat: int) -> Iterator[str]:
    """What is still owed when nothing can happen any more."""
    standing, row = books.standings[chat], books.chats[chat]
    due = owed(standing.silence, books)
    if due.step is not None:
        yield f"{due.step.id}, due at {due.at}, was lost"
    if due.why == "waiting_for_answer" and not row["answer_failures"]:
        yield "the client waits for an answer that nobody will give"
    if due.why == "waiting_for_answer" and row["answer_at"] is not None:
        yield "the answer was lost"
    for each in books.attempts(chat):
        if each["state"] in UNDER_WAY:
            yield f"{each['step_id']} is {each['state']} for ever"
