"""Many clients on a network that is busy, resets, repeats and shuffles: the books are right."""

from collections import Counter

from tests.integration.telegram.conftest import Opened
from tests.story.words import TEXTS, steps

CLIENTS = range(100, 130)
MOODS = {"ok": 50, "busy": 10, "blocked": 5, "reset": 10, "taken, then reset": 15, "refused": 5}
LISTENING = {"ok": 60, "again": 15, "mixed": 15, "conflict": 10}


async def test_nothing_is_sent_twice_and_nothing_wrong_is_stored(business: Opened) -> None:
    shop = await business(steps("4h", "24h"))
    telegram = shop.chaos.telegram
    telegram._sending, telegram._listening = MOODS, LISTENING
    shop.chaos.dice.calm = False
    first = [shop.update(f"hello {who}", who, chat=chat(who)) for who in CLIENTS]

    await shop.happens(*first)
    await shop.wait("3d")
    shop.chaos.dice.calm = True
    await shop.happens(*(shop.update(f"again {who}", who, chat=chat(who)) for who in CLIENTS))

    stored = await shop.query("SELECT text FROM messages WHERE author = 'client'")
    assert Counter(row["text"] for row in stored) == Counter(
        f"{word} {who}" for who in CLIENTS for word in ("hello", "again")
    )
    sent = await shop.query(
        "SELECT c.address, count(*) AS n FROM messages m JOIN chats c ON c.id = m.chat_id"
        " WHERE m.plugin = 'followup' AND m.delivery IN ('sent', 'uncertain') GROUP BY c.address"
    )
    intended = {row["address"]: row["n"] for row in sent}
    arrived = Counter(entry.chat for entry in shop.chaos.log.entries() if entry.text in TEXTS)
    assert arrived
    assert all(number <= min(2, intended.get(who, 0)) for who, number in arrived.items())


def chat(who: int) -> dict[str, object]:
    return {"id": who, "type": "private", "first_name": "Ann"}
