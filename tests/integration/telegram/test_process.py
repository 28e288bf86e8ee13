"""The real commands, in processes of their own, with a bot on our fault server."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.clock import SystemClock
from tests.chaos.server import Chaos
from tests.integration.telegram.shop import TOKEN
from tests.running import COMMAND, Place, eventually

SETTINGS = """
[web]
port = 0
[employees.anna]
name = "Anna"
persona = "Kind."
[employees.anna.followup]
enabled = true
[[employees.anna.followup.steps]]
id = "s1"
delay = "2s"
instruction = "Do thing 1."
[channels.tg]
kind = "telegram"
employee = "anna"
"""
EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    place.environment["FOLLOWUP_CHANNELS__TG__TOKEN"] = TOKEN
    yield place
    place.close()


@pytest.fixture
def settings(place: Place, chaos: Chaos, driver: str) -> Callable[..., None]:
    """Writes the settings file; `more` is put into the account's table."""

    def write(more: str = "") -> None:
        account = f'driver = "{driver}"\napi_base = "{chaos.url}"\n{more}\n'
        (place.folder / "bot.toml").write_text(SETTINGS + account)

    return write


def client_writes(chaos: Chaos, text: str) -> None:
    chaos.telegram.write(TOKEN, 5, text, SystemClock().now().timestamp(), "Ann")


def texts(chaos: Chaos) -> list[str]:
    return [entry.text for entry in chaos.log.entries()]


def check(place: Place) -> subprocess.CompletedProcess[str]:
    arguments = ["--config", str(place.folder / "bot.toml"), "--data", str(place.data)]
    return subprocess.run(  # noqa: S603  our own command
        [str(COMMAND), "check", *arguments],
        capture_output=True,
        text=True,
        cwd=place.folder,
        env={"PATH": "/usr/bin:/bin", **place.environment},
        timeout=60,
        check=False,
    )


def test_a_client_is_answered_and_reminded_also_after_a_restart(
    place: Place, chaos: Chaos, settings: Callable[..., None]
) -> None:
    settings()
    running = place.start()
    client_writes(chaos, "Do you repair e-bikes?")
    eventually(lambda: len(texts(chaos)) >= 2, "an answer and a reminder")
    assert running.stop() == 0

    again = place.start()
    client_writes(chaos, "Me again")
    eventually(lambda: len(texts(chaos)) >= 4, "an answer and a reminder after the restart")
    assert again.stop() == 0

    assert chaos.telegram.unconfirmed(TOKEN) == 0
    rows = place.rows("SELECT text FROM messages WHERE author = 'client' ORDER BY n")
    assert [row["text"] for row in rows] == ["Do you repair e-bikes?", "Me again"]
    printed = running.printed() + again.printed()
    assert not [word for word in (TOKEN, "e-bikes", "Traceback", "Unclosed") if word in printed]


def test_check_finds_nothing_to_mend(
    place: Place, chaos: Chaos, settings: Callable[..., None]
) -> None:
    settings()

    done = check(place)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "telegram" in done.stdout


@pytest.mark.parametrize(
    ("mood", "line"),
    [
        ("bad token", "channels.tg.token: Telegram does not know this token"),
        ("reset", "channels.tg.api_base: Telegram gave no answer"),
    ],
)
def test_check_tells_what_is_wrong(
    place: Place, chaos: Chaos, settings: Callable[..., None], mood: str, line: str
) -> None:
    settings()
    chaos.telegram.plan("getMe", mood)

    done = check(place)

    assert done.returncode != 0
    assert line in " ".join(done.stdout.split())
    assert TOKEN not in done.stdout + done.stderr


def test_an_attached_bot_answers_and_we_remind(
    place: Place, chaos: Chaos, settings: Callable[..., None], driver: str
) -> None:
    folder = {"aiogram": "shop_aiogram", "python-telegram-bot": "shop_ptb"}[driver]
    for example in (EXAMPLES / folder).glob("*.py"):
        (place.folder / example.name).write_text(example.read_text())
    app = {"aiogram": "flower_shop:dispatcher", "python-telegram-bot": "bike_shop:application"}
    settings(f'app = "{app[driver]}"')
    running = place.start()

    client_writes(chaos, "two")
    eventually(lambda: len(texts(chaos)) >= 2, "the shop's answer and our reminder")

    answer, reminder, *_ = texts(chaos)
    assert answer.startswith("Noted: two.")
    assert not reminder.startswith("Noted")
    assert running.stop() == 0
    rows = place.rows("SELECT author, text FROM messages ORDER BY n")
    assert [row["author"] for row in rows] == ["client", "employee", "employee"]
    assert rows[1]["text"] == answer


@pytest.mark.parametrize("folder", ["shop_aiogram", "shop_ptb"])
def test_the_examples_settings_are_right(place: Place, folder: str, driver: str) -> None:
    if (folder == "shop_aiogram") != (driver == "aiogram"):
        pytest.skip("the other library's")
    for example in (EXAMPLES / folder).iterdir():
        if example.is_file():
            (place.folder / example.name).write_text(example.read_text())
    place.environment["FOLLOWUP_CHANNELS__TG__API_BASE"] = "http://127.0.0.1:9"

    done = check(place)

    lines = [line for line in done.stdout.splitlines() if "channels.tg" in line]
    assert len(lines) == 1
    assert "cannot be reached" in done.stdout
