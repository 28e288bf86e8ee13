"""Who may sign in to the dashboard: who they are, and the links that let them choose a password."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, RowMapping, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from bot.clock import Clock
from bot.errors import PeopleError
from bot.model import Change
from bot.passwords import Passwords, weakness
from bot.ports import Database, Journal, Transaction
from bot.secrets import fingerprint, new_secret
from bot.site import PersonRole, phrase
from bot.store.tables import people, sessions, setup_links, tokens
from bot.store.texts import storable

LINK_LIFE: Final = timedelta(hours=24)
_LONGEST = 64
VOID: Final = phrase("This link was used already, or is too old. Ask for a new one.")


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in, once they have a password."""

    id: int
    name: str
    role: PersonRole
    password: str | None
    language: str | None = None
    zone: str | None = None
    theme: str | None = None

    @property
    def is_ready(self) -> bool:
        """Whether they have chosen a password."""
        return self.password is not None


@dataclass(frozen=True, slots=True)
class Invitation:
    """A set-up link that is still good: for that person, or for the very first."""

    person: Account | None


def account_of(row: RowMapping) -> Account:
    """A row of `people` as a value."""
    return Account(
        row["id"],
        row["name"],
        PersonRole(row["role"]),
        row["password"],
        row["language"],
        row["zone"],
        row["theme"],
    )


def key_of(name: str) -> str:
    """A name as it is compared: Anna, ANNA and anna are one person."""
    return storable(unicodedata.normalize("NFKC", name).strip().casefold())


