"""Only what Twilio signed for our own address is taken, and each thing once."""

import asyncio
import logging
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.api import (
    Arrival,
    ChannelBusyError,
    ChannelError,
    ChatUnreachableError,
    ClientOptedOutError,
    WindowClosedError,
)
from tests.chaos.twilio import signed, written

SID, NUMBER = "AC" + "0a" * 16, "whatsapp:+14155238886"
TOKEN = "the-secret-token"  # noqa: S105  a test's
MESSAGES = "/whatsapp/wa/messages"
PUBLIC = f"https://bot.example{MESSAGES}"


def fields(**more: str) -> dict[str, str]:
    return written(9, SID, NUMBER, **more)


async def test_a_message_is_stored_and_answered_with_nothing_to_say(shop: Any) -> None:
    answer = await shop.client_writes(Body="Hello")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/xml")
    assert answer.text == '<?xml version="1.0" encoding="UTF-8"?><Response/>'
    assert [each.text for each in shop.notes.said] == ["Hello"]


async def test_texts_in_every_script_are_signed_and_stored(shop: Any) -> None:
    text = "Größe? Цена & скидка = 10 % + ✓ 🚲"

    assert (await shop.client_writes(Body=text, ProfileName="Zoë 🚲")).status_code == 200

    assert [(each.text, each.name) for each in shop.notes.said] == [(text, "Zoë 🚲")]


async def test_fields_that_nobody_knows_yet_are_signed_too(shop: Any) -> None:
    answer = await shop.client_writes(SomethingNew="", AndMore="x")

    assert answer.status_code == 200


