"""Talks to Twilio, and tells what surely did not happen from what nobody knows."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    InvalidURL,
    encode_basic_auth,
)
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from bot.api import ChannelBusyError, ChannelError, UnknownDeliveryError
from channels.whatsapp.codes import error_of
from channels.whatsapp.settings import WhatsAppOptions

# A send in two parts, or a look into the list, still ends within the runtime's half minute.
TIMES = ClientTimeout(total=12, connect=6)
_TOO_MANY = 429
_UNAUTHORIZED = (401, 403)
_SERVER_FAULT = 500
_FIRST_WAIT = timedelta(seconds=1)
_LONGEST_WAIT = timedelta(minutes=1)
# An own environment, because the library would read the process's.
_NO_ENVIRONMENT = {"TWILIO_EDGE": "", "TWILIO_REGION": ""}


class Twilio:
    """One account at Twilio."""

    def __init__(self, options: WhatsAppOptions, times: ClientTimeout = TIMES) -> None:
        self._options = options
        self._times = times
        self._wait = _FIRST_WAIT
        # At their lower levels these two log addresses and texts.
        for name in ("twilio", "markdown_it"):
            logging.getLogger(name).setLevel(logging.WARNING)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Any]:
        """Twilio's client, on a connection that nobody used before.

        One that had gone stale would break during a send, and leave its fate unknown.
        """
        session = ClientSession(timeout=self._times)
        async with _Http(session, self._options.api_base) as http:
            yield Client(
                self._options.account_sid,
                self._options.auth_token.get_secret_value(),
                http_client=http,
                environment=_NO_ENVIRONMENT,
            )

    async def send(self, client: Any, **fields: str) -> str:
        """Send one message and give its SID. Raises as `Sender.send` does."""
        try:
            async with self.faults():
                message = await client.messages.create_async(**fields)
        # An answer that is none of Twilio's.
        except (ValueError, TypeError, AttributeError):
            raise UnknownDeliveryError("Twilio's answer was not understood") from None
        self._wait = _FIRST_WAIT
        return str(message.sid)

    @asynccontextmanager
    async def faults(self) -> AsyncIterator[None]:
        """Raise what the library raises as our own errors, without addresses and texts."""
        try:
            yield
        except (ClientConnectorError, ConnectionTimeoutError, InvalidURL):
            raise ChannelError("Twilio cannot be reached") from None
        except (ClientError, TimeoutError) as error:
            raise UnknownDeliveryError(f"Twilio did not answer ({type(error).__name__})") from None
        except _BusyError as error:
            raise ChannelBusyError(self._told(error.wait)) from None
        except (TwilioRestException, TwilioServiceException) as error:
            raise self._refusal(int(error.status), error.code) from None
        except TwilioException:
            raise UnknownDeliveryError("Twilio's answer was not understood") from None

    def _told(self, wait: timedelta | None) -> timedelta:
        """What Twilio asks for; if it does not say, longer each time."""
        if wait is not None:
            return wait
        mine, self._wait = self._wait, min(2 * self._wait, _LONGEST_WAIT)
        return mine

    def _refusal(self, status: int, code: int | None) -> ChannelError | UnknownDeliveryError:
        if status >= _SERVER_FAULT:
            return UnknownDeliveryError(f"Twilio failed ({status})")
        if status in _UNAUTHORIZED and code in {None, status, 20003}:
            return ChannelError("Twilio does not accept account_sid and auth_token")
        if code in {None, status}:
            return ChannelError(f"Twilio refused it (HTTP {status})")
        return error_of(int(code or 0))


class _BusyError(TwilioException):  # type: ignore[misc]  # twilio has no types
    """Too many requests; the library's own error has lost the header that tells how long."""

    def __init__(self, wait: timedelta | None) -> None:
        super().__init__("too many requests")
        self.wait = wait


class _Http(AsyncTwilioHttpClient):  # type: ignore[misc]  # twilio has no types
    """Twilio's HTTP client with time limits, no repetitions, and an address of our choice."""

    def __init__(self, session: ClientSession, base: str | None) -> None:
        super().__init__(pool_connections=False)
        self.session = _Patient(session)
        self._base = base

    async def request(self, method: str, url: str, **more: Any) -> Any:
        """As the library has it, which still hands the credentials over in a deprecated way."""
        if self._base is not None:
            parts = urlsplit(url)
            url = self._base + parts.path + (f"?{parts.query}" if parts.query else "")
        auth = encode_basic_auth(*more.pop("auth"))
        more["headers"] = {**more["headers"], "Authorization": auth}
        answer = await super().request(method, url, **more)
        if answer.status_code == _TOO_MANY:
            raise _BusyError(_seconds(answer.headers.get("Retry-After", "")))
        return answer


class _Patient:
    """A session that keeps its own time limits: the library asks for none with each request."""

    def __init__(self, session: ClientSession) -> None:
        self._session = session
        self.close = session.close

    async def request(self, **more: Any) -> ClientResponse:
        """As aiohttp has it."""
        del more["timeout"]
        return await self._session.request(**more)


def _seconds(text: str) -> timedelta | None:
    return timedelta(seconds=int(text)) if text.isdecimal() and len(text) < 6 else None  # noqa: PLR2004  over a day is no pause
