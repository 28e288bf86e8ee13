"""A model behind the chat completions API that is sometimes of no use."""

import itertools
import json
import re

from tests.chaos.dice import Dice
from tests.chaos.wire import Answer, Request, said
from tests.texts import unlike

MOODS = {
    "ok": 74,
    "slow": 8,
    "error": 4,
    "busy": 3,
    "empty": 3,
    "huge": 1,
    "page": 3,
    "wrong": 3,
    "hang": 1,
}
_PLACE = re.compile(r"This would be message (\d+) of")
_SLOW, _HANG = 1.0, 45.0


class Model:
    """Reminders tell their place in the chain, and no two are alike: `Reminder 2, take 17: …`"""

    def __init__(self, dice: Dice, moods: dict[str, float] | None = None) -> None:
        self._dice = dice
        self._moods = moods or MOODS
        self._takes = itertools.count(1)

    def answer(self, request: Request) -> Answer:
        mood = self._dice.pick(self._moods)
        match mood:
            case "error":
                return said({"error": {"message": "out of order"}}, 500)
            case "busy":
                return said({"error": {"message": "slower"}}, 429, headers={"retry-after": "1"})
            case "page":
                return Answer(200, b"<html><body>Bad gateway</body></html>", "text/html")
        return said(
            self._completion(self._text(mood, request)),
            pause={"slow": _SLOW, "hang": _HANG}.get(mood, 0.0),
        )

    def _text(self, mood: str, request: Request) -> str:
        match mood:
            case "empty":
                return ""
            case "huge":
                return "words " * 170_000
            case "wrong" if request.fields.get("response_format"):
                return '{"verdict": 7}'
        take = next(self._takes)
        if not request.fields.get("response_format"):
            return f"Answer, take {take}."
        found = _PLACE.search(json.dumps(request.fields.get("messages")))
        text = f"Reminder {found[1] if found else 0}, take {take}: {unlike(take)}"
        return json.dumps({"verdict": "send", "text": text, "reason": "sent", "until": ""})

    def _completion(self, text: str) -> dict[str, object]:
        message = {"role": "assistant", "content": text}
        usage = {"prompt_tokens": 9, "completion_tokens": 8, "total_tokens": 17}
        told = {"usage": usage} if self._dice.pick({"ok": 1, "untold": 1}) == "ok" else {}
        return {
            "id": "c",
            "object": "chat.completion",
            "created": 0,
            "model": "m",
            "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
            **told,
        }
