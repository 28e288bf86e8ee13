"""What the pages say is what the code has."""

import inspect
import re
from dataclasses import fields
from pathlib import Path

import pytest

import bot.api
from bot.plugin import Channel, ChannelHost, Plugin, Runtime
from config.settings import Settings

HOOKS = [name for name, hook in vars(Plugin).items() if inspect.isfunction(hook)]


@pytest.fixture
def page(root: Path) -> str:
    return (root / "docs" / "plugins.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_is_documented_with_its_arguments(page: str, name: str) -> None:
    _, *arguments = inspect.signature(getattr(Plugin, name)).parameters

    assert f"`{name}({', '.join(arguments)})`" in page


@pytest.mark.parametrize("kind", [Runtime, Channel, ChannelHost])
def test_everything_that_plugins_and_channels_are_given_is_documented(
    page: str, kind: type[Runtime | Channel | ChannelHost]
) -> None:
    assert [field.name for field in fields(kind) if f"`{field.name}`" not in page] == []


def test_the_page_uses_only_what_plugins_may_import(page: str) -> None:
    names = {
        name.strip()
        for line in re.findall(r"from bot\.api import (.+)", page)
        for name in line.split(",")
    }

    assert names
    assert names <= set(bot.api.__all__)


def test_the_examples_of_the_page_run(page: str) -> None:
    for example in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        space: dict[str, object] = {}
        exec(compile(example, "docs/plugins.md", "exec"), space)  # noqa: S102  our own page
        assert {"plugin", "channel"} & space.keys()


def test_the_page_of_settings_names_real_sections(root: Path) -> None:
    page = (root / "docs" / "settings.md").read_text(encoding="utf-8")
    sections = {name.lower() for name in re.findall(r"FOLLOWUP_([A-Z]+)__", page)}

    assert sections
    assert sections <= Settings.model_fields.keys()
