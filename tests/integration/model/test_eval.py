"""`make eval` against servers: one that answers, one that is no use, and none at all."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.eval.cases import cases
from tests.integration.model.conftest import Answer, ModelServer, completion

ROOT = Path(__file__).parents[3]


def evaluated(tmp_path: Path, url: str | None, *arguments: str) -> subprocess.CompletedProcess[str]:
    ours = os.environ.items()  # noqa: TID251  what the command is given
    clean = {name: value for name, value in ours if not name.startswith("FOLLOWUP_")}
    model = {"FOLLOWUP_MODEL__NAME": "m", "FOLLOWUP_MODEL__BASE_URL": url} if url else {}
    command = [sys.executable, "-m", "tests.eval.run", "--page", str(tmp_path / "page.html")]
    return subprocess.run(  # noqa: S603  our own command
        [*command, *arguments],
        cwd=ROOT,
        env={**clean, **model, "FOLLOWUP_MODEL__TIMEOUT": "10"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_any_server_with_the_chat_completions_api_is_evaluated(
    server: ModelServer, tmp_path: Path
) -> None:
    case = next(case for case in cases() if case.id == "en-01")
    server.says(Answer(completion(json.dumps(dict(case.answer)))))
    recording = tmp_path / "answers.jsonl"

    done = evaluated(tmp_path, server.url, "--only", "en-01", "--record", str(recording))
    again = evaluated(tmp_path, None, "--only", "en-01", "--replay", str(recording))

    assert done.returncode == 0, done.stderr
    assert "1/1 en-01 ok" in done.stdout
    assert "Model: m\n" in done.stdout
    assert "Right: 1 of 1" in again.stdout
    assert case.answer["text"] in (tmp_path / "page.html").read_text("utf-8")


def test_a_model_below_the_threshold_is_an_exit_code(server: ModelServer, tmp_path: Path) -> None:
    server.says(Answer(completion("Hello! How can I help you?")))

    done = evaluated(tmp_path, server.url, "--only", "en-01")

    assert done.returncode == 1
    assert "en-01 no verdict: the model's verdict is not the JSON object" in done.stdout


def test_no_model_is_said_in_plain_words(tmp_path: Path) -> None:
    done = evaluated(tmp_path, None)

    assert done.returncode == 2
    assert "no model is connected: set FOLLOWUP_MODEL__NAME" in done.stderr
    assert "Traceback" not in done.stderr
