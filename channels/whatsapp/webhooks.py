"""What Twilio posts to us: clients' messages, and how ours fared."""

import logging
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.datastructures import ImmutableMultiDict
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from twilio.request_validator import SIGNATURE_HEADER, RequestValidator

from bot.api import Arrival, ChannelHost
from channels.web.shapes import read_body
from channels.whatsapp.codes import error_of
from channels.whatsapp.inbound import Form, incoming, is_passed_on, message_id
from channels.whatsapp.settings import WhatsAppOptions

log = logging.getLogger(__name__)

_NOTHING_TO_SAY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
_ARRIVED = {"delivered": Arrival.DELIVERED, "read": Arrival.READ}
_LOST = frozenset({"failed", "undelivered", "canceled"})
_MOST_FIELDS = 500
_ADDRESS = re.compile(r"whatsapp:\S{1,120}")


def messages_path(account: str) -> str:
    """Where Twilio posts what clients write."""
    return f"/whatsapp/{account}/messages"


def status_path(account: str) -> str:
    """Where Twilio posts what became of our messages."""
    return f"/whatsapp/{account}/status"


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Takes what is signed with the account's token; each is stored before Twilio is answered."""

    account: str
    options: WhatsAppOptions
    host: ChannelHost

    def routes(self) -> list[Route]:
        """The account's two addresses."""
        return [
            Route(messages_path(self.account), self.messages, methods=["POST"]),
            Route(status_path(self.account), self.status, methods=["POST"]),
        ]

    async def messages(self, request: Request) -> Response:
        """A client wrote; the answer is sent later, by a request of our own."""
        form = await self._signed(request, messages_path(self.account))
        self._meant_for_us(form)
        if not message_id(form) or not _ADDRESS.fullmatch(form.get("From", "")):
            raise HTTPException(400, "MessageSid or a From like whatsapp:+… is missing.")
        said = incoming(self.account, form, self.host.clock.now())
        if said is None:
            return Response(_NOTHING_TO_SAY, media_type="text/xml")
        if is_passed_on(form) or not await self.host.desk.take(said):
            await self.host.receiver.receive(said)
        return Response(_NOTHING_TO_SAY, media_type="text/xml")

    async def status(self, request: Request) -> Response:
        """How far one of our messages got; in any order, and any number of times."""
        form = await self._signed(request, status_path(self.account))
        told = request.query_params.get("message", "")
        if not re.fullmatch(r"[0-9]{1,18}", told):
            raise HTTPException(400, "'message' takes the number of one of our messages.")
        status = form.get("MessageStatus", "").lower()
        if status in _ARRIVED:
            await self.host.reports.arrived(self.account, int(told), _ARRIVED[status])
        elif status in _LOST:
            error = error_of(_code(form))
            log.warning("channels.%s: a message was not delivered: %s", self.account, error)
            await self.host.reports.refused(self.account, int(told), error)
        return Response(status_code=204)

    async def _signed(self, request: Request, path: str) -> Form:
        """The fields, if Twilio signed them for this address. Raises HTTPException 403.

        The address is the one that the settings name: what a proxy says of itself can be forged.
        All fields count, also empty ones and those that nobody knows yet.
        """
        form = _fields(await read_body(request))
        query = request.scope["query_string"].decode("latin-1")
        address = f"{self.host.public_url.rstrip('/')}{path}" + (f"?{query}" if query else "")
        signature = request.headers.get(SIGNATURE_HEADER, "")
        validator = RequestValidator(self.options.auth_token.get_secret_value())
        if not validator.validate(address, form, signature):
            log.warning(
                "channels.%s: a request without Twilio's signature was refused; "
                "if it was Twilio's, look at web.public_url and auth_token",
                self.account,
            )
            raise HTTPException(403, "This is not signed by Twilio for this address.")
        return form

    def _meant_for_us(self, form: Form) -> None:
        """Several accounts may share one account at Twilio, and its token.

        Raises HTTPException 422.
        """
        if self.options.number is not None:
            key, ours, told = "from", self.options.number, form.get("To", "")
        else:
            key, ours = "messaging_service_sid", self.options.messaging_service_sid or ""
            told = form.get("MessagingServiceSid", ours)
        if told != ours:
            text = f"This was sent to another sender than channels.{self.account}.{key} names."
            log.warning("%s", text)
            raise HTTPException(422, text)


def _fields(body: bytes) -> Form:
    """The posted fields, empty ones too. Raises HTTPException 400.

    Checking a signature takes the square of their number, and anybody may post.
    """
    try:
        given = parse_qsl(
            body.decode("latin-1"), keep_blank_values=True, max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        raise HTTPException(400, f"There are more than {_MOST_FIELDS} fields.") from None
    return ImmutableMultiDict(given)


def _code(form: Form) -> int:
    told = form.get("ErrorCode", "")
    return int(told) if re.fullmatch(r"[0-9]{1,6}", told) else 0
