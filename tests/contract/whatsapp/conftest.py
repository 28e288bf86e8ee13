"""A WhatsApp account between a Twilio on loopback and a runtime that only takes notes."""

import importlib.util
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.chaos.server import Chaos, serving


def _shop() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "whatsapp_shop", Path(__file__).with_name("shop.py")
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def shops() -> ModuleType:
    return _shop()


@pytest.fixture
def chaos() -> Iterator[Chaos]:
    with serving(Chaos()) as chaos:
        chaos.dice.calm = True
        yield chaos


@pytest.fixture
async def shop(shops: ModuleType, chaos: Chaos) -> AsyncIterator[Any]:
    async with shops.Shop(chaos) as shop:
        yield shop
