"""Tells the plugins what happens, each alone: one that fails takes nothing else with it."""

import logging
from collections.abc import Awaitable, Callable, Sequence

from bot.plugin import Plugin
from bot.ports import Transaction

log = logging.getLogger(__name__)


class Hooks:
    """The loaded plugins, in the order in which they are told."""

    def __init__(self, plugins: Sequence[Plugin] = ()) -> None:
        self.plugins = plugins

    async def tell(self, tx: Transaction, hook: Callable[[Plugin], Awaitable[None]]) -> None:
        """Call a hook of every plugin, each in a savepoint; a failing one is undone and logged."""
        for plugin in self.plugins:
            planned = len(tx.callbacks)
            try:
                async with tx.connection.begin_nested():
                    await hook(plugin)
            except Exception:
                del tx.callbacks[planned:]
                log.exception("plugin %s failed and was left out", plugin.name)
