"""Telegram through python-telegram-bot."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    TCPConnector,
)
from telegram import Update
from telegram.error import InvalidToken, NetworkError, TelegramError, TimedOut
from telegram.ext import Application
from telegram.request import BaseRequest, RequestData

# The library has no public way to give a method's fields by name.
from telegram.request._requestparameter import RequestParameter

from bot.api import ChannelError, SettingsError
from channels.telegram.options import API, TelegramOptions
from channels.telegram.watching import Watch
from channels.telegram.wire import (
    NoAnswerError,
    NotReachedError,
    RefusedError,
    answered,
)

_NEVER_LEFT = (ClientConnectorError, ConnectionTimeoutError)
_CONNECT_WITHIN = 10.0
_CONNECTIONS = 64

AnyApplication = Application[Any, Any, Any, Any, Any, Any]


class PtbWire(BaseRequest):
    """As `wire.Wire`: the library's requests over aiohttp, which takes many more at a time.

    Nothing is tried twice, and no files are sent.
    """

    def __init__(self, base: str) -> None:
        self._base = base
        self._session: ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """As `BaseRequest.read_timeout`: every call brings its own."""
        return None

    async def initialize(self) -> None:
        """As `BaseRequest.initialize`."""
        self._opened()

    async def shutdown(self) -> None:
        """As `BaseRequest.shutdown`."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = None,
        *timeouts: Any,
        connect_timeout: Any = None,
        **others: Any,
    ) -> tuple[int, bytes]:
        """As `BaseRequest.do_request`; `read_timeout` is for all of it."""
        del timeouts, others
        try:
            async with self._opened().request(
                method,
                url,
                data=request_data.json_parameters if request_data else None,
                headers={"User-Agent": self.USER_AGENT},
                timeout=ClientTimeout(total=read_timeout, connect=connect_timeout),
                # Nobody else is to get the token, or the client's words.
                allow_redirects=False,
            ) as answer:
                return answer.status, await answer.read()
        except TimeoutError as error:
            raise TimedOut from error
        except ClientError as error:
            raise NetworkError(type(error).__name__) from error

    async def call(self, method: str, fields: Mapping[str, object], patience: float = 20.0) -> Any:
        """As `Wire.call`."""
        parameters = [RequestParameter.from_input(key, it) for key, it in fields.items()]
        try:
            status, body = await self.do_request(
                f"{self._base}/{method}",
                "POST",
                RequestData(parameters),
                read_timeout=patience,
                # A timeout of its own for the connection tells whether the request left.
                connect_timeout=min(patience / 2, _CONNECT_WITHIN),
            )
        except NetworkError as error:
            if isinstance(error.__cause__, _NEVER_LEFT):
                raise NotReachedError("Telegram cannot be reached") from None
            raise NoAnswerError("Telegram gave no answer") from None
        return answered(status, body)

    async def close(self) -> None:
        """As `Wire.close`."""
        await self.shutdown()

    def _opened(self) -> ClientSession:
        """At the first request: a session belongs to the loop that runs then."""
        if self._session is None:
            connector = TCPConnector(limit=_CONNECTIONS)
            self._session = ClientSession(connector=connector, trust_env=True)
        return self._session


class _Watched(BaseRequest):
    """The requests of another bot, seen."""

    def __init__(self, inner: BaseRequest, old: str, new: str, watch: Watch) -> None:
        self._inner = inner
        self._old = old
        self._new = new
        self._watch = watch

    @property
    def read_timeout(self) -> float | None:
        """As `BaseRequest.read_timeout`."""
        return self._inner.read_timeout

    async def initialize(self) -> None:
        """As `BaseRequest.initialize`."""
        await self._inner.initialize()

    async def shutdown(self) -> None:
        """As `BaseRequest.shutdown`."""
        await self._inner.shutdown()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        *timeouts: Any,
        **named: Any,
    ) -> tuple[int, bytes]:
        """As `BaseRequest.do_request`."""
        at = self._new + url.removeprefix(self._old) if url.startswith(self._old) else url
        status, body = await self._inner.do_request(at, method, request_data, *timeouts, **named)
        chat = request_data.parameters.get("chat_id") if request_data else None
        try:
            result = answered(status, body)
        except (RefusedError, NoAnswerError):
            return status, body
        await self._watch.saw(url.rpartition("/")[2], chat, result)
        return status, body


class PtbHouse:
    """An Application with its handlers and its own bot."""

    def __init__(self, app: AnyApplication, base: str | None, watch: Watch) -> None:
        self._app = app
        # As many at a time as the Application was built for: one, unless it says otherwise.
        self._turns = asyncio.Semaphore(max(1, app.concurrent_updates))
        bot = app.bot
        asks, sends = bot._request  # noqa: SLF001 - the library has no hook for what is sent
        seen = _Watched(sends, bot.base_url, base or bot.base_url, watch)
        bot._request = (asks, seen)  # noqa: SLF001

    def kinds(self) -> Sequence[str]:
        """As `House.kinds`; handlers do not tell theirs."""
        return Update.ALL_TYPES

    async def start(self) -> None:
        """As `House.start`, in the order of `run_polling`."""
        try:
            await self._app.initialize()
        except InvalidToken:
            # Its text is the token.
            raise ChannelError("Telegram does not know the token of the attached bot") from None
        except TelegramError as error:
            raise ChannelError(f"the attached bot cannot start: {error}") from None
        if self._app.post_init:
            await self._app.post_init(self._app)
        await self._app.start()

    async def handle(self, update: Mapping[str, Any]) -> None:
        """As `House.handle`; what handlers raise, the library tells its error handlers."""
        async with self._turns:
            await self._app.process_update(Update.de_json(dict(update), self._app.bot))

    async def stop(self) -> None:
        """As `House.stop`."""
        if self._app.running:
            await self._app.stop()
            if self._app.post_stop:
                await self._app.post_stop(self._app)
        await self._app.shutdown()
        if self._app.post_shutdown:
            await self._app.post_shutdown(self._app)


def wire(options: TelegramOptions) -> PtbWire:
    """The bot's connection."""
    return PtbWire(_base(options))


def house(account: str, options: TelegramOptions, watch: Watch, found: object) -> PtbHouse:
    """The business's Application. Raises SettingsError."""
    where = f"channels.{account}.app: '{options.app}'"
    if not isinstance(found, Application):
        raise SettingsError(
            f"{where} is a {type(found).__name__}; with driver 'python-telegram-bot' it should "
            "be a telegram.ext Application"
        )
    if found.bot.token != options.token.get_secret_value():
        raise SettingsError(
            f"{where} has another token than channels.{account}.token; give both the same"
        )
    return PtbHouse(found, None if options.api_base == API else _base(options), watch)


def _base(options: TelegramOptions) -> str:
    return f"{options.api_base}/bot{options.token.get_secret_value()}"
