"""Who wanted no reminders when their chat was erased, as salted hashes."""

import hmac
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from secrets import token_hex
from typing import Any

from sqlalchemy import BindParameter, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.api import ChannelAccount, Chat, Transaction
from plugins.followup.adapters.tables import opt_outs, salts

_SALT = select(salts.c.value).order_by(salts.c.id).limit(1)
_HASHES: BindParameter[Any] = bindparam("hashes", expanding=True)
_HELD = select(opt_outs.c.hash).where(opt_outs.c.hash.in_(_HASHES))
_DROPPED = delete(opt_outs).where(opt_outs.c.hash == bindparam("hash"))


class SqlOptOuts:
    """Hashes kind of channel and person; the salt never leaves the database."""

    def __init__(self, accounts: Mapping[str, ChannelAccount]) -> None:
        self._accounts = accounts
        self._salt: bytes | None = None

    async def keep(self, tx: Transaction, chat: Chat, at: datetime) -> None:
        """Remember the chat's person."""
        added = _dialect(tx).insert(opt_outs).on_conflict_do_nothing()
        await tx.connection.execute(added, {"hash": await self._hash(tx, chat), "at": at})

    async def held(self, tx: Transaction, chats: Sequence[Chat]) -> Collection[int]:
        """Those of the chats whose person is remembered."""
        if not chats:
            return ()
        hashes = {chat.id: await self._hash(tx, chat) for chat in chats}
        asked = {"hashes": list(hashes.values())}
        found = set((await tx.connection.execute(_HELD, asked)).scalars())
        return [chat for chat, each in hashes.items() if each in found]

    async def drop(self, tx: Transaction, chat: Chat) -> None:
        """Forget the person."""
        await tx.connection.execute(_DROPPED, {"hash": await self._hash(tx, chat)})

    async def _read(self, tx: Transaction) -> bytes:
        """The salt; made anew, once, where somebody emptied its table."""
        found = (await tx.connection.execute(_SALT)).scalar_one_or_none()
        if found is not None:
            self._salt = bytes.fromhex(found)
            return self._salt
        made = _dialect(tx).insert(salts).on_conflict_do_nothing()
        await tx.connection.execute(made, {"id": 1, "value": token_hex(32)})
        # Not remembered yet: this transaction may still be undone.
        return bytes.fromhex((await tx.connection.execute(_SALT)).scalar_one())

    async def _hash(self, tx: Transaction, chat: Chat) -> str:
        salt = self._salt or await self._read(tx)
        account = self._accounts.get(chat.ref.account)
        kind = account.kind if account is not None else chat.ref.account
        person = chat.ref.address
        if account is not None and account.person is not None:
            person = account.person(person)
        return hmac.new(salt, f"{kind}\n{person}".encode(), "sha256").hexdigest()


def _dialect(tx: Transaction) -> Any:
    return sqlite if tx.connection.dialect.name == "sqlite" else postgresql
