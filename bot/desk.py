"""What happens when an admin gives a command.

It is stored once per message of theirs before the network is told that it came, and done in a
job: marked as done first, so that nothing is changed twice. What it says goes back to the chat of
that admin alone. To anybody else there are no commands: theirs are messages like all others.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.clock import Clock
from bot.errors import ChannelError, UnknownDeliveryError
from bot.hooks import Hooks, alone
from bot.inbox import Account
from bot.model import Author, ChatRef, Command, Incoming, Screen
from bot.networks import Console
from bot.plugin import Plugin
from bot.ports import Database, Jobs, Transaction
from bot.store.tables import commands
from bot.store.texts import storable

log = logging.getLogger(__name__)

COMMAND = "command"
_FAILED = Screen("That did not work, and nothing may have changed. The log says why.")
# An admin who got no answer for so long has asked again.
_STALE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Wish:
    """A command that nobody else does any more; `edits` is the screen to show the answer in."""

    command: Command
    edits: str | None


@dataclass(frozen=True, slots=True)
class AdminDesk:
    """Takes commands, has plugins do them, and shows what they say."""

    database: Database
    clock: Clock
    accounts: Mapping[str, Account]
    consoles: Mapping[str, Console]
    hooks: Hooks
    jobs: Jobs

    async def take(self, incoming: Incoming, edits: str | None = None) -> bool:
        """Whether this is a known command of an admin; then it is stored, once."""
        account = self.accounts[incoming.ref.account]
        known = self._plugin(incoming.text) is not None
        is_client = incoming.author is Author.CLIENT
        if not (known and is_client and incoming.sender and incoming.sender in account.admins):
            return False
        async with self.database.write() as tx:
            await self._store(tx, incoming, f"{account.kind} {incoming.sender}", edits)
        return True

    async def job(self, key: int) -> None:
        """Do the command with that id, unless somebody does already."""
        wish = await self._claimed(key)
        plugin = self._plugin(wish.command.text) if wish is not None else None
        if wish is None or plugin is None:
            return
        screen: Screen | None = _FAILED
        with alone(plugin):
            screen = await plugin.command(wish.command)
        if screen is not None:
            await self._show(wish, screen)

    async def sweep(self) -> None:
        """Wake what nobody has done yet; forget those whose admin no longer waits."""
        now = self.clock.now()
        async with self.database.read() as connection:
            query = select(commands.c.id, commands.c.at).where(commands.c.done_at.is_(None))
            # The longest waiting first; so PostgreSQL takes the index before it has statistics.
            query = query.order_by(commands.c.at).limit(100)
            waiting = (await connection.execute(query)).all()
        for key, _ in waiting:
            self.jobs.wake(COMMAND, key, now)
        if any(at < now - _STALE for _, at in waiting):
            old = commands.c.done_at.is_(None) & (commands.c.at < now - _STALE)
            async with self.database.write() as tx:
                await tx.connection.execute(delete(commands).where(old))

    async def forget(self, tx: Transaction, before: datetime) -> None:
        """Delete the commands that are older; what they changed stays in the audit log."""
        await tx.connection.execute(delete(commands).where(commands.c.at < before))

    async def _store(self, tx: Transaction, incoming: Incoming, by: str, edits: str | None) -> None:
        now = self.clock.now()
        row = {
            "account": incoming.ref.account,
            "address": incoming.ref.address,
            "external_id": incoming.id,
            "by": by,
            "text": storable(incoming.text),
            "at": now,
            "edits": edits,
        }
        dialect = sqlite if tx.connection.dialect.name == "sqlite" else postgresql
        known = ["account", "address", "external_id"]
        new = dialect.insert(commands).values(row).on_conflict_do_nothing(index_elements=known)
        key = (await tx.connection.execute(new.returning(commands.c.id))).scalar_one_or_none()
        if key is not None:
            tx.after_commit(partial(self.jobs.wake, COMMAND, key, now))

    async def _claimed(self, key: int) -> Wish | None:
        """Mark it as done before it is: a crash loses a command, and never does one twice.

        The text is not kept any longer: it may name a client.
        """
        now = self.clock.now()
        fresh = commands.c.done_at.is_(None) & (commands.c.at >= now - _STALE)
        mine = (commands.c.id == key) & fresh
        done = update(commands).where(mine).values(done_at=now, text="")
        async with self.database.write() as tx:
            found = (await tx.connection.execute(select(commands).where(mine))).mappings()
            row = found.one_or_none()
            taken = (await tx.connection.execute(done)).rowcount
        if row is None or not taken or row["account"] not in self.accounts:
            return None
        ref = ChatRef(row["account"], row["address"])
        employee = self.accounts[ref.account].employee
        command = Command(row["id"], ref, row["by"], employee, row["text"], row["at"])
        return Wish(command, row["edits"])

    async def _show(self, wish: Wish, screen: Screen) -> None:
        ref = wish.command.ref
        console = self.consoles.get(ref.account)
        if console is None:
            log.warning("channels.%s: cannot show what a command said", ref.account)
            return
        try:
            await console.show(ref, screen, wish.edits)
        except (ChannelError, UnknownDeliveryError) as error:
            log.warning("channels.%s: an admin was not shown an answer: %s", ref.account, error)

    def _plugin(self, text: str) -> Plugin | None:
        """Whose command that is: "/followup add …" is the plugin's that offers `followup`."""
        first = text.split(maxsplit=1)[:1]
        if not first or not first[0].startswith("/"):
            return None
        name = first[0][1:].lower()
        return next((each for each in self.hooks.plugins if name in each.commands), None)
