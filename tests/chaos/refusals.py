"""Telegram's refusals in its own words, and what it takes as HTML."""

from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

from tests.chaos.wire import Answer, said

LIMIT = 4096
_TAGS = {"b", "i", "u", "s", "a", "code", "pre", "blockquote", "tg-spoiler"}
_ALONE = {"code", "pre"}

REFUSALS: Mapping[str, tuple[int, str, Mapping[str, int]]] = {
    "busy": (429, "Too Many Requests: retry after 1", {"retry_after": 1}),
    "very busy": (429, "Too Many Requests: retry after 7", {"retry_after": 7}),
    "blocked": (403, "Forbidden: bot was blocked by the user", {}),
    "deactivated": (403, "Forbidden: user is deactivated", {}),
    "not started": (403, "Forbidden: bot can't initiate conversation with a user", {}),
    "kicked": (403, "Forbidden: bot was kicked from the group chat", {}),
    "no chat": (400, "Bad Request: chat not found", {}),
    "refused": (400, "Bad Request: message is too strange", {}),
    "unreadable": (400, "Bad Request: can't parse entities: Unsupported start tag", {}),
    "no thread": (400, "Bad Request: message thread not found", {}),
    "migrated": (
        400,
        "Bad Request: group chat was upgraded to a supergroup chat",
        {"migrate_to_chat_id": 777},
    ),
    "closed": (400, "Bad Request: BUSINESS_PEER_USAGE_MISSING", {}),
    "no connection": (400, "Bad Request: BUSINESS_CONNECTION_INVALID", {}),
    "not modified": (400, "Bad Request: message is not modified", {}),
    "no message": (400, "Bad Request: message to edit not found", {}),
    "too old": (400, "Bad Request: query is too old and response timeout expired", {}),
    "conflict": (409, "Conflict: terminated by other getUpdates request", {}),
    "bad token": (401, "Unauthorized", {}),
    "no token": (404, "Not Found", {}),
    "broken": (500, "Internal Server Error", {}),
}


def fault(code: int, text: str, parameters: Mapping[str, int] | None = None) -> Answer:
    table: dict[str, object] = {"ok": False, "error_code": code, "description": text}
    return said(table | ({"parameters": parameters} if parameters else {}), code)


def refusal(name: str) -> Answer:
    return fault(*REFUSALS[name])


def misfit(fields: Mapping[str, Any]) -> Answer | None:
    """What Telegram would say against a text."""
    text = str(fields.get("text", ""))
    if fields.get("parse_mode") == "HTML":
        reader = _Reader()
        reader.feed(text)
        reader.close()
        if reader.fault or reader.open:
            reason = reader.fault or f'Can\'t find end tag corresponding to "{reader.open[-1]}"'
            return fault(400, f"Bad Request: can't parse entities: {reason}")
        text = reader.text
    if not text.strip():
        return fault(400, "Bad Request: message text is empty")
    if len(text.encode("utf-16-le")) // 2 > LIMIT:
        return fault(400, "Bad Request: message is too long")
    return None


def visible(fields: Mapping[str, Any]) -> str:
    """What the client reads."""
    if fields.get("parse_mode") != "HTML":
        return str(fields.get("text", ""))
    reader = _Reader()
    reader.feed(str(fields.get("text", "")))
    reader.close()
    return reader.text


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.open: list[str] = []
        self.fault = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        inner = tag == "code" and self.open[-1:] == ["pre"]
        if tag not in _TAGS:
            self.fault = f'Unsupported start tag "{tag}"'
        if _ALONE & set(self.open) and not inner:
            self.fault = f'"{tag}" stands in code'
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.fault = f'Unmatched end tag "{tag}"'

    def handle_data(self, data: str) -> None:
        self.text += data
