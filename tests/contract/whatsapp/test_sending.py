"""Free text inside of the 24 hours, the template outside, and what a fault means."""

import json
import logging
import socket
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientTimeout

from bot.api import (
    Author,
    Button,
    ChannelBusyError,
    ChannelError,
    ChatRef,
    ChatUnreachableError,
    ClientOptedOutError,
    Screen,
    UnknownDeliveryError,
    WindowClosedError,
)

NUMBER, CLIENT = "whatsapp:+14155238886", "whatsapp:+491701112233"
OPEN, CLOSED = timedelta(hours=23, minutes=58), timedelta(hours=23, minutes=59, seconds=30)


async def test_inside_the_window_the_text_goes_out_as_it_is(shop: Any) -> None:
    message = shop.reminder("Still **interested**?")

    sid = await shop.send(message, OPEN)

    [sent] = shop.twilio.sent
    assert (sent.sid, sent.to, sent.sender, sent.body) == (
        sid,
        CLIENT,
        NUMBER,
        "Still *interested*?",
    )
    assert sent.fields["StatusCallback"] == (
        f"https://bot.example/whatsapp/wa/status?message={message.id}"
    )


async def test_outside_of_it_a_reminder_goes_out_in_the_template(shop: Any) -> None:
    await shop.send(shop.reminder("Still interested?\n\nWe have it."), CLOSED)

    [sent] = shop.twilio.sent
    assert sent.fields["ContentSid"].startswith("HX")
    assert json.loads(sent.fields["ContentVariables"]) == {
        "1": "Ann",
        "2": "Still interested? We have it.",
    }
    assert "Body" not in sent.fields
    assert shop.delivered == ["Hello Ann! Still interested? We have it. (Bike shop)"]


async def test_an_answer_never_goes_out_in_the_template(shop: Any) -> None:
    with pytest.raises(WindowClosedError):
        await shop.send(shop.message(), CLOSED)

    assert shop.twilio.asked == []


async def test_without_a_template_nothing_is_asked_for_outside_of_the_window(shop: Any) -> None:
    sender = shop.account(template=None).sender

    with pytest.raises(WindowClosedError):
        await sender.send(shop.chat(CLOSED), shop.reminder())

    assert shop.twilio.asked == []


async def test_a_client_who_never_wrote_gets_the_template_or_nothing(shop: Any) -> None:
    nobody = shop.chat()
    nobody = type(nobody)(1, nobody.ref, "anna", "Ann")

    assert shop.channel.sender.is_open(nobody, shop.clock.now())
    assert not shop.account(template=None).sender.is_open(nobody, shop.clock.now())


@pytest.mark.parametrize(("silent", "is_open"), [(OPEN, True), (CLOSED, False)])
async def test_without_a_template_the_door_closes_a_minute_early(
    shop: Any, silent: timedelta, *, is_open: bool
) -> None:
    sender = shop.account(template=None).sender

    assert sender.is_open(shop.chat(silent), shop.clock.now()) is is_open
    assert shop.channel.sender.is_open(shop.chat(silent), shop.clock.now())


async def test_without_a_public_address_no_status_is_asked_for(shop: Any) -> None:
    await shop.account(public=None).sender.send(shop.chat(), shop.message())

    assert "StatusCallback" not in shop.twilio.sent[0].fields


async def test_a_messaging_service_sends_from_the_number_that_the_client_wrote_to(
    shop: Any,
) -> None:
    service = "MG" + "2c" * 16
    options = {"from": None, "messaging_service_sid": service}

    await shop.account(**options).sender.send(shop.chat(route=NUMBER), shop.message())
    await shop.account(**options).sender.send(shop.chat(), shop.message())

    one, other = (sent.fields for sent in shop.twilio.sent)
    assert (one["MessagingServiceSid"], one["From"]) == (service, NUMBER)
    assert other["MessagingServiceSid"] == service
    assert "From" not in other


async def test_a_long_text_goes_out_in_parts_at_paragraphs(shop: Any) -> None:
    paragraphs = [letter * 900 for letter in "abc"]

    await shop.send(shop.message("\n\n".join(paragraphs)))

    assert shop.delivered == paragraphs


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ((400, 21610), ClientOptedOutError),
        ((400, 21211), ChatUnreachableError),
        ((400, 21614), ChatUnreachableError),
        ((400, 63003), ChatUnreachableError),
        ((400, 63024), ChatUnreachableError),
        ((400, 63016), WindowClosedError),
        ((400, 21656), ChannelError),
        ((401, 20003), ChannelError),
        ((403, 20003), ChannelError),
        ((404, 20404), ChannelError),
        ((429, 20429), ChannelBusyError),
        ((503, 20503), UnknownDeliveryError),
        ("reset", UnknownDeliveryError),
        ("fault", UnknownDeliveryError),
        ("taken, then reset", UnknownDeliveryError),
        ("taken, then fault", UnknownDeliveryError),
        ("taken, then nonsense", UnknownDeliveryError),
    ],
)
async def test_every_fault_is_what_its_catcher_can_do(
    shop: Any, fault: Any, kind: type[Exception]
) -> None:
    shop.twilio.script.append(fault)

    with pytest.raises(kind) as raised:
        await shop.send(shop.message())

    assert type(raised.value) is kind
    assert len(shop.twilio.asked) == 1
    assert raised.value.__cause__ is None


