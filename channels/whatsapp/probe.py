"""Asks Twilio whether the account works; a line in plain words for each thing to mend."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from twilio.base.exceptions import TwilioException

from bot.api import BotError, ChannelHost
from channels.whatsapp.settings import WhatsAppOptions
from channels.whatsapp.twilio_api import Twilio
from channels.whatsapp.webhooks import messages_path

# Twilio's own number for trying things out; it is no sender of any account.
SANDBOX = "whatsapp:+14155238886"
_UNKNOWN = 404
_REFUSED = (401, 403)
_MANY = 200


@dataclass(frozen=True, slots=True)
class Probe:
    """Looks at one account; changes nothing."""

    account: str
    options: WhatsAppOptions
    host: ChannelHost
    twilio: Twilio

    async def __call__(self) -> Sequence[str]:
        """Everything that is found."""
        lines = self._reachable()
        try:
            async with self.twilio.client() as client:
                lines += await self._credentials(client) or [
                    *await self._sender(client),
                    *await self._template(client),
                ]
        except (BotError, ValueError, TypeError, AttributeError):
            lines.append(f"channels.{self.account}: Twilio cannot be reached; try again later")
        return lines

    def _reachable(self) -> list[str]:
        webhook = f"https://…{messages_path(self.account)}"
        if not self.host.public:
            return _line(
                "web.public_url: is not set; give the https address under which Twilio can",
                f"reach this machine, and enter {webhook} in the Twilio console",
            )
        if not self.host.public_url.startswith("https://"):
            return _line("web.public_url: should begin with https://: Twilio posts to", webhook)
        return []

    async def _credentials(self, client: Any) -> list[str]:
        status, found = await self._ask(client.api.accounts(self.options.account_sid).fetch_async)
        if status in _REFUSED:
            return self._at(
                "auth_token: Twilio does not accept it for this account_sid;",
                "copy both once more from the Twilio console",
            )
        if status == _UNKNOWN:
            return self._at("account_sid: Twilio knows no such account")
        if found is not None and found.status not in {"active", None}:
            return self._at(f"account_sid: the account is {found.status} at Twilio")
        return []

    async def _sender(self, client: Any) -> list[str]:
        if self.options.messaging_service_sid is not None:
            service = client.messaging.v1.services(self.options.messaging_service_sid)
            status, _ = await self._ask(service.fetch_async)
            wrong = status == _UNKNOWN
            return self._at("messaging_service_sid: Twilio knows no such one") if wrong else []
        if self.options.number == SANDBOX:
            return []
        list_of = client.messaging.v2.channels_senders.list_async
        _, found = await self._ask(lambda: list_of(channel="whatsapp", limit=_MANY))
        known = {each.sender_id for each in found or ()}
        # No list, or not all of it, proves nothing.
        if found is None or self.options.number in known or len(known) >= _MANY:
            return []
        return self._at(
            "from: is no WhatsApp sender of this account;",
            "the Twilio console lists them under WhatsApp senders",
        )

    async def _template(self, client: Any) -> list[str]:
        if self.options.template is None:
            return []
        content = client.content.v1.contents(self.options.template.content_sid)
        status, _ = await self._ask(content.fetch_async)
        if status != _UNKNOWN:
            return []
        return self._at(
            "template.content_sid: Twilio knows no such template;",
            "the Twilio console shows the SIDs in its Content Template Builder",
        )

    def _at(self, *words: str) -> list[str]:
        return _line(f"channels.{self.account}.{words[0]}", *words[1:])

    async def _ask(self, question: Any) -> tuple[int | None, Any]:
        """The answer, or the status of a refusal. Raises BotError where there was neither."""
        async with self.twilio.faults():
            try:
                return None, await question()
            except TwilioException as error:
                status = getattr(error, "status", None)
                if status is None or status >= 500:  # noqa: PLR2004  a fault of the server's
                    raise
                return int(status), None


def _line(*words: str) -> list[str]:
    return [" ".join(words)]
