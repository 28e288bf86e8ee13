"""A business's own bot keeps its handlers, and gets follow-ups."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from traceback import format_exception

import pytest

from bot.api import Author, ChannelError, SettingsError
from tests.contract.telegram.stage import ADMIN, NOW, TOKEN, Stage, probed
from tests.contract.telegram.updates import pressed, said

EXAMPLES = Path(__file__).parents[3] / "examples"
SHOPS = {
    "aiogram": ("shop_aiogram", "flower_shop:dispatcher", "roses", "Noted: two. Shall we"),
    "python-telegram-bot": ("shop_ptb", "bike_shop:application", "brakes", "Noted: two. Which day"),
}
OWN = {
    "aiogram": """
from aiogram import Dispatcher
app = Dispatcher()
seen = []

@app.startup()
async def begin():
    seen.append("begin")

@app.shutdown()
async def end():
    seen.append("end")

@app.message()
async def handle(message):
    seen.append(message.text)
    if message.text == "bad":
        raise ValueError("my own fault")
    await message.answer("heard " + message.text)
""",
    "python-telegram-bot": """
from telegram.ext import Application, MessageHandler, filters
seen = []

async def begin(app):
    seen.append("begin")

async def end(app):
    seen.append("end")

async def handle(update, context):
    seen.append(update.message.text)
    if update.message.text == "bad":
        raise ValueError("my own fault")
    await update.message.reply_text("heard " + update.message.text)

app = Application.builder().token("TOKEN").post_init(begin).post_shutdown(end).build()
app.add_handler(MessageHandler(filters.ALL, handle))
""".replace("TOKEN", TOKEN),
}


@pytest.fixture(autouse=True)
def _forgotten(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Modules are loaded anew for each test, and their folders are not searched afterwards."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setenv("FOLLOWUP_CHANNELS__TG__TOKEN", TOKEN)
    before = set(sys.modules)
    yield
    for name in set(sys.modules) & {"flower_shop", "bike_shop", "own_bot"} - before:
        del sys.modules[name]


@pytest.fixture
def shop(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """The shop of the examples, on the driver's library."""
    folder, app, *_ = SHOPS[stage.driver]
    monkeypatch.chdir(EXAMPLES / folder)
    stage.options["app"] = app
    return stage


@pytest.fixture
def own(stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[], list[str]]:
    """A bot in the current folder; what its handlers saw."""
    (tmp_path / "own_bot.py").write_text(OWN[stage.driver])
    monkeypatch.chdir(tmp_path)
    stage.options["app"] = "own_bot:app"
    return lambda: sys.modules["own_bot"].seen


def story(stage: Stage) -> list[tuple[str, str]]:
    return [(str(each.author), each.text) for each in stage.runtime.said.values()]


async def test_the_shops_answer_is_sent_once_and_seen(shop: Stage) -> None:
    *_, answer = SHOPS[shop.driver]

    await shop.hears(said("two"))

    (client, employee) = shop.runtime.said.values()
    assert (client.author, client.text) == (Author.CLIENT, "two")
    assert employee.author is Author.EMPLOYEE
    assert employee.text.startswith(answer)
    assert employee.id == "1000001"
    assert employee.ref == client.ref
    assert len(shop.delivered) == 1
    assert shop.channel.answers is False


async def test_start_and_buttons_go_to_the_shops_handlers(shop: Stage) -> None:
    _, _, choice, _ = SHOPS[shop.driver]
    entities = [{"type": "bot_command", "offset": 0, "length": 6}]

    await shop.hears(said("/start", entities=entities), pressed(choice, choice.title(), who=5))

    assert [text for author, text in story(shop) if author == "client"] == [
        "/start",
        choice.title(),
    ]
    answers = [text for author, text in story(shop) if author == "employee"]
    assert answers[0].startswith("Welcome!")
    assert len(shop.delivered) == 2
    assert len(shop.telegram.asked("answerCallbackQuery")) == 1


