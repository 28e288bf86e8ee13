"""As much of Telegram's Bot API as bots need, with its bad days."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.clock import SystemClock
from tests.chaos.dice import Dice
from tests.chaos.wire import RESET, Answer, Log, Request, said

SENDING = {
    "ok": 90,
    "slow": 3,
    "busy": 0.7,
    "refused": 0.5,
    "blocked": 0.4,
    "reset": 1,
    "taken, then reset": 3,
}
LISTENING = {"ok": 88, "again": 4, "mixed": 5, "conflict": 3}


@dataclass
class Inbound:
    """Updates that wait for one bot, and the latest that were confirmed."""

    waiting: list[dict[str, Any]]
    confirmed: list[dict[str, Any]]


class Telegram:
    """`write` is what a client does; the rest is asked over HTTP as /bot<token>/<method>."""

    def __init__(
        self,
        dice: Dice,
        log: Log,
        sending: Mapping[str, float] = SENDING,
        listening: Mapping[str, float] = LISTENING,
    ) -> None:
        self._dice = dice
        self._log = log
        self._sending = sending
        self._listening = listening
        self._bots: dict[str, Inbound] = {}
        self._updates = 0
        self._confirmed: dict[int, datetime] = {}
        self._news = threading.Condition()

    def write(self, token: str, chat: int, text: str, at: float, name: str = "Client") -> int:
        """A client writes; the number of the message, unique in this place."""
        with self._news:
            self._updates += 1
            number = self._updates
            person = {"id": chat, "type": "private", "first_name": name}
            message = {
                "message_id": number,
                "chat": person,
                "from": {**person, "is_bot": False},
                "date": int(at),
                "text": text,
            }
            self._bot(token).waiting.append({"update_id": number, "message": message})
            self._news.notify_all()
            return number

    def unconfirmed(self, token: str) -> int:
        """How many updates the bot has not confirmed yet."""
        with self._news:
            return len(self._bot(token).waiting)

    def confirmed(self) -> Mapping[str, datetime]:
        """When each message was confirmed by the bot: at the latest then it had stored it."""
        with self._news:
            return {str(number): at for number, at in self._confirmed.items()}

    def answer(self, request: Request) -> Answer:
        _, bot, method = request.path.split("/", 2)
        token = bot.removeprefix("bot")
        match method:
            case "getMe":
                return _ok({"id": 1, "is_bot": True, "first_name": "Chaos", "username": "chaosbot"})
            case "getUpdates":
                return self._listen(token, request.fields)
            case "sendMessage":
                return self._send(token, request.fields)
        return _fault(404, "Not Found")

    def _listen(self, token: str, fields: Mapping[str, Any]) -> Answer:
        mood = self._dice.pick(self._listening)
        if mood == "conflict":
            return _fault(409, "Conflict: terminated by other getUpdates request")
        with self._news:
            bot = self._bot(token)
            self._confirm(bot, int(fields.get("offset") or 0))
            if mood == "again" and bot.confirmed:
                return _ok(bot.confirmed[-2:] + bot.waiting)
            self._news.wait_for(lambda: bot.waiting, float(fields.get("timeout") or 0))
            batch = bot.waiting[:100]
        return _ok(self._dice.shuffled(batch) if mood == "mixed" else batch)

    def _send(self, token: str, fields: Mapping[str, Any]) -> Answer:
        chat, text = str(fields.get("chat_id")), str(fields.get("text"))
        mood = self._dice.pick(self._sending)
        match mood:
            case "busy":
                return _fault(429, "Too Many Requests: retry after 1", {"retry_after": 1})
            case "blocked":
                return _fault(403, "Forbidden: bot was blocked by the user")
            case "refused":
                return _fault(400, "Bad Request: message is too strange")
            case "reset":
                return RESET
        entry = self._log.add(token, chat, text, str(fields.get("ref", "")))
        if mood == "taken, then reset":
            return RESET
        message = {
            "message_id": 1_000_000 + int(entry.id),
            "chat": {"id": int(chat), "type": "private"},
            "date": int(entry.at.timestamp()),
            "text": text,
        }
        return _ok(message, pause=self._dice.between(0.2, 2) if mood == "slow" else 0.0)

    def _confirm(self, bot: Inbound, offset: int) -> None:
        done = [each for each in bot.waiting if each["update_id"] < offset]
        now = SystemClock().now()
        self._confirmed |= {each["message"]["message_id"]: now for each in done}
        bot.confirmed += done
        bot.waiting[:] = [each for each in bot.waiting if each["update_id"] >= offset]
        del bot.confirmed[:-20]

    def _bot(self, token: str) -> Inbound:
        return self._bots.setdefault(token, Inbound([], []))


def _ok(result: object, pause: float = 0.0) -> Answer:
    return said({"ok": True, "result": result}, pause=pause)


def _fault(code: int, text: str, parameters: Mapping[str, int] | None = None) -> Answer:
    table: dict[str, object] = {"ok": False, "error_code": code, "description": text}
    return said(table | ({"parameters": parameters} if parameters else {}), code)
