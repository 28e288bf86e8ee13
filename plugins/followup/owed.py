"""What happens when a client waits too long for us: the admins are told by message.

Each silence is told once. The first few are told as they come; when many wait, because the model
is down perhaps, one message every ten minutes counts them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.api import Chat, Delivery, Transaction
from plugins.followup.ports import Ports

PATIENCE = timedelta(minutes=10)
"""A client who waits longer for an answer is somebody to look after."""
ROUNDS = 3
"""So many messages an admin gets in that time, however many clients wait."""
_MOST = 5000
_FEW = 3
_LONGEST_NAME = 60
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)

Waiting = tuple[int, datetime]
"""A chat, and since when its client waits."""


class Debts(Protocol):
    """Clients whom we owe an answer, and which of them the admins know of."""

    async def untold(
        self, connection: AsyncConnection, before: datetime, limit: int
    ) -> Sequence[Waiting]:
        """Those who wait since before that moment and are not told yet, the longest first."""
        ...

    async def rounds(self, connection: AsyncConnection, since: datetime) -> int:
        """How often admins were told from that moment on."""
        ...

    async def tell(
        self, tx: Transaction, chats: Sequence[int], at: datetime
    ) -> tuple[int, Sequence[Waiting]]:
        """Mark those that still wait as told, in a round with a number of its own."""
        ...


async def owed(ports: Ports, debts: Debts) -> None:
    """One look: whoever waits for over ten minutes is told, unless that was done."""
    runtime = ports.runtime
    now = runtime.clock.now()
    async with runtime.database.read() as connection:
        found = await debts.untold(connection, now - PATIENCE, _MOST)
        if not found or await debts.rounds(connection, now - PATIENCE) >= ROUNDS:
            return
    async with runtime.database.write() as tx:
        number, told = await debts.tell(tx, [chat for chat, _ in found], now)
        if told:
            # Whoever waits for that long may wait for ever.
            await ports.index.unlist(tx, [chat for chat, _ in told])
            text, employee = await _text(ports, tx.connection, told)
            await runtime.alarm.ring(tx, f"followup.owed:{number}", text, employee)


async def _text(
    ports: Ports, connection: AsyncConnection, told: Sequence[Waiting]
) -> tuple[str, str | None]:
    """What the message says, and whose account it comes from."""
    now, address = ports.runtime.clock.now(), ports.runtime.public_url
    told = sorted(told, key=lambda each: each[1])
    if len(told) > _FEW:
        longest = _minutes(now - told[0][1])
        lines = [
            f"{len(told)} clients wait for an answer, the longest for {longest}.",
            "Look whether the model and the channels work: followup check.",
            f"{address}/followup?view=attention",
        ]
        return "\n".join(lines), None
    chats = await ports.runtime.lists.chats(connection, [chat for chat, _ in told])
    blocks = []
    for key, since in told:
        if key in chats:
            why = await _why(ports, connection, chats[key])
            name = _cut(chats[key].title)
            blocks.append(
                f"{name} waits for an answer for {_minutes(now - since)}. {why}\n"
                f"{address}/followup/chats/{key}"
            )
    employees = {chat.employee for chat in chats.values()}
    return "\n\n".join(blocks), employees.pop() if len(employees) == 1 else None


async def _why(ports: Ports, connection: AsyncConnection, chat: Chat) -> str:
    """What keeps the answer, as far as one can tell, and what to do."""
    account = ports.runtime.accounts.get(chat.ref.account)
    if chat.paused_since is not None:
        who = _cut(chat.held_by) if chat.held_by else "a colleague"
        return f"The chat is with {who}: answer, or hand it back."
    if account is None or account.fault is not None:
        return f"Its account {chat.ref.account} is not connected: followup check tells why."
    if not account.answers:
        return "Code of your own answers there, and did not."
    latest = await ports.runtime.lists.history(connection, chat.id, None, 1)
    if latest and latest[-1].delivery is Delivery.FAILED:
        return "The channel did not take the answer."
    return "The employee gave no answer: look whether the model works, followup check."


def _cut(name: str) -> str:
    line = " ".join(name.split())
    return line if len(line) <= _LONGEST_NAME else f"{line[: _LONGEST_NAME - 1]}…"


def _minutes(length: timedelta) -> str:
    minutes = length // _MINUTE
    return f"{minutes} minutes" if length < 2 * _HOUR else f"{length // _HOUR} hours"
