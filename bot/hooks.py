"""Tells the plugins what happens, each alone: one that fails takes nothing else with it."""

import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from bot.plugin import Plugin
from bot.ports import Transaction
from bot.site import Notice

Happened = TypeVar("Happened")

log = logging.getLogger(__name__)


class Hooks:
    """The loaded plugins, in the order in which they are told."""

    def __init__(self, plugins: Sequence[Plugin] = ()) -> None:
        self.plugins = plugins

    async def tell(self, tx: Transaction, hook: Callable[[Plugin], Awaitable[None]]) -> None:
        """Call a hook of every plugin, each in a savepoint; a failing one is undone and logged."""
        for plugin in self.plugins:
            await _told(tx, plugin, hook)

    async def tell_of(
        self,
        tx: Transaction,
        many: Sequence[Happened],
        hook: Callable[[Plugin, Sequence[Happened]], Awaitable[None]],
    ) -> None:
        """The same of many happenings at once; if that fails, of each alone."""
        for plugin in self.plugins if many else ():
            whole = await _told(tx, plugin, lambda plugin: hook(plugin, many))
            for each in () if whole or len(many) == 1 else many:
                await _told(tx, plugin, partial(_one, hook, each))


async def _one(
    hook: Callable[[Plugin, Sequence[Happened]], Awaitable[None]], each: Happened, plugin: Plugin
) -> None:
    await hook(plugin, [each])


async def _told(tx: Transaction, plugin: Plugin, hook: Callable[[Plugin], Awaitable[None]]) -> bool:
    """Whether the plugin heard of it; what it did otherwise is undone."""
    planned = len(tx.callbacks)
    whole = False
    with alone(plugin):
        # It ends with the transaction: to release it would be one more statement.
        savepoint = await tx.connection.begin_nested()
        try:
            await hook(plugin)
        except Exception:
            await savepoint.rollback()
            raise
        whole = True
    if not whole:
        del tx.callbacks[planned:]
    return whole


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
