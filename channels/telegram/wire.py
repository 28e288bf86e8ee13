"""What a driver offers: a call of the Bot API through its library, JSON in and out.

Everything else of the channel works on that JSON, so it is the same with every driver.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.api import BotError

_SERVER_ERROR = 500
_CLIENT_ERROR = 400


class NotReachedError(BotError):
    """The request surely never left."""


class NoAnswerError(BotError):
    """The request left, and no clear answer came: it may have been done."""


@dataclass
class RefusedError(BotError):
    """Telegram said no, so nothing was done."""

    code: int
    text: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def says(self, *words: str) -> bool:
        """Whether the reason holds one of these, in any case."""
        lower = self.text.lower()
        return any(word.lower() in lower for word in words)

    def __str__(self) -> str:
        return f"{self.code} {self.text}"


class Wire(Protocol):
    """One bot's connection. It tries nothing twice by itself."""

    async def call(self, method: str, fields: Mapping[str, object], patience: float = 20.0) -> Any:
        """The `result`. Raises RefusedError, NotReachedError or NoAnswerError."""
        ...

    async def close(self) -> None:
        """End the connections."""
        ...


def answered(status: int, body: str | bytes) -> Any:
    """The `result` of an HTTP answer. Raises RefusedError or NoAnswerError."""
    table = _table(body)
    code = table.get("error_code", status)
    code = code if isinstance(code, int) else status
    if table.get("ok") is True and status < _CLIENT_ERROR:
        return table.get("result")
    if max(status, code) >= _SERVER_ERROR or code < _CLIENT_ERROR:
        raise NoAnswerError(f"Telegram's server answered with the status {status}")
    parameters = table.get("parameters")
    raise RefusedError(
        code,
        str(table.get("description") or f"the answer was the status {status}"),
        parameters if isinstance(parameters, dict) else {},
    )


def _table(body: str | bytes) -> dict[str, Any]:
    """The JSON object, empty where there is none: a proxy has answered."""
    try:
        table = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return table if isinstance(table, dict) else {}