async def test_our_own_reminders_are_not_taken_for_the_shops_answers(shop: Stage) -> None:
    await shop.hears(said("two"))

    await shop.send("Are you still there?")

    assert len(shop.delivered) == 2
    assert len(shop.runtime.said) == 2


async def test_an_admins_command_is_none_of_the_shops_business(shop: Stage) -> None:
    await shop.hears(said("/followup off", who=ADMIN), pressed("/followup on"))

    assert [command.text for command, _ in shop.runtime.commands] == [
        "/followup off",
        "/followup on",
    ]
    assert shop.delivered == []
    assert len(shop.telegram.asked("answerCallbackQuery")) == 1


async def test_it_comes_by_webhook_as_well(shop: Stage) -> None:
    await shop.opens()

    statuses = [await shop.posts({"update_id": 5, **said("two")}) for _ in range(3)]

    assert statuses == [200, 200, 200]
    assert len(shop.delivered) == 1
    assert [author for author, _ in story(shop)] == ["client", "employee"]


async def test_what_a_group_hears_is_the_shops_alone(
    stage: Stage, own: Callable[[], list[str]]
) -> None:
    await stage.hears(said("hi", chat={"id": -5, "type": "group", "title": "G"}))

    assert own() == ["begin", "hi"]
    assert stage.delivered == [("-5", "heard hi")]
    assert stage.runtime.said == {}


async def test_a_handler_that_raises_harms_nothing(
    stage: Stage, own: Callable[[], list[str]], caplog: pytest.LogCaptureFixture
) -> None:
    await stage.hears(said("bad"), said("good", number=12))

    assert own() == ["begin", "bad", "good"]
    assert story(stage) == [("client", "bad"), ("client", "good"), ("employee", "heard good")]
    assert "my own fault" in caplog.text
    assert TOKEN not in caplog.text


async def test_an_answer_that_telegram_refused_is_none(
    stage: Stage, own: Callable[[], list[str]]
) -> None:
    stage.telegram.plan("sendMessage", "blocked")

    await stage.hears(said("one"), said("two", number=12))

    assert story(stage) == [("client", "one"), ("client", "two"), ("employee", "heard two")]
    assert own() == ["begin", "one", "two"]


async def test_it_begins_and_ends_with_us(stage: Stage, own: Callable[[], list[str]]) -> None:
    await stage.hears(said("one"))

    await stage.close()

    assert own() == ["begin", "one", "end"]


async def test_what_could_not_be_stored_is_not_fed_yet(
    stage: Stage, own: Callable[[], list[str]]
) -> None:
    stage.runtime.failures.append(ConnectionError("the database is away"))
    stage.telegram.push(TOKEN, said("one"))
    stage.listen()
    assert stage._listening is not None
    with pytest.raises(ConnectionError):
        await stage._listening
    assert own() == []

    stage._listening = None
    await stage.hears()

    assert own() == ["begin", "one"]
    assert story(stage) == [("client", "one"), ("employee", "heard one")]


@pytest.mark.parametrize(
    ("app", "line"),
    [
        (
            "no_such_shop:bot",
            "channels.tg.app: 'no_such_shop:bot' cannot be loaded (ModuleNotFound",
        ),
        ("own_bot:nothing", "channels.tg.app: 'own_bot:nothing' cannot be loaded (AttributeError"),
        ("bot.model:app", "'bot' is a package of this application: give your module another name"),
        ("own_bot:seen", "channels.tg.app: 'own_bot:seen' is a list; with driver "),
    ],
)
async def test_a_wrong_app_is_told_in_plain_words(
    stage: Stage, own: Callable[[], list[str]], app: str, line: str
) -> None:
    stage.options["app"] = app

    (told,) = await probed(stage)

    assert line in told
    with pytest.raises(SettingsError, match="app"):
        await stage.hears(said())


