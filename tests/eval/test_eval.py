"""The corpus, its baseline and the marks: the same in every run, and hard to please."""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.errors import ModelError
from plugins.followup.adapters.composer_llm import ModelComposer
from plugins.followup.model import Reason
from plugins.followup.verdicts import Decision, Verdict
from tests.eval.cases import cases
from tests.eval.report import page, table
from tests.eval.rubric import marked
from tests.eval.run import BASELINE, EndpointError, Said, judged, replayed, scripted

CASES = cases()
LANGUAGES = ["ar", "de", "en", "es", "fr", "hi", "it", "ja", "pt", "ru", "tr", "zh"]
HARD = {"busy until", "angry", "joke", "injection", "long history", "voice note", "asked to stop"}
PAGE = Path(__file__).parents[2] / "docs" / "evaluation.html"


def test_every_language_has_happy_and_hard_cases() -> None:
    by_language = Counter(case.language for case in CASES)

    assert sorted(by_language) == LANGUAGES
    assert min(by_language.values()) >= 10
    assert len(CASES) >= 120
    for language in LANGUAGES:
        kinds = {case.kind for case in CASES if case.language == language}
        assert kinds >= HARD | {"open", "thinking", "bought", "not interested"}
        assert kinds & {"goodbye", "thanks"}


def test_no_two_conversations_are_alike() -> None:
    assert len({"\n".join(case.said[:2]) for case in CASES if case.kind != "voice note"}) == sum(
        case.kind != "voice note" for case in CASES
    )


async def test_the_baseline_gets_every_case_right_and_the_page_shows_it() -> None:
    marks = await judged(CASES, scripted)
    version = ModelComposer(Said([""])).version

    assert [(mark.case.id, mark.faults) for mark in marks if not mark.passed] == []
    again = "make eval ARGS='--scripted --page docs/evaluation.html'"
    assert PAGE.read_text("utf-8") == page(marks, BASELINE, version), f"run: {again}"
    assert f"reminder.occasion.retry {version}" in table(marks, BASELINE, version)


async def test_a_model_that_only_nags_gets_few_right() -> None:
    nag = json.dumps({"verdict": "send", "reason": "sent", "text": "Just checking in! Any news?"})

    marks = await judged(CASES, lambda _: Said([nag]))

    assert sum(mark.passed for mark in marks) < 0.1 * len(marks)


async def test_a_model_that_always_stops_gets_few_right() -> None:
    never = json.dumps({"verdict": "stop", "reason": "concluded"})

    marks = await judged(CASES, lambda _: Said([never]))

    assert sum(mark.passed for mark in marks) < 0.5 * len(marks)


async def test_what_was_recorded_is_played_again(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    rows = [{"case": case.id, "answers": [json.dumps(dict(case.answer))]} for case in CASES[:3]]
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")

    marks = await judged(CASES[:4], replayed(path))

    assert [mark.passed for mark in marks] == [True, True, True, False]
    assert marks[3].verdict is None


@pytest.mark.parametrize(
    ("kind", "verdict", "fault"),
    [
        ("open", Verdict(Decision.STOP, reason=Reason.CONCLUDED), "stop concluded, not send"),
        ("open", Verdict(Decision.SEND, "Is it green? Will you try?"), "more than one question"),
        ("open", Verdict(Decision.SEND, "Shall we talk?"), "nothing of this conversation"),
        ("open", Verdict(Decision.SEND, "Try it! " * 60), "characters are more"),
        (
            "open",
            Verdict(Decision.SKIP, reason=Reason.COMPOSER_FAILED, fault="price"),
            "refused two texts: price",
        ),
        (
            "busy until",
            Verdict(
                Decision.POSTPONE,
                reason=Reason.WAITING_FOR_DELAY,
                until=datetime(2026, 3, 20, 9, tzinfo=UTC),
                said="write me on the 15th",
            ),
            "postponed to 2026-03-20, not to 2026-03-16",
        ),
        (
            "busy until",
            Verdict(
                Decision.POSTPONE,
                reason=Reason.WAITING_FOR_DELAY,
                until=datetime(2026, 3, 16, 9, tzinfo=UTC),
            ),
            "words are not quoted",
        ),
    ],
)
def test_each_mark_can_be_lost(kind: str, verdict: Verdict, fault: str) -> None:
    case = next(case for case in CASES if case.language == "en" and case.kind == kind)

    found = marked(case, verdict).faults

    assert len(found) == 1
    assert fault in found[0]


async def test_a_server_that_never_answers_ends_it_early() -> None:
    class Gone:
        asked = 0

        async def complete(self, *_: object) -> None:
            Gone.asked += 1
            raise ModelError("no model there")

    with pytest.raises(EndpointError, match="no usable answer"):
        await judged(CASES, lambda _: Gone(), at_once=1)

    assert Gone.asked == 5


async def test_the_page_is_whole_and_shows_all_texts() -> None:
    marks = await judged(CASES[:12], scripted)
    shown = page(marks, "a <model>", "1.1.1")

    assert "a &lt;model&gt;" in shown
    assert 'dir="rtl"' in shown
    assert "src=" not in shown
    assert "http" not in shown
    assert all(case.said[0].partition(": ")[2] in shown for case in CASES[:12])
