"""A place for each test; whatever was started there ends with it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import Place


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    yield place
    place.close()
