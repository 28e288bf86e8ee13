"""The audit log: who changed what, when, from what, to what."""

from dataclasses import asdict, dataclass

from sqlalchemy import insert

from bot.clock import Clock
from bot.model import Change
from bot.ports import Transaction
from bot.store.tables import changes


@dataclass(frozen=True, slots=True)
class SqlJournal:
    """Keeps changes in the transaction that makes them; there is no way to alter one."""

    clock: Clock

    async def record(self, tx: Transaction, change: Change) -> None:
        """Keep it."""
        values = asdict(change)
        row = {"employee_id": values.pop("employee"), "chat_id": values.pop("chat"), **values}
        await tx.connection.execute(insert(changes).values(at=self.clock.now(), **row))
