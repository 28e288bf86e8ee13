"""The settings that ship with the application."""

import re
from importlib.resources import as_file, files

import pytest
from pydantic import BaseModel

from bot.options import kind_at
from config.settings import (
    ChannelSettings,
    EmployeeSettings,
    Settings,
    check_references,
    load,
    unknown_tables,
)


def packaged(name: str) -> Settings:
    with as_file(files("config") / name) as path:
        return load(path, {})


@pytest.mark.parametrize("name", ["demo.toml", "bot.example.toml"])
def test_the_packaged_settings_are_right(name: str) -> None:
    settings = packaged(name)

    assert check_references(settings, []) == []
    assert unknown_tables(settings, ["followup"]) == []


def test_the_demo_reminds_after_20_40_and_60_seconds_and_is_always_open() -> None:
    demo = packaged("demo.toml")

    [anna] = demo.employees.values()
    steps = anna.plugin_tables["followup"]["steps"]
    assert [step["delay"] for step in steps] == ["20s", "40s", "60s"]
    assert anna.working_hours == {}
    assert [channel.kind for channel in demo.channels.values()] == ["web"]
    assert (demo.web.host, demo.web.port) == ("127.0.0.1", 8080)


def test_the_example_shows_every_key() -> None:
    text = (files("config") / "bot.example.toml").read_text(encoding="utf-8")
    sections = [kind_at(Settings, (name,)) for name in Settings.model_fields]
    models = [kind for kind in sections if isinstance(kind, type) and issubclass(kind, BaseModel)]

    for section in Settings.model_fields:
        assert re.search(rf"^\[{section}[.\]]", text, re.MULTILINE), section
    for model in [*models, EmployeeSettings, ChannelSettings]:
        for key in model.model_fields:
            assert re.search(rf"^(# )?{key} = |^\[employees\.anna\.{key}\]", text, re.MULTILINE), (
                key
            )