@dataclass(frozen=True, slots=True)
class People:
    """Changes who may sign in; the last admin stays. Raises PeopleError, in plain words."""

    database: Database
    clock: Clock
    journal: Journal
    passwords: Passwords

    async def everyone(self) -> Sequence[Account]:
        """All of them, by name."""
        async with self.database.read() as connection:
            rows = await connection.execute(select(people).order_by(people.c.key))
            return [account_of(row) for row in rows.mappings()]

    async def named(self, name: str) -> Account | None:
        """The one of that name."""
        query = select(people).where(people.c.key == key_of(name))
        async with self.database.read() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        return account_of(row) if row is not None else None

    async def add(self, by: str, name: str, role: PersonRole) -> str:
        """Somebody new; gives the secret of their set-up link."""
        good = _good_name(name)
        async with self.database.write() as tx:
            person = await self._make(tx, good, role, password=None)
            await self._tell(tx, by, "user.added", good, after={"role": role})
            return await self._link(tx, person)

    async def link(self, by: str, person: int) -> str:
        """A new set-up link for somebody; those of before are void."""
        async with self.database.write() as tx:
            account = await self._one(tx, person)
            await self._tell(tx, by, "user.link", account.name)
            await tx.connection.execute(
                delete(setup_links).where(setup_links.c.person_id == person)
            )
            return await self._link(tx, person)

    async def first_link(self) -> str | None:
        """A link that makes the first person; None if there is somebody."""
        async with self.database.write() as tx:
            if await self._count(tx):
                return None
            return await self._link(tx, None)

    async def set_role(self, by: str, person: int, role: PersonRole) -> None:
        """Let somebody do more, or less."""
        async with self.database.write() as tx:
            held = self._one if role is PersonRole.ADMIN else self._dispensable
            account = await held(tx, person)
            change = {"before": {"role": account.role}, "after": {"role": role}}
            await self._tell(tx, by, "user.role", account.name, **change)
            await tx.connection.execute(
                update(people).where(people.c.id == person).values(role=role)
            )

    async def remove(self, by: str, person: int) -> None:
        """They are signed out everywhere, their tokens count no more, and they cannot come back."""
        async with self.database.write() as tx:
            account = await self._dispensable(tx, person)
            await self._tell(tx, by, "user.removed", account.name, before={"role": account.role})
            for table in (sessions, setup_links, tokens):
                await tx.connection.execute(delete(table).where(table.c.person_id == person))
            await tx.connection.execute(delete(people).where(people.c.id == person))

    async def prefer(self, person: int, language: str, zone: str, theme: str) -> None:
        """Remember how they want to see pages."""
        chosen = {"language": language, "zone": zone, "theme": theme}
        async with self.database.write() as tx:
            await tx.connection.execute(update(people).where(people.c.id == person).values(chosen))

    async def set_password(self, person: int, name: str, password: str) -> None:
        """A new password; they are signed out everywhere."""
        stored = await self._stored(password, name)
        async with self.database.write() as tx:
            await self._tell(tx, name, "user.password", name)
            await self._put_password(tx, person, stored)

    async def invitation(self, secret: str) -> Invitation | None:
        """What a set-up link is for; None if it was used, is too old, or never was."""
        query = (
            select(setup_links.c.person_id.label("owner"), people)
            .outerjoin(people, people.c.id == setup_links.c.person_id)
            .where(setup_links.c.id == fingerprint(secret))
            .where(setup_links.c.ends_at > self.clock.now())
        )
        async with self.database.read() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        if row is None:
            return None
        return Invitation(None if row["owner"] is None else account_of(row))

    async def accept(self, secret: str, name: str, password: str) -> int:
        """Use a set-up link, once: the person may sign in from now on; gives who it is."""
        invited = await self.invitation(secret)
        if invited is None:
            raise PeopleError(VOID)
        name = invited.person.name if invited.person is not None else _good_name(name)
        stored = await self._stored(password, name)
        async with self.database.write() as tx:
            link = delete(setup_links).where(setup_links.c.id == fingerprint(secret))
            if (await tx.connection.execute(link)).rowcount != 1:
                raise PeopleError(VOID)
            if invited.person is None:
                return await self._first(tx, name, stored)
            account = await self._one(tx, invited.person.id)
            await self._tell(tx, account.name, "user.password", account.name)
            await self._put_password(tx, account.id, stored)
            return account.id

    async def forget(self, tx: Transaction) -> None:
        """Delete links that are too old."""
        old = setup_links.c.ends_at <= self.clock.now()
        await tx.connection.execute(delete(setup_links).where(old))

    async def _first(self, tx: Transaction, name: str, stored: str) -> int:
        await tx.connection.execute(delete(setup_links).where(setup_links.c.person_id.is_(None)))
        if await self._count(tx):
            raise PeopleError(VOID)
        await self._tell(tx, name, "user.added", name, after={"role": PersonRole.ADMIN})
        return await self._make(tx, name, PersonRole.ADMIN, stored)

    async def _make(
        self, tx: Transaction, name: str, role: PersonRole, password: str | None
    ) -> int:
        values = {"name": name, "key": key_of(name), "role": role, "password": password}
        adding = insert(people).values(made_at=self.clock.now(), **values)
        try:
            return int((await tx.connection.execute(adding.returning(people.c.id))).scalar_one())
        except IntegrityError:
            raise PeopleError(phrase("There is somebody of that name already.")) from None

    async def _link(self, tx: Transaction, person: int | None) -> str:
        secret = new_secret()
        ends = self.clock.now() + LINK_LIFE
        values = {"id": fingerprint(secret), "person_id": person, "ends_at": ends}
        await tx.connection.execute(insert(setup_links).values(values))
        return secret

    async def _put_password(self, tx: Transaction, person: int, stored: str) -> None:
        """With it every session and every other link of theirs ends."""
        changed = update(people).where(people.c.id == person).values(password=stored)
        await tx.connection.execute(changed)
        for table in (sessions, setup_links):
            await tx.connection.execute(delete(table).where(table.c.person_id == person))

    async def _stored(self, password: str, name: str) -> str:
        fault = weakness(password, name)
        if fault is not None:
            raise PeopleError(fault)
        return await self.passwords.hashed(password)

    async def _one(self, tx: Transaction, person: int) -> Account:
        return (await self._held(tx, person, people.c.id == person))[person]

    async def _dispensable(self, tx: Transaction, person: int) -> Account:
        """Somebody without whom others can let people in; all admins are held until it is done."""
        wanted = or_(people.c.id == person, people.c.role == PersonRole.ADMIN)
        found = await self._held(tx, person, wanted)
        leaving = found.pop(person)
        others = [each for each in found.values() if each.is_ready or not leaving.is_ready]
        if leaving.role is PersonRole.ADMIN and not others:
            raise PeopleError(
                phrase("This is the last admin who can sign in. Make somebody else an admin first.")
            )
        return leaving

    async def _held(
        self, tx: Transaction, person: int, wanted: ColumnElement[bool]
    ) -> dict[int, Account]:
        """In order, so that two who hold many never deadlock; that person is among them."""
        query = select(people).where(wanted).order_by(people.c.id).with_for_update()
        rows = (await tx.connection.execute(query)).mappings()
        found = {account.id: account for account in map(account_of, rows)}
        if person not in found:
            raise PeopleError(phrase("There is nobody of that name."))
        return found

    async def _count(self, tx: Transaction) -> int:
        query = select(func.count()).select_from(people)
        return int((await tx.connection.execute(query)).scalar_one())

    async def _tell(self, tx: Transaction, by: str, action: str, name: str, **change: Any) -> None:
        """Into the audit log: who it is about, and the values before and after."""
        values = {when: {"user": name, **value} for when, value in change.items()}
        await self.journal.record(tx, Change(by=by, action=action, **(values or _about(name))))


def _about(name: str) -> dict[str, dict[str, str]]:
    return {"after": {"user": name}}


def _good_name(name: str) -> str:
    """Without spaces around it. Raises PeopleError for one that cannot be read or typed."""
    good = unicodedata.normalize("NFC", name).strip()
    if not good or len(good) > _LONGEST or not good.isprintable():
        raise PeopleError(phrase("A name has 1 to 64 letters, digits or signs."))
    return good
