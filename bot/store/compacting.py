"""Overwrites what SQLite still holds of deleted rows: in its log, and in the gaps of pages."""

import logging

from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.ports import Database

log = logging.getLogger(__name__)

MOST = 64 * 1024 * 1024
"""A larger file is not made anew while others wait for it: that takes two seconds for each."""
_PATIENCE = "PRAGMA busy_timeout = 500"


async def compacted(database: Database) -> bool:
    """Whether nothing is left of what was deleted; not while somebody else reads or writes.

    With `secure_delete` SQLite zeroes what it deletes, but rows that moved when pages were split
    or joined leave copies behind. PostgreSQL looks after itself.
    """
    async with database.read() as connection:
        if connection.dialect.name != "sqlite":
            return True
        patience = (await connection.exec_driver_sql("PRAGMA busy_timeout")).scalar_one()
        await connection.exec_driver_sql(_PATIENCE)
        try:
            return await _compacted(connection)
        except OperationalError as error:
            log.warning("deleted data is not overwritten yet: %s", error.orig)
            return False
        finally:
            await connection.exec_driver_sql(f"PRAGMA busy_timeout = {patience}")


async def _compacted(connection: AsyncConnection) -> bool:
    if await _size(connection) <= MOST:
        await connection.exec_driver_sql("VACUUM")
    emptied = await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    busy, *_ = emptied.one()
    return not busy


async def _size(connection: AsyncConnection) -> int:
    pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar_one()
    return int(pages * (await connection.exec_driver_sql("PRAGMA page_size")).scalar_one())
