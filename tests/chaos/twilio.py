"""As much of Twilio's Messages as a WhatsApp channel needs, with its bad days."""

import base64
import json
import re
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import Request as Post
from urllib.request import urlopen

from twilio.request_validator import RequestValidator

from bot.clock import Clock, SystemClock
from tests.chaos.dice import Dice
from tests.chaos.wire import RESET, Answer, Log, Request, said

PATHS = ("/2010-04-01/", "/v1/Content/", "/v1/Services/", "/v2/Channels/")
SENDING = {
    "ok": 90,
    "opted out": 0.5,
    "no number": 0.5,
    "window closed": 1,
    "busy": 1,
    "reset": 1,
    "taken, then reset": 3,
}
# Twilio's own codes: the recipient said STOP, the number is none, too many requests at once,
# and free text outside of the 24 hours after the client's last message.
_REFUSED = {"opted out": (400, 21610), "no number": (400, 21211), "busy": (429, 20429)}
_WINDOW_CLOSED = 63016
_UNREAD = {
    "reset": RESET,
    "fault": Answer(503, b"busy"),
    "hang": Answer(503, pause=60),
}
_LOST_AFTERWARDS = {
    "taken, then reset": RESET,
    "taken, then fault": Answer(503, b"busy"),
    "taken, then hang": Answer(503, pause=60),
    "taken, then nonsense": Answer(201, b"[]"),
}
_PAGE = 50


@dataclass
class Sent:
    """One message that was accepted, with the fields that it came with."""

    sid: str
    account: str
    to: str
    sender: str
    body: str
    status: str
    made: datetime
    fields: Mapping[str, Any] = field(default_factory=dict)
    error: int | None = None
    direction: str = "outbound-api"

    @property
    def is_sent(self) -> bool:
        return self.status not in {"queued", "accepted"}


class Twilio:
    """/2010-04-01/Accounts/<sid>/Messages.json: POST sends, GET lists.

    `script` is what happens to the next messages, before the dice are asked: a mood, or a status
    with Twilio's code. `token` signs callbacks and is asked for; without one nobody is checked.
    `tells`: whether callbacks are posted at once, or only when a test does.
    """

    def __init__(self, dice: Dice, log: Log, sending: Mapping[str, float] = SENDING) -> None:
        self._dice = dice
        self._log = log
        self._sending = sending
        self._lock = threading.Lock()
        self.sent: list[Sent] = []
        self.asked: list[Request] = []
        self.script: deque[str | tuple[int, int]] = deque()
        self.retry_after: str | None = None
        self.token: str | None = None
        self.clock: Clock = SystemClock()
        self.senders: Sequence[str] = ()
        self.contents: Sequence[str] = ()
        self.lists = True
        self.tells = True

    def answer(self, request: Request) -> Answer:
        with self._lock:
            self.asked.append(request)
        if self.token is not None and not self._is_ours(request):
            return _refusal(401, 20003)
        if not request.path.startswith("/2010-04-01/"):
            return self._shelf(request.path)
        if not request.path.endswith("/Messages.json"):
            return said({"sid": request.path.split("/")[3].removesuffix(".json")})
        account = request.path.split("/")[3]
        return (self._send if request.method == "POST" else self._list)(account, request.fields)

    def _is_ours(self, request: Request) -> bool:
        _, _, secret = request.headers.get("authorization", "").partition(" ")
        return base64.b64decode(secret).decode().partition(":")[2] == self.token

    def _shelf(self, path: str) -> Answer:
        """Senders and templates, for who asks whether they are there."""
        if path == "/v2/Channels/Senders":
            found = [{"sender_id": each, "sid": "XE1", "status": "ONLINE"} for each in self.senders]
            return said({"senders": found, "meta": {"key": "senders", "next_page_url": None}})
        known = path.rpartition("/")[2] in self.contents
        return said({"sid": path.rpartition("/")[2]}) if known else _refusal(404, 20404)

    def _mood(self) -> str | tuple[int, int]:
        with self._lock:
            if self.script:
                return self.script.popleft()
        return self._dice.pick(self._sending)

    def _send(self, account: str, fields: Mapping[str, Any]) -> Answer:
        mood = self._mood()
        if isinstance(mood, tuple) or mood in _REFUSED:
            status, code = mood if isinstance(mood, tuple) else _REFUSED[mood]
            wait = {} if self.retry_after is None else {"Retry-After": self.retry_after}
            return _refusal(status, code, wait)
        if mood in _UNREAD:
            return _UNREAD[mood]
        sent = self._accepted(account, fields, str(mood))
        callback = fields.get("StatusCallback")
        if callback and self.tells:
            told = (callback, self._told(sent, sent.status, sent.error), self.token)
            threading.Thread(target=_tell, args=told, daemon=True).start()
        return _LOST_AFTERWARDS.get(mood) or said(_shown(sent, "queued"), 201)

    def _accepted(self, account: str, fields: Mapping[str, Any], mood: str) -> Sent:
        """What was accepted is listed; only what is not refused later reaches the client."""
        to, sender, body = str(fields.get("To", "")), str(fields.get("From", "")), _body(fields)
        closed = mood == "window closed"
        if not closed:
            self._log.add(account, to, body, _number(fields))
        status = {"window closed": "undelivered", "queued": "queued"}.get(mood, "sent")
        with self._lock:
            sid = f"SM{0x5E << 64 | len(self.sent) + 1:032x}"
            sent = Sent(sid, account, to, sender, body, status, self.clock.now(), dict(fields))
            sent.error = _WINDOW_CLOSED if closed else None
            self.sent.append(sent)
        return sent

    def _list(self, account: str, fields: Mapping[str, Any]) -> Answer:
        if not self.lists:
            return Answer(503, b"busy")
        with self._lock:
            found = [each for each in reversed(self.sent) if each.account == account]
        for name, key in (("To", "to"), ("From", "sender")):
            if wanted := fields.get(name):
                found = [each for each in found if getattr(each, key) == wanted]
        found = [each for each in found if _is_of(each, fields)]
        start, size = int(fields.get("Page", 0)), int(fields.get("PageSize", _PAGE))
        more = {**fields, "Page": start + 1} if len(found) > (start + 1) * size else None
        path = f"/2010-04-01/Accounts/{account}/Messages.json"
        return said(
            {
                "messages": [_shown(e, e.status) for e in found[start * size :][:size]],
                "page": start,
                "page_size": size,
                "next_page_uri": f"{path}?{urlencode(more)}" if more else None,
            }
        )

    def _told(self, sent: Sent, status: str, code: int | None) -> dict[str, str]:
        told = {
            "MessageSid": sent.sid,
            "SmsStatus": status,
            "MessageStatus": status,
            "ChannelPrefix": "whatsapp",
            "ChannelInstallSid": "",
            "AccountSid": sent.account,
            "To": sent.to,
            "From": sent.sender,
        }
        return told if code is None else {**told, "ErrorCode": str(code)}

    def status(
        self, sent: Sent, status: str, code: int | None = None
    ) -> tuple[str, dict[str, str], dict[str, str]]:
        """Address, fields and headers of a status as Twilio would post it now."""
        url = str(sent.fields["StatusCallback"])
        fields = self._told(sent, status, code)
        return url, fields, signed(self.token or "", url, fields)


