"""Updates that Telegram brings, and those that others forge."""

import pytest

from tests.contract.telegram.stage import ADMIN, SECRET, TOKEN, Stage
from tests.contract.telegram.updates import business, pressed, said, standing


async def test_what_telegram_brings_is_stored_before_it_is_acknowledged(stage: Stage) -> None:
    await stage.opens()

    status = await stage.posts(said())

    assert status == 200
    assert stage.runtime.texts == ["Hello"]


async def test_telegram_is_told_where_and_by_which_secret(stage: Stage) -> None:
    await stage.opens()

    (told,) = stage.telegram.asked("setWebhook")
    assert told["url"] == f"{stage.public_url}/telegram/tg/webhook"
    assert told["secret_token"] == SECRET
    assert told["drop_pending_updates"] == "false"
    assert "my_chat_member" in told["allowed_updates"]


@pytest.mark.parametrize("secret", ["", "wrong", SECRET + "x", SECRET.lower(), "ümläut"])
async def test_a_forged_update_is_refused_and_stored_nowhere(stage: Stage, secret: str) -> None:
    await stage.opens()

    status = await stage.posts(said(), secret)

    assert status == 403
    assert stage.runtime.said == {}


async def test_a_replayed_update_changes_nothing(stage: Stage) -> None:
    await stage.opens()

    statuses = [await stage.posts(said()) for _ in range(3)]

    assert statuses == [200, 200, 200]
    assert stage.runtime.texts == ["Hello"]


async def test_what_could_not_be_stored_is_not_acknowledged(stage: Stage) -> None:
    await stage.opens()
    stage.runtime.failures.append(ConnectionError("the database is away"))

    statuses = [await stage.posts(said()) for _ in range(2)]

    assert statuses == [500, 200]
    assert stage.runtime.texts == ["Hello"]


async def test_what_is_too_large_for_an_update_is_refused(stage: Stage) -> None:
    await stage.opens()

    assert await stage.posts(said("x" * (1 << 20))) == 413
    assert stage.runtime.said == {}


async def test_an_update_of_an_unknown_form_does_not_come_for_ever(stage: Stage) -> None:
    await stage.opens()

    assert await stage.posts({"message": {"form": "unknown"}}) == 200


async def test_blocks_buttons_and_business_chats_come_this_way_too(stage: Stage) -> None:
    await stage.opens()

    await stage.posts(standing("kicked"))
    await stage.posts(pressed("/followup off"))
    await stage.posts(business("Hi"))

    assert [ref.address for ref, _ in stage.runtime.gone] == ["5"]
    assert [command.sender for command, _ in stage.runtime.commands] == [str(ADMIN)]
    assert [ref.address for ref, _ in stage.runtime.said] == ["business:conn:5"]


@pytest.mark.parametrize("mood", ["reset", "busy", "bad token", "broken"])
async def test_telegram_is_told_again_until_it_knows(stage: Stage, mood: str) -> None:
    stage.telegram.plan("setWebhook", mood, mood)

    await stage.opens()

    assert await stage.posts(said()) == 200
    assert len(stage.telegram.asked("setWebhook")) == 3


async def test_without_a_public_address_it_says_so_and_waits(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.public = False
    stage.options |= {"mode": "webhook", "secret": SECRET}

    stage.listen()
    await stage.until(lambda: "web.public_url" in caplog.text)

    assert stage.telegram.calls == []


async def test_a_bot_that_goes_back_to_polling_gets_what_waited(stage: Stage) -> None:
    await stage.opens()
    stage.telegram.push(TOKEN, said("waited"))
    polling = Stage(stage.chaos, stage.driver)

    await polling.hears()

    assert polling.runtime.texts == ["waited"]
    await polling.close()
