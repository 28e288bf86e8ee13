"""The whole story of the manual on WhatsApp, over real HTTP on both sides."""

import json
from typing import Any

from tests.chaos.twilio import written
from tests.story.words import TEXTS, steps

CHAIN = ("4h", "24h", "48h")
SID, NUMBER, ADMIN = "AC" + "0a" * 16, "whatsapp:+14155238886", "whatsapp:+491709998877"
REMINDER = TEXTS[0]


async def test_the_manual_s_chain_crosses_the_window_by_template(business: Any) -> None:
    shop = await business(steps(*CHAIN))

    await shop.client_writes()
    await shop.wait("7d")

    assert shop.sent == ["text", "text", "template", "template"]
    assert [sent.body for sent in shop.twilio.sent[:2]] == ["Yes, we do.", REMINDER]
    assert [json.loads(sent.fields["ContentVariables"]) for sent in shop.twilio.sent[2:]] == [
        {"1": "Ann Client", "2": text} for text in TEXTS[1:3]
    ]
    assert await shop.fates() == ["s1 sent sent", "s2 sent sent", "s3 sent sent"]
    assert await shop.why() == "done"


async def test_a_reply_starts_the_chain_anew_as_free_text(business: Any) -> None:
    shop = await business(steps(*CHAIN))
    await shop.client_writes()
    await shop.wait("30h")

    await shop.client_writes("I am back")
    await shop.wait("5h")

    assert shop.sent == ["text", "text", "template", "text", "text"]


async def test_without_a_template_the_chain_stops_before_anything_is_composed(
    business: Any,
) -> None:
    shop = await business(steps(*CHAIN), template=None)

    await shop.client_writes()
    await shop.wait("7d")

    assert shop.sent == ["text", "text"]
    assert len([asked for asked in shop.model.asked if asked[1] is not None]) == 1
    assert await shop.why() == "window_closed"


async def test_what_twilio_tells_later_is_shown(business: Any) -> None:
    shop = await business(steps("4h"))
    await shop.client_writes()
    await shop.wait("5h")
    reminder = shop.twilio.sent[1]

    statuses = [await shop.tell(reminder, status) for status in ("sent", "delivered", "read")]

    assert statuses == [204, 204, 204]
    assert await shop.fates() == ["s1 sent sent read"]


async def test_statuses_may_come_twice_and_in_any_order(business: Any) -> None:
    shop = await business(steps("4h"))
    await shop.client_writes()
    await shop.wait("5h")
    reminder = shop.twilio.sent[1]

    for status in ("read", "delivered", "read", "sent", "queued", "delivered", "failed"):
        await shop.tell(reminder, status, 63024 if status == "failed" else None)

    assert await shop.fates() == ["s1 sent sent read"]


async def test_a_later_refusal_turns_the_reminder_and_stops_the_chain(business: Any) -> None:
    shop = await business(steps("4h", "5h"))
    await shop.client_writes()
    await shop.wait("5h")

    for _ in range(2):
        await shop.tell(shop.twilio.sent[1], "undelivered", 63016)
    await shop.wait("2d")

    assert await shop.fates() == ["s1 failed window_closed"]
    assert shop.sent == ["text", "text"]


async def test_a_client_who_is_gone_is_left_alone(business: Any) -> None:
    shop = await business(steps("4h", "5h"))
    await shop.client_writes()
    await shop.wait("5h")

    await shop.tell(shop.twilio.sent[1], "failed", 63024)
    await shop.wait("2d")

    assert await shop.fates() == ["s1 failed unreachable"]
    assert await shop.why() == "unreachable"


async def test_a_word_of_the_network_ends_the_reminders(business: Any) -> None:
    shop = await business(steps("4h"))
    await shop.client_writes()

    await shop.client_writes("Stop.")
    await shop.client_writes("Stop.")
    await shop.wait("2d")

    assert shop.sent == ["text", "text"]
    assert (await shop.messages())[3].text.startswith("You will get no more reminders from us.")
    assert await shop.why() == "opted_out"


async def test_forged_and_replayed_posts_store_nothing_wrong(business: Any) -> None:
    shop = await business(steps("4h"))
    fields = written(77, SID, NUMBER, Body="The only one")

    answers = [
        await shop.post("/whatsapp/wa/messages", fields, token)
        for token in ("guessed", "the-secret-token", "the-secret-token", "guessed")
    ]
    await shop.run()

    assert answers == [403, 200, 200, 403]
    assert [m.text for m in await shop.messages()] == [
        "The only one",
        "Yes, we do.",
    ]


async def test_twilio_is_answered_before_anybody_is_asked_or_anything_sent(business: Any) -> None:
    shop = await business(steps("4h"))

    status = await shop.post("/whatsapp/wa/messages", written(1, SID, NUMBER))

    assert status == 200
    assert [m.text for m in await shop.messages()] == ["Hello, do you repair e-bikes?"]
    assert shop.model.asked == []
    assert shop.sent == []


async def test_a_marketing_message_that_meta_held_back_is_told_and_not_sent_again(
    business: Any,
) -> None:
    shop = await business(steps("4h"))
    await shop.client_writes()
    await shop.wait("5h")

    await shop.tell(shop.twilio.sent[1], "undelivered", 63049)
    await shop.wait("2d")

    assert await shop.fates() == ["s1 failed channel_failed"]
    assert shop.sent == ["text", "text"]


async def test_who_is_too_fast_is_heard_later_and_once(business: Any) -> None:
    shop = await business(steps("4h"))
    shop.twilio.script.extend(["busy", "ok", "busy", "busy"])
    shop.twilio.retry_after = "3"

    await shop.client_writes()
    await shop.wait("5h")

    # Two tries were refused, and what is tried again is composed again.
    assert [sent.body for sent in shop.twilio.sent] == ["Yes, we do.", TEXTS[2]]
    assert await shop.fates() == ["s1 sent sent"]


async def test_an_admin_s_command_is_answered_to_the_admin_alone(business: Any) -> None:
    shop = await business(steps("4h"))
    await shop.client_writes()

    await shop.client_writes("/followup steps", From=ADMIN)

    assert [sent.to for sent in shop.twilio.sent] == ["whatsapp:+491701112233", ADMIN]
    assert len(await shop.query("SELECT id FROM chats")) == 1
