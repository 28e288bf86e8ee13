"""A prompt that changes gets a new version: what is kept with a reminder tells what was asked."""

from hashlib import sha256
from pathlib import Path

import pytest

from bot.prompting import prompt_in

KNOWN = {
    "bot/prompts/answer.md": ("1", "c1c5b98f1ff2"),
    "bot/prompts/handed.md": ("1", "77be6f9791cb"),
    "plugins/followup/prompts/occasion.md": ("1", "3c342027273b"),
    "plugins/followup/prompts/reminder.md": ("1", "d2593784d52b"),
    "plugins/followup/prompts/retry.md": ("1", "ab805ee275fd"),
}


@pytest.mark.parametrize("name", KNOWN)
def test_a_changed_prompt_has_a_new_version(root: Path, name: str) -> None:
    prompt = prompt_in(root / name)

    digest = sha256(prompt.text.encode()).hexdigest()[:12]
    assert (prompt.version, digest) == KNOWN[name], "raise its version, then put both here"


def test_every_prompt_is_known(root: Path) -> None:
    folders = ("bot/prompts", "plugins/followup/prompts")
    found = {str(path.relative_to(root)) for each in folders for path in (root / each).iterdir()}

    assert found == set(KNOWN)


def test_a_file_without_a_version_is_no_prompt(tmp_path: Path) -> None:
    path = tmp_path / "some.md"
    path.write_text("You are {{name}}.", "utf-8")

    with pytest.raises(ValueError, match="version"):
        prompt_in(path)