async def test_an_application_with_another_token_is_refused(
    stage: Stage, own: Callable[[], list[str]]
) -> None:
    if stage.driver == "aiogram":
        pytest.skip("a Dispatcher has no token")
    stage.options["token"] = "43:AAE_other"  # noqa: S105 - nobody's

    (told,) = await probed(stage)

    assert told == (
        "channels.tg.app: 'own_bot:app' has another token than channels.tg.token; "
        "give both the same"
    )


SLOW = """
import asyncio
from telegram.ext import Application, MessageHandler, filters
seen = []

async def handle(update, context):
    seen.append("begin " + update.message.text)
    await asyncio.sleep(0.01)
    seen.append("end " + update.message.text)

app = Application.builder().token("TOKEN").build()
app.add_handler(MessageHandler(filters.ALL, handle))
"""


async def test_an_application_built_for_one_at_a_time_gets_one_at_a_time(
    stage: Stage, own: Callable[[], list[str]], tmp_path: Path
) -> None:
    if stage.driver == "aiogram":
        pytest.skip("a Dispatcher takes them side by side")
    (tmp_path / "own_bot.py").write_text(SLOW.replace("TOKEN", TOKEN))

    await stage.hears(said("one"), said("two", who=6))

    assert own() == ["begin one", "end one", "begin two", "end two"]


async def test_a_bot_that_cannot_start_keeps_its_updates_and_our_secrets(
    stage: Stage, own: Callable[[], list[str]], caplog: pytest.LogCaptureFixture
) -> None:
    if stage.driver == "aiogram":
        pytest.skip("a Dispatcher asks nothing at the start")
    stage.telegram.plan("getMe", "bad token")

    with pytest.raises(ChannelError, match="does not know the token") as told:
        await stage.hears(said("one"))

    assert stage.telegram.unconfirmed(TOKEN) == 1
    assert own() == []
    assert TOKEN not in caplog.text + "".join(format_exception(told.value))
    stage._listening = None
    await stage.hears()
    assert own() == ["begin", "one"]


async def test_a_bot_with_defaults_of_its_own_is_used(
    stage: Stage, own: Callable[[], list[str]], tmp_path: Path
) -> None:
    if stage.driver != "aiogram":
        pytest.skip("an Application has its bot anyway")
    with (tmp_path / "own_bot.py").open("a") as more:
        more.write(
            "from aiogram import Bot\n"
            "from aiogram.client.default import DefaultBotProperties as Defaults\n"
            f"app['bot'] = Bot('{TOKEN}', default=Defaults(parse_mode='HTML'))\n"
        )

    await stage.hears(said("<b>one</b>"))

    assert [each.get("parse_mode") for each in stage.sent] == ["HTML"]
    assert story(stage)[1] == ("employee", "heard one")
    assert own() == ["begin", "<b>one</b>"]


async def test_a_bot_of_a_dispatcher_with_another_token_is_refused(
    stage: Stage, own: Callable[[], list[str]], tmp_path: Path
) -> None:
    if stage.driver != "aiogram":
        pytest.skip("an Application has its bot anyway")
    with (tmp_path / "own_bot.py").open("a") as more:
        more.write("from aiogram import Bot\napp['bot'] = Bot('43:AAE_other')\n")

    (told,) = await probed(stage)

    assert "has another token than channels.tg.token" in told


async def test_all_kinds_that_its_handlers_want_are_asked_for(
    stage: Stage, own: Callable[[], list[str]]
) -> None:
    await stage.hears(said("one"))

    asked = stage.telegram.asked("getUpdates")[0]["allowed_updates"]
    assert asked[:5] == [
        "message",
        "business_message",
        "business_connection",
        "callback_query",
        "my_chat_member",
    ]
    assert ("edited_message" in asked) is (stage.driver == "python-telegram-bot")


async def test_the_shops_answers_keep_their_moment(shop: Stage) -> None:
    await shop.hears(said("two"))

    employee = list(shop.runtime.said.values())[1]
    assert employee.at.tzinfo is not None
    assert employee.at > NOW
