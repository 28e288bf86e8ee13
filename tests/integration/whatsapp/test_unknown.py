"""A send whose fate is unknown is resolved by Twilio's own list, or by a later status."""

from typing import Any

import pytest

from tests.story.words import steps
from tests.story.world import Killed


async def silent_client(business: Any, *faults: str) -> Any:
    """A client who got an answer; what happens to the reminder is written down."""
    shop = await business(steps("4h"))
    await shop.client_writes()
    shop.twilio.script.extend(faults)
    return shop


async def test_what_twilio_had_taken_is_not_sent_twice(business: Any) -> None:
    shop = await silent_client(business, "taken, then reset")

    await shop.wait("2d")

    assert shop.sent == ["text", "text"]
    assert await shop.fates() == ["s1 sent sent"]


async def test_what_twilio_never_got_is_sent_once(business: Any) -> None:
    shop = await silent_client(business, "reset")

    await shop.wait("2d")

    assert shop.sent == ["text", "text"]
    assert await shop.fates() == ["s1 sent sent"]


async def test_what_nobody_can_tell_stays_uncertain_and_is_not_sent_again(business: Any) -> None:
    shop = await silent_client(business, "reset")
    shop.twilio.lists = False

    await shop.wait("2d")

    assert shop.sent == ["text"]
    assert await shop.fates() == ["s1 uncertain uncertain"]


async def test_a_status_resolves_what_was_uncertain(business: Any) -> None:
    shop = await silent_client(business, "taken, then reset")
    shop.twilio.lists = False
    await shop.wait("2d")

    await shop.tell(shop.twilio.sent[1], "delivered")

    assert await shop.fates() == ["s1 sent sent delivered"]


async def test_a_process_that_died_while_sending_leaves_it_to_the_list(
    business: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = await silent_client(business)
    sender = shop.app.channels["wa"].sender

    async def dies(chat: Any, message: Any) -> str | None:
        await sender.send(chat, message)
        raise Killed

    monkeypatch.setitem(shop.app.runtime.outbox.senders, "wa", _Dying(dies, sender))
    with pytest.raises(Killed):
        await shop.wait("5h")
    monkeypatch.undo()
    await shop.wait("2d")

    assert shop.sent == ["text", "text"]
    assert await shop.fates() == ["s1 sent sent"]


class _Dying:
    """Sends, and dies before it can tell."""

    def __init__(self, send: Any, sender: Any) -> None:
        self.send = send
        self.was_sent = sender.was_sent
        self.is_open = sender.is_open


async def test_an_answer_that_twilio_never_got_is_given_once(business: Any) -> None:
    shop = await business(steps("4h"))
    shop.twilio.script.append("reset")

    await shop.client_writes()
    await shop.wait("10m")

    assert [sent.body for sent in shop.twilio.sent] == ["Yes, we do."]
