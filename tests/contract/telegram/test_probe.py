"""What `followup check` tells, in plain words, without the token."""

import pytest

from tests.contract.telegram.stage import SECRET, TOKEN, Stage, probed

WEBHOOK = {"mode": "webhook", "secret": SECRET}


async def test_a_bot_that_works_has_nothing_to_mend(stage: Stage) -> None:
    assert await probed(stage) == []
    assert {call.method for call in stage.telegram.calls} == {
        "getMe",
        "getWebhookInfo",
        "getUpdates",
    }


@pytest.mark.parametrize("mood", ["bad token", "no token"])
async def test_a_wrong_token_is_named(stage: Stage, mood: str) -> None:
    stage.telegram.plan("getMe", mood)

    (line,) = await probed(stage)

    assert line.startswith("channels.tg.token: Telegram does not know this token")
    assert TOKEN not in line


async def test_another_poller_is_told(stage: Stage) -> None:
    stage.telegram.plan("getUpdates", "conflict")

    (line,) = await probed(stage)

    assert "another program asks for the updates of this bot" in line


async def test_a_webhook_of_others_is_told(stage: Stage) -> None:
    stage.telegram._bots[TOKEN].hook = {"url": "https://shop.example/secret-path"}

    (line,) = await probed(stage)

    assert "a webhook at shop.example gets this bot's updates" in line
    assert "secret-path" not in line


async def test_our_own_webhook_of_before_is_none_of_others(stage: Stage) -> None:
    stage.telegram._bots[TOKEN].hook = {"url": f"{stage.public_url}/telegram/tg/webhook"}

    assert await probed(stage) == []


async def test_a_webhook_needs_a_public_address(stage: Stage) -> None:
    stage.options |= WEBHOOK
    stage.public = False

    (line,) = await probed(stage)

    assert line.startswith("web.public_url: channels.tg has mode 'webhook'")


async def test_a_server_that_is_not_there_is_told(stage: Stage) -> None:
    stage.options["api_base"] = "http://127.0.0.1:9"

    (line,) = await probed(stage)

    assert line == "channels.tg.api_base: Telegram cannot be reached"


async def test_a_webhook_that_telegram_cannot_reach_is_told(stage: Stage) -> None:
    stage.options |= WEBHOOK
    stage.telegram._bots[TOKEN].hook = {
        "url": f"{stage.public_url}/telegram/tg/webhook",
        "last_error_message": "Connection refused",
        "pending_update_count": 3,
    }

    (line,) = await probed(stage)

    assert line == "channels.tg: Telegram cannot deliver to https://bot.example: Connection refused"
