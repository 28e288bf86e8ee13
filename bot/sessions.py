"""Who is signed in: sessions on the server, known by the fingerprint of a secret."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, func, insert, or_, select, update

from bot.clock import Clock
from bot.people import Account, account_of
from bot.ports import Database, Transaction
from bot.secrets import fingerprint, new_secret
from bot.store.tables import people, sessions

IDLE: Final = timedelta(hours=12)
LONGEST: Final = timedelta(days=7)
# Being seen is written down that seldom: not every page is a write.
_SEEN_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Sessions:
    """Opens, finds and ends sessions."""

    database: Database
    clock: Clock

    async def anybody(self) -> bool:
        """Whether there is a person at all; from the first one on everybody signs in."""
        async with self.database.read() as connection:
            return (await connection.execute(select(people.c.id).limit(1))).first() is not None

    async def open(self, person: int) -> str:
        """A new session; gives its secret."""
        secret, now = new_secret(), self.clock.now()
        values = {"id": fingerprint(secret), "person_id": person, "made_at": now, "seen_at": now}
        async with self.database.write() as tx:
            await tx.connection.execute(insert(sessions).values(values))
        return secret

    async def find(self, secret: str) -> Account | None:
        """Whose session that is, if it is not over."""
        now, key = self.clock.now(), fingerprint(secret)
        query = (
            select(people, sessions.c.seen_at)
            .join(sessions, sessions.c.person_id == people.c.id)
            .where(sessions.c.id == key)
            .where(sessions.c.seen_at > now - IDLE)
            .where(sessions.c.made_at > now - LONGEST)
        )
        async with self.database.read() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        if row is None:
            return None
        if row["seen_at"] <= now - _SEEN_EVERY:
            seen = update(sessions).where(sessions.c.id == key).values(seen_at=now)
            async with self.database.write() as tx:
                await tx.connection.execute(seen)
        return account_of(row)

    async def count(self, person: int) -> int:
        """In how many browsers somebody is signed in."""
        now = self.clock.now()
        query = select(func.count()).where(
            sessions.c.person_id == person,
            sessions.c.seen_at > now - IDLE,
            sessions.c.made_at > now - LONGEST,
        )
        async with self.database.read() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def end(self, secret: str) -> None:
        """Sign out here."""
        async with self.database.write() as tx:
            await tx.connection.execute(
                delete(sessions).where(sessions.c.id == fingerprint(secret))
            )

    async def end_all(self, person: int) -> None:
        """Sign out everywhere."""
        async with self.database.write() as tx:
            await tx.connection.execute(delete(sessions).where(sessions.c.person_id == person))

    async def forget(self, tx: Transaction) -> None:
        """Delete those that are over."""
        now = self.clock.now()
        over = or_(sessions.c.seen_at <= now - IDLE, sessions.c.made_at <= now - LONGEST)
        await tx.connection.execute(delete(sessions).where(over))
