"""What is looked at in each verdict; all of it is code: the same verdict gets the same mark."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from plugins.followup.model import Reason
from plugins.followup.verdicts import Decision, Verdict
from tests.eval.cases import Case

LONGEST = 400
_QUESTIONS = "?\uff1f\u061f"
_ASKED_ONCE = 1


@dataclass(frozen=True)
class Mark:
    """A verdict with what is wrong with it; `failed`: there was none, and why."""

    case: Case
    verdict: Verdict | None
    faults: Sequence[str]
    failed: str = ""

    @property
    def passed(self) -> bool:
        return not self.faults


def marked(case: Case, verdict: Verdict) -> Mark:
    """The verdict against what the case asks for."""
    return Mark(case, verdict, list(_faults(case, verdict)))


def unusable(case: Case, why: str) -> Mark:
    """No verdict at all."""
    return Mark(case, None, [f"no verdict: {why}"], why)


def _faults(case: Case, verdict: Verdict) -> Iterator[str]:
    if verdict.reason is Reason.COMPOSER_FAILED:
        yield f"the copy guard refused two texts: {verdict.fault}"
        return
    if f"{verdict.decision} {verdict.reason}" not in _accepted(case):
        yield f"{verdict.decision} {verdict.reason}, not {' or '.join(case.verdicts)}"
        return
    if verdict.decision is Decision.SEND:
        yield from _of_text(case, verdict.text)
    if verdict.decision is Decision.POSTPONE:
        yield from _of_moment(case, verdict)


def _accepted(case: Case) -> set[str]:
    """`send` stands for `send sent`, `postpone` for the one reason that it has."""
    whole = {"send": "send sent", "postpone": "postpone waiting_for_delay"}
    return {whole.get(each, each) for each in case.verdicts}


def _of_text(case: Case, text: str) -> Iterator[str]:
    if len(text) > LONGEST:
        yield f"{len(text)} characters are more than a colleague would type"
    if sum(text.count(sign) for sign in _QUESTIONS) > _ASKED_ONCE:
        yield "more than one question"
    said = text.casefold()
    if case.mentions and not any(each.casefold() in said for each in case.mentions):
        yield "nothing of this conversation is taken up"


def _of_moment(case: Case, verdict: Verdict) -> Iterator[str]:
    day = f"{verdict.until:%Y-%m-%d}" if verdict.until is not None else "none"
    if case.until and day != case.until:
        yield f"postponed to {day}, not to {case.until}"
    if not verdict.said:
        yield "the client's words are not quoted"
