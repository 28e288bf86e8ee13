"""Telegram through aiogram."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiogram import Bot, Dispatcher, methods
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.session.base import BaseSession
from aiogram.client.session.middlewares.base import (
    BaseRequestMiddleware,
    NextRequestMiddlewareType,
)
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramNetworkError
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import Update
from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    TraceConfig,
)

from bot.api import SettingsError
from channels.telegram.options import API, TelegramOptions
from channels.telegram.watching import Watch
from channels.telegram.wire import NoAnswerError, NotReachedError, answered

_CONNECT_WITHIN = 10.0
_NEVER_LEFT = (ClientConnectorError, ConnectionTimeoutError)


class RawResults(BaseSession):
    """A session that leaves results as Telegram wrote them."""

    def check_response(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        status_code: int,
        content: str,
    ) -> Response[TelegramType]:
        """The JSON, or our own errors."""
        return Response[Any](ok=True, result=answered(status_code, content))


class _Session(RawResults, AiohttpSession):
    """Follows nobody elsewhere, with the token and the client's words."""

    async def create_session(self) -> ClientSession:
        """As the library's."""
        session = await super().create_session()
        if not session.trace_configs:
            stay = TraceConfig()
            stay.on_request_redirect.append(_refused)
            stay.freeze()
            session.trace_configs.append(stay)
        return session


async def _refused(*_told: object) -> None:
    raise ClientError("sent elsewhere")


class AiogramWire:
    """As `wire.Wire`, by a bot with raw results; aiogram and aiohttp repeat no POST."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def call(self, method: str, fields: Mapping[str, object], patience: float = 20.0) -> Any:
        """As `Wire.call`; `fields` are checked by aiogram's own class for the method."""
        kind = getattr(methods, method[0].upper() + method[1:])
        # A timeout of its own for the connection tells whether the request left.
        timeout = ClientTimeout(total=patience, connect=min(patience / 2, _CONNECT_WITHIN))
        try:
            return await self._bot(
                kind(**fields),
                request_timeout=timeout,  # type: ignore[arg-type]  # aiohttp gets it as it is
            )
        except TelegramNetworkError as error:
            if isinstance(error.__cause__, _NEVER_LEFT):
                raise NotReachedError("Telegram cannot be reached") from None
            raise NoAnswerError("Telegram gave no answer") from None
        except UnicodeDecodeError:
            raise NoAnswerError("Telegram's answer cannot be read") from None

    async def close(self) -> None:
        """As `Wire.close`."""
        await self._bot.session.close()


class _Seen(BaseRequestMiddleware):
    """Tells what handlers send."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        result = await make_request(bot, method)
        chat = getattr(method, "chat_id", None)
        await self._watch.saw(method.__api_method__, chat, _raw(result))
        return result


class AiogramHouse:
    """A Dispatcher with its handlers, and a bot for them to answer by."""

    def __init__(self, app: Dispatcher, bot: Bot, watch: Watch) -> None:
        self._app = app
        self._bot = bot
        bot.session.middleware(_Seen(watch))
        named = {key: it for key, it in app.workflow_data.items() if key != "bot"}
        self._named = {**named, "bot": bot, "dispatcher": app}

    def kinds(self) -> Sequence[str]:
        """As `House.kinds`."""
        return self._app.resolve_used_update_types()

    async def start(self) -> None:
        """As `House.start`."""
        await self._app.emit_startup(**self._named)

    async def handle(self, update: Mapping[str, Any]) -> None:
        """As `House.handle`; a handler may return what is to be sent."""
        known = Update.model_validate(update, context={"bot": self._bot})
        result = await self._app.feed_update(self._bot, known)
        if isinstance(result, TelegramMethod):
            await self._app.silent_call_request(self._bot, result)

    async def stop(self) -> None:
        """As `House.stop`."""
        try:
            await self._app.emit_shutdown(**self._named)
        finally:
            await self._bot.session.close()


def wire(options: TelegramOptions) -> AiogramWire:
    """The bot's connection."""
    server = TelegramAPIServer.from_base(options.api_base)
    return AiogramWire(Bot(options.token.get_secret_value(), _Session(api=server)))


def house(account: str, options: TelegramOptions, watch: Watch, found: object) -> AiogramHouse:
    """The business's Dispatcher. Raises SettingsError."""
    if not isinstance(found, Dispatcher):
        raise SettingsError(
            f"channels.{account}.app: '{options.app}' is a {type(found).__name__}; with driver "
            "'aiogram' it should be an aiogram Dispatcher"
        )
    server = TelegramAPIServer.from_base(options.api_base)
    token = options.token.get_secret_value()
    own = found.workflow_data.get("bot")
    if not isinstance(own, Bot):
        return AiogramHouse(found, Bot(token, AiohttpSession(api=server)), watch)
    if own.token != token:
        raise SettingsError(
            f"channels.{account}.app: the bot of '{options.app}' has another token than "
            f"channels.{account}.token; give both the same"
        )
    if options.api_base != API:
        own.session.api = server
    return AiogramHouse(found, own, watch)


def _raw(result: Any) -> object:
    """As Telegram wrote it, as far as anybody looks."""
    if isinstance(result, list):
        return [_raw(each) for each in result]
    if not hasattr(result, "model_dump"):
        return result
    table = result.model_dump(mode="json", by_alias=True, exclude_none=True, warnings=False)
    if (date := getattr(result, "date", None)) is not None:
        table["date"] = int(date.timestamp())
    return table
