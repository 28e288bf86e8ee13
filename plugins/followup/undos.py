"""What an admin can undo."""

from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.api import Transaction
from plugins.followup.model import Chain

ANYBODY = ""
"""Who clicked is known by another name than who types: any admin may take that back."""


@dataclass(frozen=True, slots=True)
class Undo:
    """The chain before an admin's change by a command, and the version that the change made.

    Of a click on a page the same, for `ANYBODY`.
    """

    employee: str
    by: str
    version: int
    chain: Chain


class Undos(Protocol):
    """What can be undone: for each employee the latest change that is remembered."""

    async def keep(self, tx: Transaction, undo: Undo) -> None:
        """Remember it instead of what was remembered."""
        ...

    async def find(self, connection: AsyncConnection, employee: str) -> Undo | None:
        """What is remembered of that employee."""
        ...
