from collections.abc import Sequence
from pathlib import Path

import pytest


@pytest.fixture
def root() -> Path:
    """The folder of the project."""
    return Path(__file__).parents[3]


@pytest.fixture
def sources(root: Path) -> Sequence[Path]:
    """Every Python file that ships."""
    folders = ("bot", "channels", "config", "plugins")
    found = [path for folder in folders for path in (root / folder).rglob("*.py")]
    assert len(found) > 30
    return found
