"""What was decided of many chats, put down in a few statements."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.api import Transaction
from plugins.followup.planning import save_all
from plugins.followup.ports import Ports, Put, Record


@dataclass(frozen=True, slots=True)
class Sheet:
    """Of each chat at most one record and one row to put; `now` is when all was decided.

    `late` is where chats stood before the client wrote, unheard, and when that was.
    """

    now: datetime
    puts: list[Put] = field(default_factory=list)
    changes: dict[int, Mapping[str, object]] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    late: list[tuple[Record, datetime]] = field(default_factory=list)

    async def write(self, ports: Ports, tx: Transaction) -> Mapping[int, int]:
        """All of it; gives the ids of the rows that were put, by chat."""
        await ports.outcomes.replied(tx, self.late, self.now)
        ids = await ports.reminders.put(tx, self.puts)
        await ports.reminders.change(tx, self.changes)
        await save_all(ports, tx, self.records)
        return ids
