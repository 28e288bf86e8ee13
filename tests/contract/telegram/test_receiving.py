"""What counts as a client's message, by polling."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.api import Author, ChatRef
from tests.contract.telegram.stage import ADMIN, NOW, TOKEN, Stage
from tests.contract.telegram.updates import AT, BOT, business, person, pressed, said, standing

PHOTO = [{"file_id": "f", "file_unique_id": "u", "width": 9, "height": 9}]
FILE = {"file_id": "f", "file_unique_id": "u"}


async def test_a_text_is_stored_with_all_that_is_known(stage: Stage) -> None:
    await stage.hears(said("Hello", message_thread_id=31, **{"from": person(last_name="Lee")}))

    (incoming,) = stage.runtime.said.values()
    assert incoming.ref == ChatRef("tg", "5")
    assert incoming.id == "11"
    assert incoming.author is Author.CLIENT
    assert incoming.text == "Hello"
    assert incoming.at == NOW
    assert incoming.name == "Ann Lee"
    assert incoming.sender == "5"
    assert incoming.route == "31"


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"photo": PHOTO, "caption": "this one"}, "[photo] this one"),
        ({"voice": {**FILE, "duration": 12}}, "[voice message, 12 s]"),
        ({"location": {"latitude": 52.52, "longitude": 13.4}}, "[location 52.52, 13.40]"),
        ({"contact": {"first_name": "Bob", "phone_number": "+49"}}, "[contact: Bob, +49]"),
        ({"document": {**FILE, "file_name": "offer.pdf"}}, "[file: offer.pdf]"),
        ({"sticker": {**FILE, "emoji": "👍"}}, "[sticker 👍]"),
    ],
)
async def test_media_are_words_that_the_employee_can_read(
    stage: Stage, more: dict[str, Any], text: str
) -> None:
    await stage.hears(said(None, **more))

    assert stage.runtime.texts == [text]


async def test_start_is_a_message_like_others(stage: Stage) -> None:
    await stage.hears(said("/start spring-sale"))

    assert stage.runtime.texts == ["/start spring-sale"]


@pytest.mark.parametrize(
    "update",
    [
        {"edited_message": said("edited")["message"]},
        {"message_reaction": {"chat": said()["message"]["chat"], "date": AT}},
        said(None, pinned_message=said()["message"]),
        said(None, message_auto_delete_timer_changed={"message_auto_delete_time": 1}),
        said("I am a bot", **{"from": {**BOT, "id": 43}}),
        said("in a group", chat={"id": -5, "type": "group", "title": "G"}),
        said("in a group", chat={"id": -5, "type": "supergroup", "title": "G"}),
        {"channel_post": said("news", chat={"id": -7, "type": "channel"})["message"]},
        standing("member"),
        standing("kicked", kind="group"),
        {"business_connection": {"id": "conn", "user": person(), "date": AT}},
        {"something": "new"},
        {"message": {"form": "unknown"}},
        {"message": None, "callback_query": 7},
    ],
)
async def test_what_is_no_clients_message_is_left_alone(
    stage: Stage, update: dict[str, Any]
) -> None:
    await stage.hears(update, said("a real one"))

    assert stage.runtime.texts == ["a real one"]
    assert stage.runtime.gone == []
    assert stage.sent == []


async def test_the_same_update_again_is_the_same_message(stage: Stage) -> None:
    await stage.hears({"update_id": 4, **said()}, {"update_id": 4, **said()})
    stage.telegram.plan("getUpdates", "again")
    await stage.hears(said("later", number=12))

    assert stage.runtime.texts == ["Hello", "later"]


async def test_reordered_updates_are_all_stored(stage: Stage) -> None:
    stage.telegram.plan("getUpdates", "backwards", "backwards")

    await stage.hears(*(said(str(n), number=n) for n in range(1, 6)))

    assert sorted(stage.runtime.texts) == ["1", "2", "3", "4", "5"]


async def test_the_order_within_a_chat_is_kept(stage: Stage) -> None:
    await stage.hears(*(said(str(n), who=5 + n % 2, number=n) for n in range(20)))

    texts = {
        who: [each.text for each in stage.runtime.said.values() if each.sender == who]
        for who in ("5", "6")
    }
    assert texts["5"] == [str(n) for n in range(0, 20, 2)]
    assert texts["6"] == [str(n) for n in range(1, 20, 2)]


async def test_an_update_is_confirmed_only_after_it_was_stored(stage: Stage) -> None:
    stage.runtime.failures.append(ConnectionError("the database is away"))
    stage.telegram.push(TOKEN, said())
    stage.listen()
    assert stage._listening is not None

    with pytest.raises(ConnectionError):
        await stage._listening

    assert stage.telegram.unconfirmed(TOKEN) == 1
    stage._listening = None
    await stage.hears()
    assert stage.runtime.texts == ["Hello"]


async def test_a_block_is_told_at_once(stage: Stage) -> None:
    await stage.hears(standing("kicked"))

    assert stage.runtime.gone == [(ChatRef("tg", "5"), NOW)]
    assert stage.runtime.said == {}


async def test_the_other_side_of_a_business_chat_is_the_client(stage: Stage) -> None:
    await stage.hears(business("Hello"))

    (incoming,) = stage.runtime.said.values()
    assert incoming.ref == ChatRef("tg", "business:conn:5")
    assert (incoming.author, incoming.name) == (Author.CLIENT, "Ann")


async def test_the_owner_of_a_business_chat_is_a_manager(stage: Stage) -> None:
    await stage.hears(business("I'll take it", who=6))

    (incoming,) = stage.runtime.said.values()
    assert incoming.ref == ChatRef("tg", "business:conn:5")
    assert (incoming.author, incoming.name) == (Author.MANAGER, None)


async def test_our_own_words_in_a_business_chat_are_not_heard(stage: Stage) -> None:
    await stage.hears(business("Hello", who=6, sender_business_bot=BOT), said("a real one"))

    assert stage.runtime.texts == ["a real one"]


async def test_a_pressed_button_is_a_message_with_its_label(stage: Stage) -> None:
    await stage.hears(pressed("y", "Yes, please", who=5))

    (incoming,) = stage.runtime.said.values()
    assert (incoming.id, incoming.text, incoming.sender) == ("callback:q1", "Yes, please", "5")
    assert incoming.at == NOW
    assert stage.telegram.asked("answerCallbackQuery") == [{"callback_query_id": "q1"}]


@pytest.mark.parametrize("mood", ["too old", "reset"])
async def test_a_press_counts_even_if_it_cannot_be_acknowledged(stage: Stage, mood: str) -> None:
    stage.telegram.plan("answerCallbackQuery", mood)

    await stage.hears(pressed("y", who=5))

    assert stage.runtime.texts == ["Yes"]


async def test_an_old_message_keeps_its_moment(stage: Stage) -> None:
    await stage.hears(said(date=AT - 3600))

    (incoming,) = stage.runtime.said.values()
    assert incoming.at == datetime.fromtimestamp(AT - 3600, UTC)


async def test_all_kinds_that_matter_are_asked_for(stage: Stage) -> None:
    await stage.hears(said())

    asked = stage.telegram.asked("getUpdates")[0]["allowed_updates"]
    assert set(asked) == {
        "message",
        "business_message",
        "business_connection",
        "callback_query",
        "my_chat_member",
    }


async def test_a_webhook_that_was_set_is_removed_first_and_nothing_is_dropped(
    stage: Stage,
) -> None:
    stage.telegram._bots[TOKEN].hook = {"url": "https://old.example"}

    await stage.hears(said())

    assert stage.runtime.texts == ["Hello"]
    assert stage.telegram.asked("deleteWebhook") == [{"drop_pending_updates": "false"}]


@pytest.mark.parametrize(
    ("mood", "words"),
    [
        ("conflict", "another program asks for the updates of this bot"),
        ("bad token", "channels.tg.token: Telegram does not know this token"),
        ("busy", "Telegram asks to wait 1 s"),
        ("reset", "channels.tg.api_base: Telegram gave no answer"),
        ("page", "channels.tg.api_base: Telegram's server answered with the status 502"),
    ],
)
async def test_a_trouble_is_told_once_and_then_it_goes_on(
    stage: Stage, mood: str, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    stage.telegram.plan("getUpdates", mood, mood)

    with caplog.at_level("DEBUG"):
        await stage.hears(said("still here"))

    assert stage.runtime.texts == ["still here"]
    assert len([each for each in caplog.messages if words in each]) == 1
    assert TOKEN not in caplog.text
    assert "still here" not in caplog.text


async def test_nothing_secret_is_logged(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        await stage.hears(said("my phone is +491701234567"))
        await stage.send("a secret answer")

    for secret in (TOKEN, "AAE_test", "secret answer", "+4917"):
        assert secret not in caplog.text


@pytest.mark.parametrize("text", ["/followup steps", "/followup@chaosbot steps"])
async def test_an_admins_command_is_no_message(stage: Stage, text: str) -> None:
    await stage.hears(said(text, who=ADMIN))

    ((command, edits),) = stage.runtime.commands
    assert (command.text, command.sender, edits) == ("/followup steps", str(ADMIN), None)
    assert stage.runtime.said == {}


async def test_the_same_words_of_another_person_are_a_message(stage: Stage) -> None:
    await stage.hears(said("/followup steps"))

    assert stage.runtime.texts == ["/followup steps"]
    assert stage.runtime.commands == []


async def test_a_pressed_button_of_a_screen_is_a_command(stage: Stage) -> None:
    await stage.hears(pressed("/followup off", "Off"))

    ((command, edits),) = stage.runtime.commands
    assert (command.text, command.id, edits) == ("/followup off", "callback:q1", "77")
    assert len(stage.telegram.asked("answerCallbackQuery")) == 1


@pytest.mark.parametrize(
    ("who", "author", "asked", "text"),
    [
        (ADMIN, 42, "What?\n\n/followup add 4h", "/followup add 4h Ask them"),
        (ADMIN, 43, "What?\n\n/followup add 4h", "Ask them"),
        (ADMIN, 42, "What?\n\n/other add 4h", "Ask them"),
        (ADMIN, 42, "What?", "Ask them"),
        (5, 42, "What?\n\n/followup add 4h", "Ask them"),
    ],
)
async def test_an_admins_reply_completes_the_command_that_we_asked_for(
    stage: Stage, who: int, author: int, asked: str, text: str
) -> None:
    question = said(asked, who, **{"from": {**BOT, "id": author}})["message"]

    await stage.hears(said("Ask them", who, 12, reply_to_message=question))

    found = [command.text for command, _ in stage.runtime.commands] or stage.runtime.texts
    assert found == [text]


async def test_a_command_in_a_business_chat_is_a_clients_message(stage: Stage) -> None:
    message = business("/followup steps", who=5)["business_message"]

    await stage.hears({"business_message": {**message, "from": person(ADMIN)}})

    assert stage.runtime.commands == []
