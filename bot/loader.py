"""Finds plugins and channels, ours and those of others; loads what not everybody needs."""

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Protocol, cast, runtime_checkable

from bot.errors import SettingsError
from bot.options import nearest
from bot.plugin import ChannelFactory, PluginFactory
from bot.ports import Model

PLUGINS = "followup_bot.plugins"
CHANNELS = "followup_bot.channels"

# What importing a foreign module may plausibly end in; the error then names who shipped it.
_BROKEN = (
    ImportError,
    AttributeError,
    SyntaxError,
    NameError,
    LookupError,
    TypeError,
    ValueError,
    RuntimeError,
    OSError,
)


def plugin_factories() -> dict[str, PluginFactory]:
    """Every installed plugin's factory, by name. Raises SettingsError."""
    return {name: cast(PluginFactory, made) for name, made in factories(PLUGINS).items()}


def channel_factory(kind: str) -> ChannelFactory:
    """The factory of that kind of channel; nothing else is imported. Raises SettingsError."""
    entries = _entries(CHANNELS)
    if kind not in entries:
        raise SettingsError(_no_such_channel(kind, list(entries)))
    return cast(ChannelFactory, _load(entries[kind]))


@runtime_checkable
class ConnectedModel(Model, Protocol):
    """A model at the other end of a connection."""

    async def ping(self) -> None:
        """One word from the model, to see that name and key are right. Raises ModelError."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


def connected_model(
    name: str, timeout: timedelta, base_url: str | None, api_key: str | None
) -> ConnectedModel:
    """That model; its library, which takes as long to load as half of the rest, is loaded now."""
    made: ConnectedModel = import_module("bot.llm").OpenAiModel(name, timeout, base_url, api_key)
    return made


def factories(group: str) -> dict[str, Callable[..., object]]:
    """All factories of an entry point group, loaded, by name. Raises SettingsError."""
    return {name: _load(entry) for name, entry in sorted(_entries(group).items())}


def _entries(group: str) -> dict[str, EntryPoint]:
    """Entry points by name; nothing is imported yet."""
    found: dict[str, EntryPoint] = {}
    for entry in entry_points(group=group):
        other = found.setdefault(entry.name, entry)
        if other != entry or _owner(other) != _owner(entry):
            raise SettingsError(
                f"{_sort(group)} '{entry.name}' is offered by two packages, "
                f"{_owner(other)} and {_owner(entry)}; uninstall one of them"
            )
    return found


def _load(entry: EntryPoint) -> Callable[..., object]:
    about = f"{_sort(entry.group)} '{entry.name}' of the package {_owner(entry)}"
    try:
        factory = entry.load()
    except _BROKEN as error:
        raise SettingsError(f"{about} cannot be loaded: {error}") from error
    if not callable(factory):
        raise SettingsError(f"{about} is no factory: {entry.value} cannot be called")
    return cast(Callable[..., object], factory)


def _no_such_channel(kind: str, known: list[str]) -> str:
    if not known:
        return f"kind '{kind}': no channel is installed; install the application (pip install .)"
    hint = nearest(kind, known) or f"; known kinds: {', '.join(sorted(known))}"
    return f"kind '{kind}': no such channel is installed{hint}"


def _owner(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist else "(unknown)"


def _sort(group: str) -> str:
    return group.rpartition(".")[-1].removesuffix("s")
