"""Tells the plugins what happens, each alone: one that fails takes nothing else with it."""

import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager

from bot.plugin import Plugin
from bot.ports import Transaction
from bot.site import Notice

log = logging.getLogger(__name__)


class Hooks:
    """The loaded plugins, in the order in which they are told."""

    def __init__(self, plugins: Sequence[Plugin] = ()) -> None:
        self.plugins = plugins

    async def tell(self, tx: Transaction, hook: Callable[[Plugin], Awaitable[None]]) -> None:
        """Call a hook of every plugin, each in a savepoint; a failing one is undone and logged."""
        for plugin in self.plugins:
            planned = len(tx.callbacks)
            with alone(plugin):
                # It ends with the transaction: to release it would be one more statement.
                savepoint = await tx.connection.begin_nested()
                try:
                    await hook(plugin)
                except Exception:
                    await savepoint.rollback()
                    raise
                planned = len(tx.callbacks)
            del tx.callbacks[planned:]


async def notices_of(plugins: Sequence[Plugin]) -> Sequence[Notice]:
    """What the plugins have everybody know; one that fails says nothing."""
    told: list[Notice] = []
    for plugin in plugins:
        with alone(plugin):
            told += await plugin.notices()
    return told


@contextmanager
def alone(plugin: Plugin) -> Iterator[None]:
    """Whatever goes wrong inside is logged as that plugin's fault, and ends there."""
    try:
        yield
    except Exception:
        log.exception("plugin %s failed and was left out", plugin.name)
