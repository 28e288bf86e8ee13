from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import SettingsError
from config.settings import Settings, load

Load = Callable[..., Settings]
Faults = Callable[..., list[str]]


@pytest.fixture
def settings(tmp_path: Path) -> Load:
    """Loads a settings file with that text, and the variables given by name."""

    def loaded(text: str = "", **variables: str) -> Settings:
        path = tmp_path / "bot.toml"
        path.write_text(text, encoding="utf-8")
        return load(path, variables)

    return loaded


@pytest.fixture
def faults(settings: Load) -> Faults:
    """The lines that such a file and variables are refused with."""

    def lines(text: str = "", **variables: str) -> list[str]:
        with pytest.raises(SettingsError) as caught:
            settings(text, **variables)
        return str(caught.value).splitlines()

    return lines