async def test_a_replayed_message_changes_nothing(shop: Any) -> None:
    answers = [await shop.client_writes(5), await shop.client_writes(5)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert len(shop.notes.said) == 1


FORGED = {
    "no signature": "",
    "another's token": signed("guessed", PUBLIC, fields())["X-Twilio-Signature"],
    "another address": signed(TOKEN, PUBLIC.replace("wa/", "wb/"), fields())["X-Twilio-Signature"],
    "the inner address": signed(TOKEN, f"http://10.0.0.7:8080{MESSAGES}", fields())[
        "X-Twilio-Signature"
    ],
    "another text": signed(TOKEN, PUBLIC, fields(Body="Hi"))["X-Twilio-Signature"],
    "a field taken out": signed(TOKEN, PUBLIC, {k: v for k, v in fields().items() if k != "To"})[
        "X-Twilio-Signature"
    ],
    "no base64": "ärger",
}


@pytest.mark.parametrize("signature", FORGED.values(), ids=FORGED.keys())
async def test_what_twilio_did_not_sign_is_refused_and_not_stored(
    shop: Any, signature: str
) -> None:
    answer = await shop.http.post(
        MESSAGES, data=fields(), headers={"X-Twilio-Signature": signature.encode()}
    )

    assert answer.status_code == 403
    assert shop.notes.said == []


async def test_a_forged_host_header_helps_nobody(shop: Any) -> None:
    url = f"https://evil.example{MESSAGES}"
    headers = {**signed(TOKEN, url, fields()), "Host": "evil.example"}
    headers["X-Forwarded-Host"] = "evil.example"

    answer = await shop.http.post(MESSAGES, data=fields(), headers=headers)

    assert answer.status_code == 403


async def test_a_refusal_is_logged_without_what_was_sent(
    shop: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    await shop.post(MESSAGES, fields(Body="Our secret"), signature="wrong")

    assert "channels.wa" in caplog.text
    for secret in ("Our secret", "491701112233", TOKEN):
        assert secret not in caplog.text


async def test_a_body_that_is_too_large_is_refused_unread(shop: Any) -> None:
    answer = await shop.post(MESSAGES, fields(Body="x" * 70_000))

    assert answer.status_code == 413
    assert shop.notes.said == []


async def test_a_body_of_thousands_of_fields_is_refused_before_it_costs_anything(shop: Any) -> None:
    answer = await shop.http.post(MESSAGES, content="&".join(f"{n:x}=" for n in range(9_000)))

    assert answer.status_code == 400
    assert shop.notes.said == []


@pytest.mark.parametrize("wrong", [{"From": ""}, {"From": "+491701112233"}, {"MessageSid": ""}])
async def test_a_message_without_id_or_sender_is_refused(shop: Any, wrong: dict[str, str]) -> None:
    wrong = wrong | ({"SmsMessageSid": ""} if "MessageSid" in wrong else {})

    assert (await shop.client_writes(**wrong)).status_code == 400
    assert shop.notes.said == []


async def test_a_message_to_another_number_is_refused_in_plain_words(shop: Any) -> None:
    answer = await shop.client_writes(To="whatsapp:+15550001111")

    assert answer.status_code == 422
    assert "channels.wa.from" in answer.text
    assert shop.notes.said == []


async def test_reactions_are_acknowledged_and_not_stored(shop: Any) -> None:
    answer = await shop.client_writes(MessageType="reaction", Body="👍")

    assert answer.status_code == 200
    assert shop.notes.said == []


async def test_a_command_of_an_admin_is_no_client_message(shop: Any) -> None:
    shop.notes.admins = frozenset({"+491701112233"})

    await shop.client_writes(Body="/followup on")
    await shop.client_writes(Body="Hello")

    assert [each.text for each in shop.notes.commands] == ["/followup on"]
    assert [each.text for each in shop.notes.said] == ["Hello"]


@pytest.mark.parametrize("mark", ["Forwarded", "FrequentlyForwarded"])
async def test_a_command_that_an_admin_only_forwards_is_a_message_like_others(
    shop: Any, mark: str
) -> None:
    shop.notes.admins = frozenset({"+491701112233"})

    await shop.client_writes(Body="/followup off all", **{mark: "true"})

    assert shop.notes.commands == []
    assert [each.text for each in shop.notes.said] == ["/followup off all"]


async def test_a_command_of_anybody_else_is_a_message_like_others(shop: Any) -> None:
    await shop.client_writes(Body="/followup on")

    assert [each.text for each in shop.notes.said] == ["/followup on"]


@given(
    fields=st.dictionaries(
        st.sampled_from(
            [
                "Body",
                "ButtonText",
                "Label",
                "Latitude",
                "Longitude",
                "MediaContentType0",
                "MediaContentType1",
                "MessageType",
                "NumMedia",
                "OptOutType",
                "ProfileName",
                "SomethingNew",
            ]
        ),
        st.text(max_size=20) | st.integers(-1, 12).map(str),
    )
)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
async def test_whatever_twilio_signs_is_stored_as_something_to_read(
    shop: Any, fields: dict[str, str]
) -> None:
    before = len(shop.notes.said)

    answer = await shop.client_writes(**fields)

    assert answer.status_code == 200
    assert all(said.text.strip() and "\0" not in said.text for said in shop.notes.said[before:])


async def test_the_address_of_a_clients_picture_is_not_asked(shop: Any) -> None:
    asked: list[object] = []
    inside = await asyncio.start_server(lambda _, writer: asked.append(writer), "127.0.0.1", 0)
    url = f"http://127.0.0.1:{inside.sockets[0].getsockname()[1]}/latest/meta-data"

    answer = await shop.client_writes(
        Body=f"Look: {url}", NumMedia="1", MediaContentType0="image/jpeg", MediaUrl0=url
    )
    inside.close()

    assert answer.status_code == 200
    assert [each.text for each in shop.notes.said] == [f"[photo] Look: {url}"]
    assert asked == []


async def test_only_posts_are_taken(shop: Any) -> None:
    assert (await shop.http.get(MESSAGES)).status_code == 405


@pytest.mark.parametrize(
    ("status", "code", "report"),
    [
        ("queued", None, None),
        ("accepted", None, None),
        ("sending", None, None),
        ("sent", None, None),
        ("delivered", None, Arrival.DELIVERED),
        ("read", None, Arrival.READ),
        ("undelivered", 63016, WindowClosedError),
        ("failed", 63024, ChatUnreachableError),
        ("failed", 63003, ChatUnreachableError),
        ("undelivered", 63033, ClientOptedOutError),
        ("undelivered", 63049, ChannelError),
        ("failed", 63018, ChannelBusyError),
        ("failed", None, ChannelError),
        ("canceled", None, ChannelError),
    ],
)
async def test_what_twilio_tells_of_a_message_is_passed_on(
    shop: Any, status: str, code: int | None, report: Any
) -> None:
    message = shop.message()
    await shop.send(message)

    answer = await shop.status(shop.twilio.sent[0], status, code)

    assert answer.status_code == 204
    assert shop.notes.reports == ([("wa", message.id, report)] if report else [])


async def test_a_status_that_twilio_did_not_sign_is_refused(shop: Any) -> None:
    answer = await shop.post(
        "/whatsapp/wa/status?message=71", {"MessageStatus": "failed"}, signature="forged"
    )

    assert answer.status_code == 403
    assert shop.notes.reports == []


async def test_a_status_signed_for_one_message_says_nothing_of_another(shop: Any) -> None:
    signature = signed(
        TOKEN, "https://bot.example/whatsapp/wa/status?message=71", {"MessageStatus": "failed"}
    )["X-Twilio-Signature"]

    answer = await shop.post(
        "/whatsapp/wa/status?message=72", {"MessageStatus": "failed"}, signature
    )

    assert answer.status_code == 403


@pytest.mark.parametrize("number", ["", "?message=", "?message=x", "?message=1.5", "?message=-1"])
async def test_a_status_of_no_message_is_refused(shop: Any, number: str) -> None:
    answer = await shop.post(f"/whatsapp/wa/status{number}", {"MessageStatus": "read"})

    assert answer.status_code == 400
    assert shop.notes.reports == []
