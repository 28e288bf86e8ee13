"""Signing in: by name and password, and not as often as somebody who guesses would like."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, insert, select

from bot.clock import Clock
from bot.errors import PeopleError
from bot.passwords import Passwords
from bot.people import Account, People, key_of
from bot.ports import Database, Transaction
from bot.secrets import fingerprint
from bot.site import phrase
from bot.store.tables import sign_in_failures

WRONG: Final = phrase("That name and that password do not belong together.")


@dataclass(frozen=True, slots=True)
class Limit:
    """So many failures in that time, then no more tries until the first of them is that old."""

    failures: int
    time: timedelta

    def wait(self, failed: Sequence[datetime], now: datetime) -> timedelta:
        """How long nobody may try again; `failed` in order."""
        recent = [at for at in failed if at > now - self.time]
        if len(recent) < self.failures:
            return timedelta()
        return recent[-self.failures] + self.time - now


BY_NAME: Final = Limit(5, timedelta(minutes=15))
BY_ADDRESS: Final = Limit(20, timedelta(hours=1))
_TOKEN: Final = "token"  # noqa: S105  what is counted, beside names and addresses


class TooOftenError(PeopleError):
    """Too many tries failed; `wait` says for how long there is no other."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(
            phrase(
                "Too many tries failed. Wait a quarter of an hour, or have an admin give you a "
                "new link: followup users link NAME"
            )
        )
        self.wait = wait


@dataclass(frozen=True, slots=True)
class SigningIn:
    """Compares passwords; counts failures in the database, for all processes together."""

    database: Database
    clock: Clock
    people: People
    passwords: Passwords

    async def enter(self, name: str, password: str, address: str) -> Account:
        """Who that is. Raises PeopleError; an unknown name takes as long as a wrong password."""
        named = fingerprint(key_of(name))
        # Counted before it is known to fail: those who try at the same time count each other.
        await self._count(named, address)
        account = await self.people.named(name)
        right = await self.passwords.matches(account.password if account else None, password)
        if account is None or not right:
            raise PeopleError(WRONG)
        async with self.database.write() as tx:
            done = delete(sign_in_failures).where(sign_in_failures.c.name == named)
            await tx.connection.execute(done)
        return account

    async def forget(self, tx: Transaction) -> None:
        """Delete failures that count no more."""
        old = sign_in_failures.c.at <= self.clock.now() - BY_ADDRESS.time
        await tx.connection.execute(delete(sign_in_failures).where(old))

    async def _count(self, name: str, address: str) -> None:
        """Take a try, if there is one left. Raises TooOftenError."""
        now = self.clock.now()
        async with self.database.write() as tx:
            await self.forget(tx)
            by_name = await self._failed(tx, "name", name)
            by_address = await self._failed(tx, "address", address)
            wait = max(BY_NAME.wait(by_name, now), BY_ADDRESS.wait(by_address, now))
            if not wait:
                values = {"name": name, "address": address, "at": now}
                await tx.connection.execute(insert(sign_in_failures).values(values))
        if wait:
            raise TooOftenError(wait)

    async def _failed(self, tx: Transaction, column: str, value: str) -> Sequence[datetime]:
        query = select(sign_in_failures.c.at).where(sign_in_failures.c[column] == value)
        return (await tx.connection.execute(query.order_by(sign_in_failures.c.at))).scalars().all()


@dataclass(frozen=True, slots=True)
class WrongTokens:
    """Counts tokens that nobody has, by where they come from; sign-in is not touched by that."""

    database: Database
    clock: Clock

    async def count(self, address: str) -> None:
        """One more. Raises TooOftenError, and then counts no further."""
        now, source = self.clock.now(), f"{_TOKEN} {address}"
        query = select(sign_in_failures.c.at).where(sign_in_failures.c.address == source)
        async with self.database.read() as connection:
            rows = await connection.execute(query.order_by(sign_in_failures.c.at))
            wait = BY_ADDRESS.wait(rows.scalars().all(), now)
        if wait:
            raise TooOftenError(wait)
        values = {"name": _TOKEN, "address": source, "at": now}
        async with self.database.write() as tx:
            await tx.connection.execute(insert(sign_in_failures).values(values))