@pytest.mark.parametrize(("fault", "arrived"), [("hang", []), ("taken, then hang", ["Hello!"])])
async def test_who_waited_in_vain_knows_nothing(
    shop: Any, shops: Any, fault: str, arrived: list[str]
) -> None:
    hurried = shops.hurried(shop, ClientTimeout(total=0.5))
    shop.twilio.script.append(fault)

    with pytest.raises(UnknownDeliveryError):
        await hurried.send(shop.chat(), shop.message("Hello!"))

    assert shop.delivered == arrived


async def test_wrong_credentials_are_told_without_the_secret(shop: Any) -> None:
    wrong = shop.account(auth_token="another-token").sender  # noqa: S106  a test's

    with pytest.raises(ChannelError) as raised:
        await wrong.send(shop.chat(), shop.message())

    assert "auth_token" in str(raised.value)
    assert "another-token" not in str(raised.value)


async def test_who_is_too_fast_waits_as_long_as_twilio_says(shop: Any) -> None:
    shop.twilio.script.append("busy")
    shop.twilio.retry_after = "7"

    with pytest.raises(ChannelBusyError) as raised:
        await shop.send(shop.message())

    assert raised.value.wait == timedelta(seconds=7)


async def test_who_is_too_fast_again_and_again_waits_longer(shop: Any) -> None:
    shop.twilio.script.extend(["busy", "busy", "ok", "busy"])
    waits = []

    for _ in range(4):
        try:
            await shop.send(shop.message())
        except ChannelBusyError as error:
            waits.append(error.wait)

    assert waits == [timedelta(seconds=seconds) for seconds in (1, 2, 1)]


async def test_nobody_there_is_surely_not_sent(shop: Any, unused_tcp_port: int) -> None:
    away = shop.account(api_base=f"http://127.0.0.1:{unused_tcp_port}").sender

    with pytest.raises(ChannelError):
        await away.send(shop.chat(), shop.message())


async def test_who_never_got_through_surely_sent_nothing(shop: Any, shops: Any) -> None:
    with ExitStack() as open_:
        full = open_.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        port = full.getsockname()[1]
        for _ in range(3):
            waiting = open_.enter_context(socket.socket())
            waiting.settimeout(0)
            waiting.connect_ex(("127.0.0.1", port))
        away = shop.account(api_base=f"http://127.0.0.1:{port}").sender
        hurried = replace(away, twilio=shops.Twilio(away.options, ClientTimeout(connect=0.3)))

        with pytest.raises(ChannelError):
            await hurried.send(shop.chat(), shop.message())


async def test_an_unknown_name_is_surely_not_sent(shop: Any) -> None:
    away = shop.account(api_base="http://twilio.invalid").sender

    with pytest.raises(ChannelError):
        await away.send(shop.chat(), shop.message())


@pytest.mark.parametrize("fault", ["busy", "reset", (400, 21610)])
async def test_parts_that_fail_after_the_first_leave_the_whole_unknown(
    shop: Any, fault: Any
) -> None:
    shop.twilio.script.extend(["ok", fault])

    with pytest.raises(UnknownDeliveryError):
        await shop.send(shop.message("\n\n".join(letter * 900 for letter in "ab")))

    assert shop.delivered == ["a" * 900]


async def test_nothing_that_was_sent_gets_into_a_log(
    shop: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shop.twilio.script.extend(["ok", (400, 21610)])
    await shop.send(shop.message("Our secret offer"))
    await shop.channel.sender.was_sent(shop.chat(), shop.message("Our secret offer"))
    with pytest.raises(ChannelError):
        await shop.send(shop.message("Our secret offer"))

    for secret in ("Our secret offer", "491701112233", "the-secret-token", "14155238886"):
        assert secret not in caplog.text


async def test_a_screen_is_text_with_buttons_as_lines_to_type(shop: Any) -> None:
    screen = Screen(
        "Anna is *on*.",
        [[Button("Off", "/followup off anna")], [Button("Steps", "/followup steps anna")]],
        ask="/followup add 4h ",
    )

    await shop.channel.console.show(ChatRef("wa", CLIENT), screen, edits="7")

    [text] = shop.delivered
    assert text == (
        "Anna is *on*.\n\nOff: /followup off anna\nSteps: /followup steps anna\n\n"
        "Send: /followup add 4h … (with your text in place of …)"
    )
    assert "StatusCallback" not in shop.twilio.sent[0].fields


def test_the_client_s_words_are_never_ours(shop: Any) -> None:
    assert shop.message().author is Author.EMPLOYEE
    assert [(rate.count, rate.each_chat) for rate in shop.channel.rates] == [
        (10, True),
        (80, False),
    ]


async def test_an_admin_is_reached_by_their_number(shop: Any) -> None:
    assert shop.channel.console.address(CLIENT.removeprefix("whatsapp:")) == CLIENT