def signed(token: str, url: str, fields: Mapping[str, str]) -> dict[str, str]:
    """The headers that make it Twilio's."""
    return {"X-Twilio-Signature": RequestValidator(token).compute_signature(url, dict(fields))}


def written(number: int, account: str, to: str, **more: str) -> dict[str, str]:
    """What Twilio posts when a client writes, empty fields and all."""
    return {
        "SmsMessageSid": f"SM{number:032x}",
        "NumMedia": "0",
        "ProfileName": "Ann Client",
        "MessageType": "text",
        "SmsSid": f"SM{number:032x}",
        "WaId": "491701112233",
        "SmsStatus": "received",
        "Body": "Hello, do you repair e-bikes?",
        "To": to,
        "NumSegments": "1",
        "ReferralNumMedia": "0",
        "ButtonPayload": "",
        "MessageSid": f"SM{number:032x}",
        "AccountSid": account,
        "From": "whatsapp:+491701112233",
        "ApiVersion": "2010-04-01",
        **more,
    }


def _refusal(status: int, code: int, headers: Mapping[str, str] | None = None) -> Answer:
    more = f"https://www.twilio.com/docs/errors/{code}"
    table = {"code": code, "status": status, "message": f"refused: {code}", "more_info": more}
    return said(table, status, headers=headers or {})


def _body(fields: Mapping[str, Any]) -> str:
    """The text; of a template what the client reads."""
    if "ContentSid" not in fields:
        return str(fields.get("Body", ""))
    values = json.loads(fields.get("ContentVariables", "{}"))
    return f"Hello {values.get('1', '')}! {values.get('2', '')} (Bike shop)"


def _number(fields: Mapping[str, Any]) -> str:
    """Our own number of the message, as its callback has it."""
    found = re.search(r"[?&]message=([0-9]+)", str(fields.get("StatusCallback", "")))
    return found[1] if found else ""


def _is_of(sent: Sent, fields: Mapping[str, Any]) -> bool:
    """Whether it was sent on the days that are asked for; what waits in the queue never was."""
    after, before = fields.get("DateSent>"), fields.get("DateSent<")
    if not after and not before:
        return True
    day = f"{sent.made:%Y-%m-%d}"
    return sent.is_sent and (after or day)[:10] <= day <= (before or day)[:10]


def _shown(sent: Sent, status: str) -> dict[str, object]:
    date = format_datetime(sent.made)
    return {
        "sid": sent.sid,
        "to": sent.to,
        "from": sent.sender,
        "body": sent.body,
        "status": status,
        "direction": sent.direction,
        "error_code": sent.error if status == "undelivered" else None,
        "date_created": date,
        "date_sent": date if sent.is_sent else None,
    }


def _tell(callback: str, told: Mapping[str, str], token: str | None) -> None:
    headers = signed(token, callback, told) if token is not None else {}
    try:
        urlopen(Post(callback, urlencode(told).encode(), headers), timeout=5).close()  # noqa: S310  loopback
    except (URLError, OSError):
        return
