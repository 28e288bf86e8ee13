"""A chaos server for each test."""

from collections.abc import Iterator

import pytest

from tests.chaos.server import Chaos, serving


@pytest.fixture
def chaos() -> Iterator[Chaos]:
    with serving(Chaos()) as chaos:
        yield chaos
