"""The settings of a Telegram account, and what is said about wrong ones."""

from typing import Any

import pytest

from bot.api import SettingsError, validated
from channels.telegram.options import TelegramOptions

TOKEN = "42:AAE_test-token"  # noqa: S105 - nobody's


def read(**table: Any) -> TelegramOptions:
    return validated(TelegramOptions, {"token": TOKEN, **table}, "channels.tg")


def test_a_token_is_enough() -> None:
    found = read()

    assert (found.driver, found.mode, found.api_base) == (
        "aiogram",
        "polling",
        "https://api.telegram.org",
    )
    assert found.bot_id == 42
    assert TOKEN not in repr(found)


@pytest.mark.parametrize("secret", ["a", "A-b_9" * 51])
def test_a_webhook_has_a_secret(secret: str) -> None:
    assert read(mode="webhook", secret=secret).secret is not None


def test_an_address_may_end_with_a_slash() -> None:
    assert read(api_base="http://127.0.0.1:8081/").api_base == "http://127.0.0.1:8081"


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ({"token": "nonsense"}, "channels.tg.token: is no token"),
        ({"token": "42:a b"}, "channels.tg.token: is no token"),
        ({"token": 42}, "channels.tg.token: "),
        ({"driver": "aiogramm"}, "channels.tg.driver: should be 'aiogram' or"),
        ({"mode": "push"}, "channels.tg.mode: should be 'polling' or 'webhook'"),
        ({"mode": "webhook"}, "channels.tg.secret: is required with mode 'webhook'"),
        ({"mode": "webhook", "secret": "ä"}, "channels.tg.secret: should be 1 to 256 of"),
        ({"mode": "webhook", "secret": ""}, "channels.tg.secret: should be 1 to 256 of"),
        ({"secret": "x" * 257}, "channels.tg.secret: should be 1 to 256 of"),
        ({"api_base": "api.telegram.org"}, "channels.tg.api_base: should be an address like"),
        ({"app": "shop/bot.py"}, "channels.tg.app: should be module:name"),
        ({"app": "shop.bot"}, "channels.tg.app: should be module:name"),
        ({"tokn": "x"}, "channels.tg.tokn: unknown key; did you mean 'token'?"),
    ],
)
def test_a_wrong_setting_is_named_and_never_shown(table: dict[str, Any], line: str) -> None:
    with pytest.raises(SettingsError) as told:
        read(**table)

    assert str(told.value).startswith(line)
    assert "nonsense" not in str(told.value)


def test_a_token_is_required() -> None:
    with pytest.raises(SettingsError, match=r"channels\.tg\.token: is required"):
        validated(TelegramOptions, {}, "channels.tg")
