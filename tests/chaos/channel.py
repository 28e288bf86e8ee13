"""A channel of the kind `chaos`: a bot on the chaos server's Telegram, for kill loops."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
from pydantic import BaseModel, ConfigDict

import bot.answer
import bot.outbox
import bot.recovery
import plugins.followup.claims
from bot.api import (
    Author,
    Channel,
    ChannelBusyError,
    ChannelError,
    ChannelHost,
    Chat,
    ChatRef,
    ChatUnreachableError,
    Incoming,
    Message,
    Receiver,
    UnknownDeliveryError,
    validated,
)
from bot.redis_link import rest

ENTRY = "[followup_bot.channels]\nchaos = tests.chaos.channel:channel\n"
_ANSWER_WITHIN = 5.0
_POLL = 5.0
_PAUSE = 0.3


class ChaosOptions(BaseModel):
    """Where the server is. `asks`: the network can tell afterwards what arrived.

    `hurry` cuts what a lease lasts beyond the model's timeout from a minute or two to seconds.
    """

    model_config = ConfigDict(extra="forbid")

    url: str
    token: str
    asks: bool = False
    hurry: bool = False


class ChaosSender:
    """Posts, with the message's own number for the server's log."""

    def __init__(self, options: ChaosOptions) -> None:
        self._options = options
        self._client = httpx2.AsyncClient(timeout=_ANSWER_WITHIN)

    async def send(self, chat: Chat, message: Message) -> str | None:
        """As `networks.Sender.send`."""
        body = {"chat_id": int(chat.ref.address), "text": message.text, "ref": str(message.id)}
        url = f"{self._options.url}/bot{self._options.token}/sendMessage"
        try:
            answer = await self._client.post(url, json=body)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout):
            raise ChannelError("there is no connection") from None
        except httpx2.HTTPError as error:
            raise UnknownDeliveryError(type(error).__name__) from None
        if answer.is_server_error:
            raise UnknownDeliveryError(f"the server says {answer.status_code}")
        if answer.status_code == httpx2.codes.TOO_MANY_REQUESTS:
            wait = answer.json()["parameters"]["retry_after"]
            raise ChannelBusyError(timedelta(seconds=wait))
        if answer.status_code == httpx2.codes.FORBIDDEN:
            raise ChatUnreachableError("blocked")
        if answer.is_error:
            raise ChannelError(f"the server says {answer.status_code}")
        return str(answer.json()["result"]["message_id"])

    def is_open(self, chat: Chat, at: datetime) -> bool:
        """As `networks.Sender.is_open`."""
        return True

    async def was_sent(self, chat: Chat, message: Message) -> bool | None:
        """As `networks.Sender.was_sent`."""
        if not self._options.asks:
            return None
        url = f"{self._options.url}/chaos/was_sent"
        try:
            answer = await self._client.get(url, params={"ref": str(message.id)})
        except httpx2.HTTPError:
            return None
        return bool(answer.json()["sent"])


class ChaosListener:
    """Asks for updates, and confirms them with the next question, once they are stored."""

    def __init__(self, account: str, options: ChaosOptions) -> None:
        self._account = account
        self._url = f"{options.url}/bot{options.token}/getUpdates"

    async def listen(self, receiver: Receiver) -> None:
        """As `networks.Listener.listen`."""
        offset = 0
        async with httpx2.AsyncClient(timeout=_POLL + _ANSWER_WITHIN) as client:
            while True:
                try:
                    asked = {"offset": offset, "timeout": _POLL}
                    answer = await client.post(self._url, json=asked)
                except httpx2.HTTPError:
                    await rest(_PAUSE)
                    continue
                if answer.is_error:
                    await rest(_PAUSE)
                    continue
                updates = answer.json()["result"]
                await self._receive(receiver, updates)
                offset = max([offset, *(each["update_id"] + 1 for each in updates)])

    async def _receive(self, receiver: Receiver, updates: list[dict]) -> None:
        """One after another within a chat, chats side by side."""
        chats: dict[str, list[Incoming]] = {}
        for update in updates:
            incoming = self._incoming(update["message"])
            chats.setdefault(incoming.ref.address, []).append(incoming)
        await asyncio.gather(*(_in_order(receiver, each) for each in chats.values()))

    def _incoming(self, message: Mapping) -> Incoming:
        return Incoming(
            ChatRef(self._account, str(message["chat"]["id"])),
            str(message["message_id"]),
            Author.CLIENT,
            message["text"],
            datetime.fromtimestamp(message["date"], UTC),
            message["from"]["first_name"],
        )


async def _in_order(receiver: Receiver, said: list[Incoming]) -> None:
    for incoming in said:
        await receiver.receive(incoming)


def channel(account: str, options: Mapping[str, object], host: ChannelHost) -> Channel:
    """One bot."""
    found = validated(ChaosOptions, options, f"channels.{account}")
    if found.hurry:
        _hurry()
    return Channel(sender=ChaosSender(found), listener=ChaosListener(account, found))


def _hurry() -> None:
    """In a process that is there to be killed: what a dead one left is free after seconds."""
    brief = timedelta(seconds=4)
    for module in (bot.answer, bot.outbox, bot.recovery):
        module.SEND_TIMEOUT = brief  # type: ignore[attr-defined]  # a constant, and a test
    plugins.followup.claims.SLACK = 2 * brief


def installed(folder: Path) -> str:
    """The PYTHONPATH under which the command finds this channel, like one that others wrote."""
    package = folder / "chaos_channel-1.dist-info"
    package.mkdir(parents=True, exist_ok=True)
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: chaos-channel\nVersion: 1\n")
    (package / "entry_points.txt").write_text(ENTRY)
    return f"{folder}:{Path(__file__).resolve().parents[2]}"
