"""Who may give commands: ids as their network has them, slips told by name."""

from pathlib import Path

import pytest

from bot.errors import SettingsError
from config.settings import load


def admins(folder: Path, text: str, **environment: str) -> tuple[set[str], set[str]]:
    path = folder / "bot.toml"
    path.write_text(f"[admins]\n{text}\n", encoding="utf-8")
    found = load(path, environment).admins
    return set(found.on("telegram")), set(found.on("whatsapp"))


def test_ids_are_known_as_their_network_sends_them(tmp_path: Path) -> None:
    text = 'telegram = [123456789]\nwhatsapp = ["+491701234567"]'

    assert admins(tmp_path, text) == ({"123456789"}, {"+491701234567"})


def test_the_environment_may_name_them(tmp_path: Path) -> None:
    found = admins(
        tmp_path,
        "telegram = [7]",
        FOLLOWUP_ADMINS__TELEGRAM="[1, 2]",
        FOLLOWUP_ADMINS__WHATSAPP='["+491701234567"]',
    )

    assert found == ({"1", "2"}, {"+491701234567"})


def test_nobody_is_admin_unless_named(tmp_path: Path) -> None:
    assert admins(tmp_path, "") == (set(), set())


def test_other_kinds_of_channels_have_no_admins(tmp_path: Path) -> None:
    path = tmp_path / "bot.toml"
    path.write_text("[admins]\ntelegram = [1]\n", encoding="utf-8")

    assert set(load(path, {}).admins.on("web")) == set()


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ('telegram = ["@anna"]', r"admins\.telegram"),
        ("telegram = [0]", r"admins\.telegram"),
        ("telegram = [-5]", r"admins\.telegram"),
        ("telegram = 5", r"admins\.telegram"),
        ("telegram = [true]", r"admins\.telegram"),
        ('whatsapp = ["0170 1234567"]', r"admins\.whatsapp"),
        ("whatsapp = [491701234567]", r"admins\.whatsapp"),
        ("telegarm = [1]", r"admins\.telegarm: .*'telegram'"),
    ],
    ids=lambda text: text,
)
def test_a_slip_is_told_by_name(tmp_path: Path, text: str, about: str) -> None:
    with pytest.raises(SettingsError, match=about):
        admins(tmp_path, text)


def test_a_slip_in_the_environment_names_the_variable(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"admins\.telegram.*FOLLOWUP_ADMINS__TELEGRAM"):
        admins(tmp_path, "", FOLLOWUP_ADMINS__TELEGRAM='["anna"]')
