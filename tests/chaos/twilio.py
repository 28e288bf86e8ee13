"""As much of Twilio's Messages as a WhatsApp channel needs, with its bad days."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

from tests.chaos.dice import Dice
from tests.chaos.wire import RESET, Answer, Log, Request, said

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


@dataclass
class Sent:
    """One message that was accepted."""

    sid: str
    account: str
    to: str
    sender: str
    body: str
    status: str
    date: str


class Twilio:
    """/2010-04-01/Accounts/<sid>/Messages.json: POST sends, GET lists."""

    def __init__(self, dice: Dice, log: Log, sending: Mapping[str, float] = SENDING) -> None:
        self._dice = dice
        self._log = log
        self._sending = sending
        self._sent: list[Sent] = []
        self._lock = threading.Lock()

    def answer(self, request: Request) -> Answer:
        account = request.path.split("/")[3]
        return (self._send if request.method == "POST" else self._list)(account, request.fields)

    def _send(self, account: str, fields: Mapping[str, Any]) -> Answer:
        mood = self._dice.pick(self._sending)
        if mood in _REFUSED:
            status, code = _REFUSED[mood]
            return said({"code": code, "status": status, "message": mood}, status)
        if mood == "reset":
            return RESET
        sent = self._accepted(account, fields, closed=mood == "window closed")
        if callback := fields.get("StatusCallback"):
            threading.Thread(target=_tell, args=(callback, sent), daemon=True).start()
        return RESET if mood == "taken, then reset" else said(_shown(sent, "queued"), 201)

    def _accepted(self, account: str, fields: Mapping[str, Any], *, closed: bool) -> Sent:
        """What was accepted is listed; only what is not refused later reaches the client."""
        to, sender, body = (str(fields.get(name, "")) for name in ("To", "From", "Body"))
        entry = None if closed else self._log.add(account, to, body)
        date = f"{entry.at:%a, %d %b %Y %H:%M:%S +0000}" if entry else ""
        with self._lock:
            sid = f"SM{len(self._sent) + 1:032x}"
            sent = Sent(sid, account, to, sender, body, "sent" if entry else "undelivered", date)
            self._sent.append(sent)
        return sent

    def _list(self, account: str, fields: Mapping[str, Any]) -> Answer:
        with self._lock:
            found = [each for each in self._sent if each.account == account]
        for name, key in (("To", "to"), ("From", "sender")):
            if wanted := fields.get(name):
                found = [each for each in found if getattr(each, key) == wanted]
        return said({"messages": [_shown(each, each.status) for each in reversed(found)]})


def _shown(sent: Sent, status: str) -> dict[str, object]:
    return {
        "sid": sent.sid,
        "to": sent.to,
        "from": sent.sender,
        "body": sent.body,
        "status": status,
        "error_code": _WINDOW_CLOSED if status == "undelivered" else None,
        "date_sent": sent.date or None,
    }


def _tell(callback: str, sent: Sent) -> None:
    told = {"MessageSid": sent.sid, "MessageStatus": sent.status, "To": sent.to}
    if sent.status == "undelivered":
        told["ErrorCode"] = str(_WINDOW_CLOSED)
    try:
        urlopen(callback, urlencode(told).encode(), timeout=5).close()  # noqa: S310  loopback
    except URLError:
        return
