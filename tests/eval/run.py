"""`make eval`: every conversation of the corpus against a model, marked, with a page to read.

The model is that of the settings (`[model]` in config/bot.toml, or FOLLOWUP_MODEL__NAME,
…__BASE_URL and …__API_KEY in the environment): any server with the chat completions API.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bot.app import model_of
from bot.errors import ModelError, SettingsError
from bot.model import Reply
from bot.ports import Model
from config.settings import load
from plugins.followup.adapters.composer_llm import ModelComposer
from tests.eval.cases import Case, cases
from tests.eval.report import page, table
from tests.eval.rubric import Mark, marked, unusable

BASELINE = "scripted baseline (written by hand, no model)"
THRESHOLD = 90
_GIVE_UP = 5
_OK, _BELOW, _CANNOT = 0, 1, 2


class Said:
    """Gives the answers that were written down for a case."""

    def __init__(self, answers: Sequence[str]) -> None:
        self._left = list(answers)

    async def complete(
        self, messages: Sequence[tuple[str, str]], schema: dict[str, object] | None = None
    ) -> Reply:
        return Reply(self._left.pop(0) if len(self._left) > 1 else self._left[0])


class Recorder:
    """Passes on to a model and keeps what it answers."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self.answers: list[str] = []

    async def complete(
        self, messages: Sequence[tuple[str, str]], schema: dict[str, object] | None = None
    ) -> Reply:
        reply = await self._model.complete(messages, schema)
        self.answers.append(reply.text)
        return reply


class EndpointError(Exception):
    """The model's server gives nothing usable."""


async def judged(
    chosen: Sequence[Case],
    voice: Callable[[Case], Model],
    at_once: int = 4,
    tell: Callable[[str], None] = lambda _: None,
) -> Sequence[Mark]:
    """Every case's mark, in order. Raises EndpointError when the model never answers."""
    doors, done, silent = asyncio.Semaphore(at_once), 0, 0

    async def one(case: Case) -> Mark:
        nonlocal done, silent
        async with doors:
            if silent >= _GIVE_UP and silent == done:
                raise EndpointError(f"the first {silent} questions got no usable answer")
            try:
                mark = marked(case, await ModelComposer(voice(case)).compose(case.occasion()))
            except ModelError as error:
                silent += 1
                mark = unusable(case, str(error))
        done += 1
        tell(f"{done}/{len(chosen)} {case.id} {'ok' if mark.passed else '; '.join(mark.faults)}")
        return mark

    tasks = [asyncio.create_task(one(case)) for case in chosen]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


def scripted(case: Case) -> Model:
    """The baseline: what a good colleague would have answered, written by hand."""
    return Said([json.dumps(dict(case.answer), ensure_ascii=False)])


def replayed(path: Path) -> Callable[[Case], Model]:
    """The answers of a recording, a JSON object a line."""
    lines = path.read_text(encoding="utf-8").splitlines()
    known: Mapping[str, list[str]] = {
        row["case"]: row["answers"] for row in map(json.loads, lines) if row["answers"]
    }
    return lambda case: Said(known.get(case.id, ["nothing was recorded"]))


def main() -> int:
    asked = _arguments()
    chosen = [case for case in cases() if asked.only in case.id or asked.only == case.kind]
    recorders: dict[str, Recorder] = {}
    try:
        name, voice = _voice(asked, recorders)
        marks = asyncio.run(judged(chosen, voice, asked.at_once, print))
    except (SettingsError, EndpointError, OSError) as error:
        print(f"eval: {error}", file=sys.stderr)
        return _CANNOT
    if asked.record:
        _write(asked.record, recorders)
    version = ModelComposer(Said([""])).version
    print(f"\n{table(marks, name, version)}")
    asked.page.parent.mkdir(parents=True, exist_ok=True)
    asked.page.write_text(page(marks, name, version), encoding="utf-8")
    print(f"All texts: {asked.page}")
    share = 100 * sum(mark.passed for mark in marks) / max(1, len(marks))
    return _OK if share >= asked.threshold else _BELOW


def _voice(
    asked: argparse.Namespace, recorders: dict[str, Recorder]
) -> tuple[str, Callable[[Case], Model]]:
    if asked.scripted:
        return BASELINE, scripted
    if asked.replay:
        return f"recorded answers of {asked.replay.name}", replayed(asked.replay)
    settings = load(_settings_file(asked.config))
    model = model_of(settings)
    if model is None:
        raise SettingsError(
            "no model is connected: set FOLLOWUP_MODEL__NAME, and FOLLOWUP_MODEL__BASE_URL or "
            "FOLLOWUP_MODEL__API_KEY, or give ARGS=--scripted for the baseline"
        )

    def voice(case: Case) -> Model:
        recorders[case.id] = Recorder(model)
        return recorders[case.id]

    return str(settings.model.name), voice


def _settings_file(given: Path | None) -> Path:
    """That file; without one the demo's, whose model comes from the environment."""
    own = Path("config/bot.toml")
    return given or (own if own.exists() else Path("config/demo.toml"))


def _write(path: Path, recorders: Mapping[str, Recorder]) -> None:
    rows = [
        json.dumps({"case": case, "answers": each.answers}, ensure_ascii=False)
        for case, each in sorted(recorders.items())
    ]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make eval", description=__doc__)
    parser.add_argument("--config", type=Path, help="settings with a [model]")
    parser.add_argument("--scripted", action="store_true", help="the baseline instead of a model")
    parser.add_argument("--replay", type=Path, help="answers that were recorded")
    parser.add_argument("--record", type=Path, help="keep the model's answers there")
    parser.add_argument("--page", type=Path, default=Path("data/evaluation.html"))
    parser.add_argument("--only", default="", help="a language, a case's id, or a kind")
    parser.add_argument("--at-once", type=int, default=4, help="questions under way at a time")
    parser.add_argument("--threshold", type=float, default=THRESHOLD, help="exit 1 below, in %%")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
