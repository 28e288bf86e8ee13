from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from bot.recovery import waiting_for_answers
from bot.store.tables import chats
from bot.testing import MONDAY
from tests.contract.store.conftest import Shop

MINUTE = timedelta(minutes=1)


async def test_who_waits_behind_a_thousand_that_are_being_answered_is_found(shop: Shop) -> None:
    answered = {"answer_at": MONDAY - 2 * MINUTE, "answer_lease": MONDAY + MINUTE}
    rows = [_chat(n, **answered) for n in range(1, 1001)]
    rows.append(_chat(1001, answer_at=MONDAY))
    rows.append(_chat(1002, answer_at=MONDAY - MINUTE, answer_lease=MONDAY))
    rows.append(_chat(1003, answer_at=MONDAY + MINUTE))
    rows.append(_chat(1004, answer_at=MONDAY, paused_since=MONDAY))
    rows.append(_chat(1005))
    async with shop.database.write() as tx:
        await tx.connection.execute(insert(chats), rows)

    async with shop.database.read() as connection:
        found = await waiting_for_answers(connection, MONDAY)

    assert found == [(1002, MONDAY - MINUTE), (1001, MONDAY)]


def _chat(n: int, **values: Any) -> dict[str, Any]:
    known = {"id": n, "account": "site", "address": f"c{n}", "employee_id": "anna"}
    counted = {"last_n": 1, "client_n": 1, "answer_failures": 0}
    free = {"answer_at": None, "answer_lease": None, "paused_since": None}
    return {**known, **counted, **free, **values}
