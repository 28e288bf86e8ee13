"""What goes over the wire between a chaos server and whoever calls it."""

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.clock import SystemClock


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, its fields from the query, a form or a JSON object alike."""

    method: str
    path: str
    fields: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What to say, after how long; `reset` cuts the connection instead."""

    status: int = 200
    body: bytes = b""
    kind: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    pause: float = 0.0
    reset: bool = False


def said(table: object, status: int = 200, **more: Any) -> Answer:
    return Answer(status, json.dumps(table).encode(), **more)


RESET = Answer(reset=True)


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a client received: `ref` is the sender's own number of it, if it told one."""

    account: str
    chat: str
    text: str
    id: str
    ref: str
    at: datetime


class Log:
    """Everything that was delivered, in order."""

    def __init__(self) -> None:
        self._entries: list[Delivered] = []
        self._lock = threading.Lock()

    def add(self, account: str, chat: str, text: str, ref: str = "") -> Delivered:
        """Number and keep it."""
        with self._lock:
            number = str(len(self._entries) + 1)
            entry = Delivered(account, chat, text, number, ref, SystemClock().now())
            self._entries.append(entry)
            return entry

    def entries(self) -> Sequence[Delivered]:
        with self._lock:
            return list(self._entries)
