import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.loader import CHANNELS, PLUGINS, channel_factory, factories, plugin_factories

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts a package of somebody else's on the path: its module, and what it offers."""

    def put(package: str, group: str, offers: str, code: str) -> None:
        folder = tmp_path / package
        marks = folder / f"{package}-1.0.dist-info"
        marks.mkdir(parents=True)
        (marks / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        (marks / "entry_points.txt").write_text(f"[{group}]\n{offers}\n")
        (folder / f"{package}.py").write_text(code)
        monkeypatch.syspath_prepend(folder)
        monkeypatch.delitem(sys.modules, package, raising=False)

    return put


def test_our_own_channel_and_plugin_are_found() -> None:
    assert callable(channel_factory("web"))
    assert callable(plugin_factories()["followup"])


def test_a_channel_written_by_others_is_found(install: Install) -> None:
    install("pigeons", CHANNELS, "pigeon = pigeons:channel", "def channel(*args): return 'coo'")

    assert channel_factory("pigeon").__module__ == "pigeons"


def test_only_the_channel_that_is_asked_for_is_imported(install: Install) -> None:
    install("broken_one", CHANNELS, "broken = broken_one:channel", "raise RuntimeError('no')")
    install("pigeons", CHANNELS, "pigeon = pigeons:channel", "def channel(*args): return 'coo'")

    channel_factory("pigeon")

    assert "broken_one" not in sys.modules


def test_an_unknown_kind_is_answered_with_the_nearest() -> None:
    with pytest.raises(SettingsError, match=r"kind 'wbe': .*; did you mean 'web'\?"):
        channel_factory("wbe")
    with pytest.raises(SettingsError, match=r"kind 'smoke signals': .*; known kinds: .*web"):
        channel_factory("smoke signals")


def test_without_an_installation_the_cure_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])

    with pytest.raises(SettingsError, match="install the application"):
        channel_factory("web")


def test_two_packages_with_the_same_offer_are_both_named(install: Install) -> None:
    install("pigeons", PLUGINS, "post = pigeons:plugin", "plugin = print")
    install("ravens", PLUGINS, "post = ravens:plugin", "plugin = print")

    with pytest.raises(SettingsError, match=r"plugin 'post' .*(pigeons and ravens|ravens and p)"):
        plugin_factories()


@pytest.mark.parametrize(
    "code",
    ["import nothing_such", "x = 1", "def", "raise RuntimeError('no')", "plugin = 'no factory'"],
)
def test_a_broken_package_is_named(install: Install, code: str) -> None:
    install("broken_one", PLUGINS, "odd = broken_one:plugin", code)

    with pytest.raises(SettingsError, match="plugin 'odd' of the package broken_one"):
        factories(PLUGINS)
