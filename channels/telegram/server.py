"""One Telegram bot as a channel."""

import logging
import re
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from importlib import import_module
from typing import Protocol, cast

from starlette.routing import Route

from bot.api import Channel, ChannelHost, Listener, Rate, SettingsError, validated
from channels.telegram.addresses import person_of
from channels.telegram.attached import Attached, House
from channels.telegram.console import TelegramConsole
from channels.telegram.hearing import Ear
from channels.telegram.intake import Intake
from channels.telegram.menu import Menu
from channels.telegram.options import TelegramOptions
from channels.telegram.polling import Poller
from channels.telegram.probing import Probe
from channels.telegram.sending import TelegramSender
from channels.telegram.watching import Watch
from channels.telegram.webhook import Announcer, Door
from channels.telegram.wire import Wire

_DRIVERS = {
    "aiogram": "channels.telegram_aiogram",
    "python-telegram-bot": "channels.telegram_ptb",
}
# They tell addresses, which hold the token, and whole updates.
_TALKATIVE = ("aiogram", "aiohttp", "httpcore", "httpx", "telegram")
RATES = (
    Rate(1, timedelta(seconds=1), each_chat=True),
    Rate(25, timedelta(seconds=1)),
)


class Driver(Protocol):
    """What a driver's module has."""

    def wire(self, options: TelegramOptions) -> Wire:
        """The bot's connection; nothing is opened yet."""
        ...

    def house(self, account: str, options: TelegramOptions, watch: Watch, found: object) -> House:
        """The business's own bot. Raises SettingsError."""
        ...


def channel(account: str, options: Mapping[str, object], host: ChannelHost) -> Channel:
    """One bot. Raises SettingsError."""
    where = f"channels.{account}"
    if not re.fullmatch(r"[A-Za-z0-9_-]+", account):
        raise SettingsError(f"{where}: a Telegram channel's name takes letters, digits, '-', '_'")
    found = validated(TelegramOptions, options, where)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    # Only the library that is used is imported.
    driver = cast(Driver, import_module(_DRIVERS[found.driver]))
    return _Account(account, found, host, driver).channel()


class _Account:
    """The parts of one bot, put together."""

    def __init__(
        self, account: str, options: TelegramOptions, host: ChannelHost, driver: Driver
    ) -> None:
        self._account = account
        self._options = options
        self._host = host
        self._wire = driver.wire(options)
        self._guest: Attached | None = None
        if options.app is not None:
            build = partial(driver.house, account, options, Watch(account, host))
            self._guest = Attached(account, options.app, build)
        ear = Ear(account, options.bot_id, host.admins, host.commands)
        menu = Menu(account, self._wire, host.admins, host.commands)
        self._intake = Intake(ear, host, self._wire, menu, self._guest)

    def channel(self) -> Channel:
        """As the runtime has it."""
        sender = TelegramSender(self._wire, self._host.receiver)
        probe = Probe(self._account, self._options, self._host, self._wire)
        secret = self._options.secret
        listener: Listener = Poller(self._account, self._wire, self._intake)
        routes: list[Route] = []
        if self._options.mode == "webhook" and secret is not None:
            door = Door(self._account, secret, self._intake)
            listener = Announcer(self._account, secret, self._wire, self._intake)
            routes = [door.route()]
        return Channel(
            sender=sender,
            listener=listener,
            routes=routes,
            typist=sender,
            console=TelegramConsole(self._wire),
            rates=RATES,
            answers=self._guest is None,
            probe=partial(probe.look, self._guest),
            close=self.close,
            person=person_of,
        )

    async def close(self) -> None:
        """End what is open."""
        if self._guest is not None:
            await self._guest.close()
        await self._wire.close()
