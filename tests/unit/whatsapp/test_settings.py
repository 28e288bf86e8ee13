"""A WhatsApp account's table in the settings, and what is said of mistakes in it."""

from typing import Any

import pytest
from pydantic import SecretStr

from bot.errors import SettingsError
from bot.options import validated
from channels.whatsapp.settings import WhatsAppOptions

SID, TEMPLATE = "AC" + "0a" * 16, "HX" + "1b" * 16
SERVICE = "MG" + "2c" * 16
TOKEN = "the-secret-token"  # noqa: S105  a test's
NUMBER = "whatsapp:+14155238886"


def table(**changes: Any) -> dict[str, Any]:
    """A right table with changes; None takes a key out."""
    right = {"account_sid": SID, "auth_token": TOKEN, "from": NUMBER} | changes
    return {key: value for key, value in right.items() if value is not None}


def template(**variables: str) -> dict[str, Any]:
    return {"content_sid": TEMPLATE, "variables": variables}


def fault(**changes: Any) -> str:
    with pytest.raises(SettingsError) as raised:
        validated(WhatsAppOptions, table(**changes), "channels.wa")
    return str(raised.value)


def test_the_table_of_the_manual_is_right() -> None:
    given = validated(
        WhatsAppOptions,
        table(template=template(**{"1": "{client_name}", "2": "{reminder}"})),
        "channels.wa",
    )

    assert given.number == NUMBER
    assert given.auth_token == SecretStr(TOKEN)
    assert TOKEN not in repr(given)


def test_a_messaging_service_may_stand_for_the_number() -> None:
    given = validated(WhatsAppOptions, table(**{"from": None, "messaging_service_sid": SERVICE}))

    assert given.messaging_service_sid == SERVICE


@pytest.mark.parametrize(
    ("changes", "where", "what"),
    [
        ({"account_sid": None}, "account_sid", "is required"),
        ({"account_sid": "AC…"}, "account_sid", "AC and 32 characters"),
        ({"account_sid": SERVICE}, "account_sid", "AC and 32 characters"),
        ({"auth_token": None}, "auth_token", "is required"),
        ({"auth_token": "  "}, "auth_token", "must not be blank"),
        ({"from": "+14155238886"}, "from", "whatsapp:+14155238886"),
        ({"from": "whatsapp:14155238886"}, "from", "whatsapp:+14155238886"),
        ({"messaging_service_sid": "MG1", "from": None}, "messaging_service_sid", "MG and 32"),
        ({"api_base": "localhost"}, "api_base", "https://api.twilio.com"),
        ({"api_base": "https://me:word@x.example"}, "api_base", "without user"),
        ({"form": "x"}, "form", "did you mean 'from'"),
        ({"template": {"content_sid": TEMPLATE}}, "template.variables", "is required"),
        (
            {"template": {"content_sid": "HX1", "variables": {"1": "{reminder}"}}},
            "template.content_sid",
            "HX and 32",
        ),
        ({"template": template(a="{name} {reminder}")}, "template.variables", "{name}"),
        ({"template": template(a="Hello")}, "template.variables", "{reminder}"),
        ({"template": template(a="{reminder}", b=" ")}, "template.variables", "'b' is empty"),
        ({"template": template(a="{reminder}" + "x" * 500)}, "template.variables", "500"),
    ],
)
def test_a_mistake_is_told_with_its_key(changes: dict[str, Any], where: str, what: str) -> None:
    text = fault(**changes)

    assert text.startswith(f"channels.wa.{where}: ")
    assert what in text
    assert TOKEN not in text


@pytest.mark.parametrize("changes", [{"from": None}, {"messaging_service_sid": SERVICE}])
def test_exactly_one_sender_is_needed(changes: dict[str, Any]) -> None:
    text = fault(**changes)

    assert "from" in text
    assert "messaging_service_sid" in text
