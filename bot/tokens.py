"""Tokens: with one of them a program does what its person may do, or a part of that."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.clock import Clock
from bot.errors import PeopleError
from bot.model import Change
from bot.operations import Scope
from bot.people import Account, account_of
from bot.ports import Database, Journal, Transaction
from bot.secrets import fingerprint, new_secret
from bot.site import PersonRole, phrase
from bot.store.tables import people, tokens

PREFIX: Final = "fbt_"
"""By it people and scanners of secrets know what they have found."""
LONGEST_NAME: Final = 28
MOST: Final = 50
MOST_DAYS: Final = 3650
_KEPT: Final = timedelta(days=30)
# Being used is written down that seldom: not every request is a write.
_SEEN_EVERY: Final = timedelta(minutes=5)

ALLOWED: Final = {
    PersonRole.ADMIN: frozenset(Scope),
    PersonRole.VIEWER: frozenset({Scope.READ}),
}
GONE: Final = phrase("There is no such token.")


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is listed; the secret itself is kept nowhere."""

    id: int
    name: str
    scopes: frozenset[Scope]
    made_at: datetime
    ends_at: datetime | None
    seen_at: datetime | None

    def is_over(self, now: datetime) -> bool:
        """Whether it counts no more."""
        return self.ends_at is not None and self.ends_at <= now


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whoever came with a good token. `scopes` are those that the person's role still allows."""

    account: Account
    token: Token
    scopes: frozenset[Scope]

    @property
    def by(self) -> str:
        """Who did it, for the audit log."""
        return f"{self.account.name}, token {self.token.name}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A token that somebody asks for; no `days`: it does not end by itself."""

    name: str
    scopes: Collection[Scope]
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Tokens:
    """Makes, finds and revokes tokens. Raises PeopleError, in plain words."""

    database: Database
    clock: Clock
    journal: Journal

    async def make(self, by: str, person: int, wanted: Wanted) -> str:
        """A new token; gives its secret, this once."""
        name = _good_name(wanted.name)
        scopes = _good_scopes(wanted.scopes)
        now, ends = self.clock.now(), self._end(wanted.days)
        secret = PREFIX + new_secret()
        async with self.database.write() as tx:
            account = await _held(tx, person)
            if not set(scopes) <= ALLOWED[account.role]:
                raise PeopleError(phrase("A viewer's token may read, and nothing else."))
            if len(await self._of(tx, person)) >= MOST:
                raise PeopleError(phrase("These are too many tokens; revoke some first."))
            values = {"person_id": person, "name": name, "scopes": " ".join(scopes)}
            moments = {"made_at": now, "ends_at": ends}
            adding = insert(tokens).values(key=fingerprint(secret), **values, **moments)
            try:
                await tx.connection.execute(adding)
            except IntegrityError:
                raise PeopleError(phrase("There is a token of that name already.")) from None
            told = {"user": account.name, "token": name, "scopes": scopes}
            await self.journal.record(tx, Change(by, "token.made", after=told))
        return secret

    async def of(self, person: int) -> Sequence[Token]:
        """All of somebody's, by name."""
        async with self.database.read() as connection:
            query = select(tokens).where(tokens.c.person_id == person).order_by(tokens.c.name)
            rows = (await connection.execute(query)).mappings()
            return [_token(row) for row in rows]

    async def find(self, secret: str) -> Bearer | None:
        """Who that is, if the token still counts."""
        now, key = self.clock.now(), fingerprint(secret)
        its = [column.label(f"token_{column.name}") for column in tokens.c]
        query = select(people, *its).join(tokens, tokens.c.person_id == people.c.id)
        async with self.database.read() as connection:
            found = await connection.execute(query.where(tokens.c.key == key))
            row = found.mappings().one_or_none()
        if row is None:
            return None
        token = _token({column.name: row[f"token_{column.name}"] for column in tokens.c})
        if token.is_over(now):
            return None
        if token.seen_at is None or token.seen_at <= now - _SEEN_EVERY:
            seen = update(tokens).where(tokens.c.id == token.id).values(seen_at=now)
            async with self.database.write() as tx:
                await tx.connection.execute(seen)
        account = account_of(row)
        return Bearer(account, token, token.scopes & ALLOWED[account.role])

    async def revoke(self, by: str, person: int, token: int) -> None:
        """It counts no more, from now on."""
        async with self.database.write() as tx:
            account = await _held(tx, person)
            known = {each.id: each for each in await self._of(tx, person)}
            if token not in known:
                raise PeopleError(GONE)
            await self._drop(tx, by, account, [known[token]])

    async def revoke_all(self, by: str, person: int) -> None:
        """Nothing of somebody's counts any more."""
        async with self.database.write() as tx:
            account = await _held(tx, person)
            await self._drop(tx, by, account, await self._of(tx, person))

    async def forget(self, tx: Transaction) -> None:
        """Delete those that ended long ago; until then people see that they ended."""
        over = tokens.c.ends_at <= self.clock.now() - _KEPT
        await tx.connection.execute(delete(tokens).where(over))

    def _end(self, days: int | None) -> datetime | None:
        if days is None:
            return None
        if not 1 <= days <= MOST_DAYS:
            raise PeopleError(phrase("A token ends after 1 to 3650 days, or never."))
        return self.clock.now() + timedelta(days=days)

    async def _of(self, tx: Transaction, person: int) -> Sequence[Token]:
        query = select(tokens).where(tokens.c.person_id == person)
        return [_token(row) for row in (await tx.connection.execute(query)).mappings()]

    async def _drop(
        self, tx: Transaction, by: str, account: Account, gone: Sequence[Token]
    ) -> None:
        for each in gone:
            await tx.connection.execute(delete(tokens).where(tokens.c.id == each.id))
            told = {"user": account.name, "token": each.name}
            await self.journal.record(tx, Change(by, "token.revoked", before=told))


def _token(row: Mapping[str, Any] | RowMapping) -> Token:
    scopes = frozenset(Scope(each) for each in str(row["scopes"]).split() if each in _KNOWN)
    return Token(
        row["id"],
        row["name"],
        scopes,
        row["made_at"],
        row["ends_at"],
        row["seen_at"],
    )


_KNOWN: Final = frozenset(scope.value for scope in Scope)


async def _held(tx: Transaction, person: int) -> Account:
    """Nobody changes their role, or removes them, until the transaction ends."""
    query = select(people).where(people.c.id == person).with_for_update()
    row = (await tx.connection.execute(query)).mappings().one_or_none()
    if row is None:
        raise PeopleError(phrase("There is nobody of that name."))
    return account_of(row)


def _good_name(name: str) -> str:
    good = name.strip()
    if not good or len(good) > LONGEST_NAME or not good.isprintable():
        raise PeopleError(phrase("A token's name has 1 to 28 letters, digits or signs."))
    return good


def _good_scopes(scopes: Collection[Scope]) -> Sequence[Scope]:
    """In the order in which they are always told."""
    if not scopes:
        raise PeopleError(phrase("Say what the token is for: choose at least one scope."))
    return [scope for scope in Scope if scope in scopes]
