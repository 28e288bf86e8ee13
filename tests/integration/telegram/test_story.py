"""The whole story on Telegram, over real HTTP, with both drivers."""

from typing import Any

import pytest

from tests.integration.telegram.conftest import Opened
from tests.integration.telegram.shop import ADMIN, SECRET
from tests.story.words import TEXTS, steps

CHAIN = ("4h", "24h", "48h")
ANSWER, REMINDER = "Yes, we do.", TEXTS[0]


async def test_an_answer_and_three_reminders(business: Opened) -> None:
    shop = await business(steps(*CHAIN))

    await shop.client_writes()
    await shop.wait("7d")

    assert shop.heard == [ANSWER, *TEXTS[:3]]
    assert await shop.states() == ["s1 sent sent", "s2 sent sent", "s3 sent sent"]
    assert await shop.why() == "done"


async def test_a_reply_starts_the_chain_anew(business: Opened) -> None:
    shop = await business(steps(*CHAIN))
    await shop.client_writes()
    await shop.wait("30h")

    await shop.client_writes("I am back")
    await shop.wait("5h")

    assert shop.heard == [ANSWER, *TEXTS[:2], ANSWER, TEXTS[2]]


async def test_the_same_story_by_webhook(business: Opened) -> None:
    shop = await business(steps(*CHAIN), mode="webhook", secret=SECRET)
    hello = shop.update("Hello")

    statuses = [await shop.posted(hello) for _ in range(2)]
    forged = await shop.posted(shop.update("forged"), "wrong")
    await shop.wait("5h")

    assert (statuses, forged) == ([200, 200], 403)
    assert shop.heard == [ANSWER, REMINDER]
    assert [message.text for message in await shop.messages()] == [
        "Hello",
        "Yes, **we do**.",
        REMINDER,
    ]


async def test_a_client_who_blocks_the_bot_is_left_alone_at_once(business: Opened) -> None:
    shop = await business(steps(*CHAIN))
    await shop.client_writes()
    at = int(shop.clock.now().timestamp())
    chat = {"id": 5, "type": "private"}
    bot = {"user": {"id": 42, "is_bot": True, "first_name": "B"}}
    change = {"chat": chat, "from": {"id": 5, "is_bot": False, "first_name": "Ann"}, "date": at}

    await shop.happens(
        {"my_chat_member": {**change, "new_chat_member": {**bot, "status": "kicked"}}}
    )
    await shop.wait("7d")

    assert shop.heard == [ANSWER]
    assert await shop.why() == "unreachable"


@pytest.mark.parametrize("mood", ["blocked", "no chat", "deactivated"])
async def test_a_reminder_that_cannot_arrive_stops_the_chain(business: Opened, mood: str) -> None:
    shop = await business(steps(*CHAIN))
    await shop.client_writes()
    shop.chaos.telegram.plan("sendMessage", mood)

    await shop.wait("7d")

    assert shop.heard == [ANSWER]
    assert await shop.why() == "unreachable"


@pytest.mark.parametrize("mood", ["taken, then reset", "taken, then page", "reset", "broken"])
async def test_what_may_have_been_sent_is_not_sent_again(business: Opened, mood: str) -> None:
    shop = await business(steps("4h"))
    await shop.client_writes()
    shop.chaos.telegram.plan("sendMessage", mood)

    await shop.wait("3d")

    assert len(shop.chaos.telegram.asked("sendMessage")) == 2
    assert shop.heard == [ANSWER, REMINDER][: 2 if "taken" in mood else 1]
    assert await shop.states() == ["s1 uncertain uncertain"]


async def test_a_busy_network_gets_it_a_little_later_and_once(business: Opened) -> None:
    shop = await business(steps("4h"))
    await shop.client_writes()
    shop.chaos.telegram.plan("sendMessage", "very busy")

    await shop.wait("5h")

    # What is tried again is composed again.
    assert shop.heard == [ANSWER, TEXTS[1]]
    assert await shop.states() == ["s1 sent sent"]


async def test_a_chat_that_moved_gets_its_later_reminders_too(business: Opened) -> None:
    shop = await business(steps("4h", "24h"))
    await shop.client_writes()
    shop.chaos.telegram.plan("sendMessage", "migrated")

    await shop.wait("7d")

    assert [(each.chat, each.text) for each in shop.chaos.log.entries()] == [
        ("5", ANSWER),
        ("777", TEXTS[0]),
        ("777", TEXTS[1]),
    ]


async def test_duplicates_and_disorder_change_nothing(business: Opened) -> None:
    shop = await business(steps("4h"))
    first, second = shop.update("one"), shop.update("two")
    shop.chaos.telegram.plan("getUpdates", "backwards", "again", "backwards", "again")

    await shop.happens(*({"update_id": n, **it} for n, it in enumerate([first, second, first], 1)))
    await shop.wait("5h")

    texts = [message.text for message in await shop.messages() if message.author == "client"]
    assert sorted(texts) == ["one", "two"]
    assert shop.heard.count(REMINDER) == 1


async def test_an_account_owner_who_answers_freezes_the_chain(business: Opened) -> None:
    shop = await business(steps(*CHAIN))
    await shop.client_writes("Hello", business_connection_id="conn")

    await shop.client_writes("I take over", who=6, business_connection_id="conn")
    await shop.wait("3d")

    assert shop.heard == [ANSWER]
    assert await shop.why("business:conn:5") == "human_active"


async def test_a_business_chat_closes_after_a_day_before_anything_is_composed(
    business: Opened,
) -> None:
    shop = await business(steps(*CHAIN))

    await shop.client_writes("Hello", business_connection_id="conn")
    await shop.wait("7d")

    assert shop.heard == [ANSWER, REMINDER]
    assert await shop.why("business:conn:5") == "window_closed"
    assert len([asked for asked in shop.model.asked if asked[1] is not None]) == 1  # type: ignore[union-attr]  # it has one


async def test_an_admin_configures_by_buttons(business: Opened) -> None:
    shop = await business(steps(*CHAIN))
    person = {"id": ADMIN, "type": "private", "first_name": "Boss"}
    typed = shop.update("/followup", ADMIN, chat=person)

    await shop.happens(typed)
    (screen,) = shop.chaos.telegram.asked("sendMessage")
    number = 1_000_001
    message: Any = {"message_id": number, "date": 0, "chat": person}
    press = {"id": "q1", "from": {**person, "is_bot": False}, "chat_instance": "x"}
    await shop.happens({"callback_query": {**press, "message": message, "data": "/followup off"}})

    assert "Anna" in screen["text"]
    (edit,) = shop.chaos.telegram.asked("editMessageText")
    assert edit["message_id"] == str(number)
    assert shop.heard[0] == screen["text"]
    assert await shop.query("SELECT by FROM changes") == [{"by": "telegram 900"}]
