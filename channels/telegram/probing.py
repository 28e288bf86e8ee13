"""What `followup check` asks Telegram."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from bot.api import BotError, ChannelHost, SettingsError
from channels.telegram.attached import Attached
from channels.telegram.options import API, TelegramOptions
from channels.telegram.waiting import trouble
from channels.telegram.webhook import NEEDED, path_of
from channels.telegram.wire import RefusedError, Wire

_PORTS = {None, 443, 80, 88, 8443}
_CONFLICT = 409
# Telegram tells it to whoever asked first, once the other one asks again.
_LOOK = 3
_RIVAL = (
    "another program asks for the updates of this bot; if that is not your own 'followup run', "
    "stop one of the two"
)
_FOREIGN = (
    "a webhook at {} gets this bot's updates now, and will be removed at the start; if that is "
    "another program, make a bot of its own for this one"
)


class Probe:
    """Looks, and changes nothing."""

    def __init__(
        self, account: str, options: TelegramOptions, host: ChannelHost, wire: Wire
    ) -> None:
        self._account = account
        self._options = options
        self._host = host
        self._wire = wire

    async def look(self, guest: Attached | None) -> Sequence[str]:
        """A line for each thing to mend."""
        lines = [*self._app(guest), *self._public()]
        try:
            await self._wire.call("getMe", {})
            hook = await self._wire.call("getWebhookInfo", {})
            if self._options.mode == "polling":
                lines += await self._polling(hook)
            else:
                lines += self._webhook(hook)
        except BotError as error:
            lines.append(trouble(self._account, error))
        return lines

    def _app(self, guest: Attached | None) -> Sequence[str]:
        if guest is None:
            return []
        try:
            guest.load()
        except SettingsError as error:
            return [str(error)]
        return []

    def _public(self) -> Sequence[str]:
        """Whether Telegram can reach us at all; a local Bot API server takes any address."""
        if self._options.mode == "polling":
            return []
        if not self._host.public:
            return [f"web.public_url: {NEEDED.format(self._account)}"]
        parts = urlsplit(self._host.public_url)
        if self._options.api_base == API and parts.scheme != "https":
            return ["web.public_url: Telegram posts only to an https:// address"]
        if self._options.api_base == API and parts.port not in _PORTS:
            return ["web.public_url: Telegram posts only to the ports 443, 80, 88 and 8443"]
        return []

    async def _polling(self, hook: Any) -> Sequence[str]:
        """A foreign webhook, or somebody else who polls; asking confirms nothing."""
        url = _text(hook, "url")
        own = self._host.public and url.startswith(self._host.public_url)
        if url:
            if own:
                return []
            host = urlsplit(url).hostname
            return [f"channels.{self._account}.mode: {_FOREIGN.format(host)}"]
        try:
            await self._wire.call("getUpdates", {"limit": 1, "timeout": _LOOK})
        except RefusedError as error:
            if error.code != _CONFLICT:
                raise
            return [f"channels.{self._account}: {_RIVAL}"]
        return []

    def _webhook(self, hook: Any) -> Sequence[str]:
        own = _text(hook, "url").endswith(path_of(self._account))
        fault = _text(hook, "last_error_message")
        if own and fault and _waiting(hook):
            where = f"channels.{self._account}"
            return [f"{where}: Telegram cannot deliver to {self._host.public_url}: {fault}"]
        return []


def _text(table: Any, key: str) -> str:
    found = table.get(key) if isinstance(table, dict) else None
    return found if isinstance(found, str) else ""


def _waiting(hook: dict[str, Any]) -> bool:
    """Whether updates wait: a fault of which nothing is left is over."""
    return bool(hook.get("pending_update_count"))
