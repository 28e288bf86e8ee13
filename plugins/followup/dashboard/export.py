"""A whole conversation as JSON, piece by piece: it may be long."""

import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from bot.api import Chat, Employee
from plugins.followup.dashboard.queries import attempts
from plugins.followup.ports import Ports, Record

_BATCH = 500


async def exported(
    ports: Ports, chat: Chat, employee: Employee, record: Record | None
) -> AsyncIterator[str]:
    """The text of one JSON object."""
    runtime = ports.runtime
    async with runtime.database.read() as connection:
        tried = await attempts(connection, chat.id)
    head = {
        "chat": chat.id,
        "name": chat.name,
        "account": chat.ref.account,
        "employee": {"id": employee.id, "name": employee.name},
        "paused_since": chat.paused_since,
        "zone": chat.zone,
        "silence": asdict(record.silence) if record is not None else None,
        "reminders": [asdict(each) for each in tried],
    }
    yield f'{_json(head)[:-1]}, "messages": ['
    before: int | None = 1
    start = ""
    while before is not None:
        async with runtime.database.read() as connection:
            batch = await runtime.lists.history(connection, chat.id, before + _BATCH, _BATCH)
        for message in batch:
            if message.n >= before:
                yield f"{start}\n{_json(asdict(message))}"
                start = ","
        before = before + _BATCH if before + _BATCH <= chat.last_n else None
    yield "\n]}\n"


def _json(values: dict[str, Any]) -> str:
    return json.dumps(values, default=_plain, ensure_ascii=False)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, frozenset):
        return sorted(value)
    return str(value)
