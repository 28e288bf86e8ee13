"""What commands write is for who runs them alone, whatever the shell allows others."""

import os
import stat
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Place

SECRET = '\n[channels.tg]\nkind = "telegram"\nemployee = "anna"\ntoken = "12345:AAE_a-Secret"\n'  # noqa: S105  of nobody


@pytest.fixture
def open_hearted(place: Place) -> Place:
    """A shell that lets everybody read, as most do."""
    os.umask(0o022)
    return place


def modes(folder: Path) -> dict[str, int]:
    return {each.name: stat.S_IMODE(each.lstat().st_mode) for each in folder.rglob("*")}


def test_a_database_outside_the_data_folder_is_private_too(open_hearted: Place) -> None:
    away = open_hearted.folder / "srv"
    away.mkdir()
    url = f"sqlite:///{away / 'shop.db'}"

    done = open_hearted.followup("users", "add", "Olga", DATABASE_URL=url)

    assert done.exit_code == 0
    assert "shop.db" in modes(away)
    assert {mode & 0o077 for mode in modes(away).values()} == {0}


def test_the_data_folder_is_closed_even_if_it_was_open(open_hearted: Place) -> None:
    open_hearted.data.mkdir(mode=0o755)

    open_hearted.followup("users", "add", "Olga")

    assert stat.S_IMODE(open_hearted.data.stat().st_mode) == 0o700
    assert {mode & 0o077 for mode in modes(open_hearted.data).values()} == {0}


@pytest.mark.parametrize(
    ("more", "mode", "told"),
    [(SECRET, 0o644, True), (SECRET, 0o640, True), (SECRET, 0o600, False), ("", 0o644, False)],
)
def test_settings_with_secrets_that_others_can_read_are_pointed_out(
    open_hearted: Place, more: str, mode: int, *, told: bool
) -> None:
    path = open_hearted.write("bot.toml", open_hearted.config.read_text() + more)
    path.chmod(mode)

    shown = open_hearted.followup("check").output

    assert (f"chmod 600 {path}" in shown) is told
    assert "a-Secret" not in shown
