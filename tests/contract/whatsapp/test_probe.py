"""What `followup check` says of a WhatsApp account, in plain words."""

from typing import Any

import pytest

NUMBER = "whatsapp:+491701112200"
TEMPLATE = "HX" + "1b" * 16


async def lines(shop: Any, **options: Any) -> list[str]:
    return list(await shop.account(**{"from": NUMBER} | options).probe())


@pytest.fixture(autouse=True)
def shelf(shop: Any) -> None:
    shop.twilio.senders, shop.twilio.contents = (NUMBER,), (TEMPLATE,)


async def test_an_account_that_works_has_nothing_to_mend(shop: Any) -> None:
    assert await lines(shop) == []
    assert shop.twilio.sent == []


async def test_the_sandbox_s_number_is_a_sender_too(shop: Any) -> None:
    assert await lines(shop, **{"from": "whatsapp:+14155238886"}) == []


async def test_wrong_credentials_are_told_without_them(shop: Any) -> None:
    [line] = await lines(shop, auth_token="guessed-token")  # noqa: S106  a test's

    assert line.startswith("channels.wa.auth_token: Twilio does not accept it")
    assert "guessed-token" not in line


async def test_a_missing_public_address_is_told_with_the_webhook(shop: Any) -> None:
    [line] = await lines(shop, public=None)

    assert line.startswith("web.public_url: is not set")
    assert "/whatsapp/wa/messages" in line


async def test_a_public_address_without_encryption_is_told(shop: Any) -> None:
    [line] = await lines(shop, public="http://bot.example")

    assert line.startswith("web.public_url: should begin with https://")


async def test_a_number_that_is_no_sender_is_told(shop: Any) -> None:
    [line] = await lines(shop, **{"from": "whatsapp:+15550001111"})

    assert line.startswith("channels.wa.from: is no WhatsApp sender")


async def test_an_unknown_service_is_told(shop: Any) -> None:
    service = "MG" + "2c" * 16
    [line] = await lines(shop, **{"from": None, "messaging_service_sid": service})

    shop.twilio.contents = (TEMPLATE, service)

    assert line.startswith("channels.wa.messaging_service_sid: ")
    assert await lines(shop, **{"from": None, "messaging_service_sid": service}) == []


async def test_an_unknown_template_is_told(shop: Any) -> None:
    shop.twilio.contents = ()

    [line] = await lines(shop)

    assert line.startswith("channels.wa.template.content_sid: ")


async def test_twilio_away_is_told(shop: Any, unused_tcp_port: int) -> None:
    [line] = await lines(shop, api_base=f"http://127.0.0.1:{unused_tcp_port}")

    assert line == "channels.wa: Twilio cannot be reached; try again later"
