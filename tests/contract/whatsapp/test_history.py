"""What became of a message with unknown fate is looked up, never guessed."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.api import Message, UnknownDeliveryError

LATER = timedelta(seconds=50)
CLOSED = timedelta(hours=25)


async def lost(shop: Any, message: Message, how: str, silent: timedelta = timedelta()) -> None:
    """Send it, and never get to know."""
    shop.twilio.script.append(how)
    with pytest.raises(UnknownDeliveryError):
        await shop.send(message, silent)


async def known(shop: Any, message: Message, after: timedelta = LATER, **options: Any) -> Any:
    shop.clock.advance(after)
    channel = shop.account(**options) if options else shop.channel
    return await channel.sender.was_sent(shop.chat(CLOSED), message)


@pytest.mark.parametrize("silent", [timedelta(), CLOSED])
async def test_what_was_taken_is_found(shop: Any, silent: timedelta) -> None:
    message = shop.reminder("Still **interested**?\n\nWe have it.")

    await lost(shop, message, "taken, then reset", silent)

    assert await known(shop, message, timedelta(seconds=1)) is True


async def test_what_was_not_taken_is_missed_once_the_list_can_be_trusted(shop: Any) -> None:
    message = shop.reminder()

    await lost(shop, message, "reset")

    assert await known(shop, message, timedelta(seconds=5)) is None
    assert await known(shop, message) is False


async def test_what_still_waits_in_the_queue_was_taken(shop: Any) -> None:
    message = shop.message()
    shop.twilio.script.append("queued")

    await shop.send(message)

    assert await known(shop, message) is True


async def test_what_was_refused_afterwards_did_not_arrive(shop: Any) -> None:
    message = shop.message()
    shop.twilio.script.append("window closed")

    await shop.send(message)

    assert await known(shop, message) is False


async def test_the_same_words_of_yesterday_prove_nothing(shop: Any) -> None:
    await shop.send(shop.message("Hello!"))
    shop.clock.advance(timedelta(hours=20))
    message = shop.message("Hello!")

    await lost(shop, message, "reset")

    assert await known(shop, message) is False


async def test_other_words_of_now_prove_nothing(shop: Any) -> None:
    message = shop.message("Hello!")
    await lost(shop, message, "reset")

    await shop.send(shop.message("Goodbye!"))

    assert await known(shop, message) is False


async def test_a_message_around_midnight_is_found(shop: Any) -> None:
    shop.clock.move_to(shop.clock.now().replace(hour=23, minute=59, second=59))
    message = shop.message()
    shop.clock.advance(timedelta(seconds=2))

    await lost(shop, message, "taken, then reset")

    assert await known(shop, message) is True


async def test_a_long_list_is_read_page_by_page(shop: Any) -> None:
    message = shop.message("The one")
    await lost(shop, message, "taken, then reset")
    first = shop.twilio.sent[0]

    shop.twilio.sent += [replace(first, sid=f"SM{n:032x}", body="more") for n in range(450)]

    assert await known(shop, message) is True


async def test_a_list_that_is_too_long_to_read_proves_nothing(shop: Any) -> None:
    message = shop.message("The one")
    await shop.send(shop.message("more"))
    first = shop.twilio.sent[0]
    shop.twilio.sent += [replace(first, sid=f"SM{n:032x}") for n in range(1100)]

    assert await known(shop, message) is None


async def test_parts_are_all_there_or_nobody_can_tell(shop: Any) -> None:
    text = "\n\n".join(letter * 900 for letter in "ab")
    whole, half = shop.message(text), shop.message(text)

    await lost(shop, half, "taken, then reset")
    only_one = await known(shop, half)
    shop.clock.advance(timedelta(hours=3))
    whole = shop.message(text)
    await shop.send(whole)

    assert only_one is None
    assert await known(shop, whole) is True


async def test_a_list_without_texts_proves_nothing(shop: Any) -> None:
    message = shop.message()
    await lost(shop, message, "taken, then reset")

    shop.twilio.sent[0].body = ""

    assert await known(shop, message) is None


async def test_a_list_that_cannot_be_read_proves_nothing(shop: Any) -> None:
    message = shop.message()
    await lost(shop, message, "reset")
    wrong = await known(shop, message, auth_token="wrong")  # noqa: S106  a test's

    shop.twilio.lists = False

    assert wrong is None
    assert await known(shop, message) is None


async def test_another_client_s_messages_prove_nothing(shop: Any) -> None:
    message = shop.message("Hello!")
    await lost(shop, message, "reset")
    await shop.send(shop.message("Hello!"))

    shop.twilio.sent[0].to = "whatsapp:+15550009999"

    assert await known(shop, message) is False


async def test_the_same_words_of_hours_later_prove_nothing(shop: Any) -> None:
    message = shop.message("Hello!")
    await lost(shop, message, "reset")
    shop.clock.advance(timedelta(hours=2))
    await shop.send(shop.message("Hello!"))

    assert await known(shop, message) is False


@pytest.mark.parametrize(
    "other", [{"sender": "whatsapp:+15550009999"}, {"direction": "inbound"}], ids=str
)
async def test_another_sender_s_messages_prove_nothing(shop: Any, other: dict[str, str]) -> None:
    message = shop.message("Hello!")
    await lost(shop, message, "reset")
    await shop.send(shop.message("Hello!"))

    shop.twilio.sent[0] = replace(shop.twilio.sent[0], **other)

    assert await known(shop, message) is False
