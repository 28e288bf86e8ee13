"""Saves a chain, unless somebody else has saved it since it was read."""

from plugins.followup.commands.saving import Hand, Wish, keep
from plugins.followup.model import Chain
from plugins.followup.ports import Ports
from plugins.followup.settings_tab.draft import mark


async def keep_unless_changed(ports: Ports, hand: Hand, wish: Wish, base: str) -> Chain | None:
    """The chain that somebody else has saved; None if what is wanted holds now.

    `base` is the mark of the chain that was read. Raises LookupError if the employee is gone.
    """
    async with ports.runtime.database.write() as tx:
        held = await ports.chains.hold(tx, hand.employee)
        if held is None:
            raise LookupError(f"employee {hand.employee} is gone")
        theirs = held.chain
        if wish == Wish.of(theirs):
            return None
        if mark(theirs) != base:
            return theirs
        await keep(ports, tx, hand, (theirs, wish))
    return None
