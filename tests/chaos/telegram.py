"""As much of Telegram's Bot API as bots need, with its bad days."""

import json
import threading
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request as Post
from urllib.request import urlopen

from bot.clock import SystemClock
from tests.chaos.dice import Dice
from tests.chaos.refusals import REFUSALS, fault, misfit, refusal, visible
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
_HANG = 60.0
_SIMPLE = {
    "setWebhook",
    "deleteWebhook",
    "answerCallbackQuery",
    "sendChatAction",
    "setMyCommands",
}
_DONE = said({"ok": True, "result": True})
_PAGE = Answer(502, b"<html>Bad Gateway</html>", "text/html")


@dataclass
class Inbound:
    """Updates that wait for one bot, the latest that were confirmed, and its webhook."""

    waiting: list[dict[str, Any]] = field(default_factory=list)
    confirmed: list[dict[str, Any]] = field(default_factory=list)
    hook: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """What a bot asked for; JSON inside of fields is read."""

    token: str
    method: str
    fields: Mapping[str, Any]


class Telegram:
    """`write` and `push` are what clients do; bots ask over HTTP as /bot<token>/<method>.

    `plan` says what goes wrong next with a method; without a plan the dice decide.
    """

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
        self._bots: dict[str, Inbound] = defaultdict(Inbound)
        self._plans: dict[str, deque[str]] = defaultdict(deque)
        self._updates = 0
        self._confirmed: dict[int, datetime] = {}
        self._news = threading.Condition()
        self.calls: list[Call] = []

    def plan(self, method: str, *moods: str) -> None:
        """These happen next, in this order."""
        self._plans[method].extend(moods)

    def write(self, token: str, chat: int, text: str, at: float, name: str = "Client") -> int:
        """A client writes; the number of the message, unique in this place."""
        person = {"id": chat, "type": "private", "first_name": name}
        said = {"chat": person, "from": {**person, "is_bot": False}, "date": int(at), "text": text}
        with self._news:
            return self.push(token, {"message": {"message_id": self._updates + 1, **said}})

    def push(self, token: str, update: Mapping[str, Any]) -> int:
        """Anything happens; one with an `update_id` comes as it is."""
        with self._news:
            number = update.get("update_id")
            if number is None:
                self._updates += 1
                number = self._updates
            self._bots[token].waiting.append({**update, "update_id": number})
            self._news.notify_all()
            return int(number)

    def post(self, token: str, update: Mapping[str, Any], secret: str | None = None) -> int:
        """Bring it to the webhook that the bot has set; the status of its answer."""
        hook = self._bots[token].hook
        shown = hook.get("secret_token", "") if secret is None else secret
        headers = {
            "content-type": "application/json",
            "x-telegram-bot-api-secret-token": shown.encode(),
        }
        body = json.dumps({"update_id": 1, **update}).encode()
        try:
            with urlopen(Post(hook["url"], body, headers), timeout=30) as answer:  # noqa: S310
                return int(answer.status)
        except HTTPError as error:
            with error:
                return error.code

    def asked(self, method: str) -> list[Mapping[str, Any]]:
        """The fields of all calls of that method."""
        with self._news:
            return [call.fields for call in self.calls if call.method == method]

    def unconfirmed(self, token: str) -> int:
        """How many updates the bot has not confirmed yet."""
        with self._news:
            return len(self._bots[token].waiting)

    def confirmed(self) -> Mapping[str, datetime]:
        """When each message was confirmed by the bot: at the latest then it had stored it."""
        with self._news:
            return {str(number): at for number, at in self._confirmed.items()}

    def answer(self, request: Request) -> Answer:
        _, bot, method = request.path.split("/", 2)
        token, fields = bot.removeprefix("bot"), _read(request.fields)
        with self._news:
            self.calls.append(Call(token, method, fields))
            mood = self._plans[method].popleft() if self._plans[method] else None
        if mood in REFUSALS:
            return refusal(mood)
        match mood:
            case "reset":
                return RESET
            case "hang":
                return Answer(pause=_HANG)
            case "page":
                return _PAGE
        answer = self._done(token, method, fields, mood)
        return {
            "taken, then reset": RESET,
            "taken, then hang": Answer(pause=_HANG),
            "taken, then page": _PAGE,
        }.get(mood or "", answer)

    def _done(self, token: str, method: str, fields: Mapping[str, Any], mood: str | None) -> Answer:
        match method:
            case "getMe":
                number = int(token.partition(":")[0]) if ":" in token else 1
                me = {"id": number, "is_bot": True, "first_name": "Chaos", "username": "chaosbot"}
                return _ok(me)
            case "getUpdates":
                return self._listen(token, fields, mood or self._dice.pick(self._listening))
            case "sendMessage":
                return self._send(token, fields, mood or self._dice.pick(self._sending))
            case "editMessageText":
                wrong = misfit(fields)
                return wrong or _ok(_message(fields, int(fields["message_id"]), 1))
            case "setWebhook":
                self._bots[token].hook = fields
            case "deleteWebhook":
                self._bots[token].hook = {}
            case "getWebhookInfo":
                return _ok(self._hook(token))
        return _DONE if method in _SIMPLE else fault(404, "Not Found")

    def _hook(self, token: str) -> dict[str, Any]:
        with self._news:
            bot = self._bots[token]
            shown = {key: it for key, it in bot.hook.items() if key != "secret_token"}
            return {"url": "", "pending_update_count": len(bot.waiting), **shown}

    def _listen(self, token: str, fields: Mapping[str, Any], mood: str) -> Answer:
        if mood == "conflict":
            return refusal("conflict")
        with self._news:
            bot = self._bots[token]
            if bot.hook:
                text = "Conflict: can't use getUpdates method while webhook is active"
                return fault(409, text)
            self._confirm(bot, int(fields.get("offset") or 0))
            if mood == "again" and bot.confirmed:
                return _ok(bot.confirmed[-2:] + bot.waiting)
            self._news.wait_for(lambda: bot.waiting, float(fields.get("timeout") or 0))
            batch = bot.waiting[:100]
        if mood == "backwards":
            return _ok(batch[::-1])
        return _ok(self._dice.shuffled(batch) if mood == "mixed" else batch)

    def _send(self, token: str, fields: Mapping[str, Any], mood: str) -> Answer:
        if mood in REFUSALS:
            return refusal(mood)
        if mood == "reset":
            return RESET
        if wrong := misfit(fields):
            return wrong
        chat, text = str(fields.get("chat_id")), visible(fields)
        entry = self._log.add(token, chat, text, str(fields.get("ref", "")))
        if mood == "taken, then reset":
            return RESET
        message = _message(fields, 1_000_000 + int(entry.id), entry.at.timestamp())
        return _ok(message, pause=self._dice.between(0.2, 2) if mood == "slow" else 0.0)

    def _confirm(self, bot: Inbound, offset: int) -> None:
        done = [each for each in bot.waiting if each["update_id"] < offset]
        now = SystemClock().now()
        messages = [each["message"] for each in done if isinstance(each.get("message"), dict)]
        self._confirmed |= {each["message_id"]: now for each in messages if "message_id" in each}
        bot.confirmed += done
        bot.waiting[:] = [each for each in bot.waiting if each["update_id"] >= offset]
        del bot.confirmed[:-20]


def _read(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Libraries put JSON into the fields of a form."""
    found = dict(fields)
    for key, text in found.items():
        if key != "text" and isinstance(text, str) and text[:1] in {"{", "["}:
            found[key] = json.loads(text)
    return found


def _message(fields: Mapping[str, Any], number: int, at: float) -> dict[str, Any]:
    message = {
        "message_id": number,
        "chat": _chat(int(fields["chat_id"])),
        "date": int(at),
        "text": visible(fields),
    }
    more = ("business_connection_id", "message_thread_id")
    return message | {key: fields[key] for key in more if key in fields}


def _chat(number: int) -> dict[str, Any]:
    if number < 0:
        return {"id": number, "type": "group", "title": "Group"}
    return {"id": number, "type": "private", "first_name": "Client"}


def _ok(result: object, pause: float = 0.0) -> Answer:
    return said({"ok": True, "result": result}, pause=pause)
