"""Many processes over one Redis and one database: any of them may stop, or die, at any time."""

import json
import threading
import time
from collections.abc import Iterator

import httpx2
import pytest

from bot.clock import SystemClock
from bot.embedded import EmbeddedRedis
from tests.chaos.server import Chaos, serving
from tests.running import Place, Running, Visitor, eventually

pytestmark = pytest.mark.redis

TOKEN = "12345:AAEhBP0av28frf2ThatIsNoRealTokenAtAll"  # noqa: S105  of our own fault server
FAIL_OVER = 30.0


@pytest.fixture
def shared(place: Place) -> Iterator[Place]:
    """Everything in it shares a Redis, as several machines would."""
    server = EmbeddedRedis(place.folder)
    server.start()
    place.environment["REDIS_URL"] = server.url
    yield place
    place.close()
    server.stop()


class Page:
    """A browser with the widget open on one of the web processes."""

    def __init__(self, running: Running, visitor: Visitor) -> None:
        self.heard: list[str] = []
        url = f"{running.base}/web/site/events?after=0"
        arguments = (url, visitor.headers)
        threading.Thread(target=self._listen, args=arguments, daemon=True).start()

    def _listen(self, url: str, headers: dict[str, str]) -> None:
        try:
            with httpx2.stream("GET", url, headers=headers, timeout=60) as answer:
                for line in answer.iter_lines():
                    if line.startswith("data:") and '"text"' in line:
                        self.heard.append(json.loads(line[5:])["text"])
        except httpx2.HTTPError:
            self.heard.append("cut off")


def test_a_pushed_message_reaches_a_browser_on_any_web_process(shared: Place) -> None:
    shared.settings("2s")
    here, there = shared.start("web"), shared.start("web")
    shared.start("worker")
    visitor = Visitor(here.base)
    page = Page(there, visitor)

    visitor.say("Do you have the blue one?")

    eventually(lambda: any("reminder" in text for text in page.heard), "a pushed reminder")


def test_a_rolling_restart_loses_nothing_and_doubles_nothing(shared: Place) -> None:
    shared.settings("2s", "2s")
    old = [shared.start("web"), shared.start("worker")]
    visitor = Visitor(old[0].base)
    assert visitor.say("before") == 201
    visitor.hears(1)

    new = shared.start("web")
    shared.start("worker")
    for each in old:
        assert each.stop() == 0
    visitor.base = new.base
    assert visitor.say("after") == 201
    visitor.hears(3)
    sending = "SELECT 1 FROM followup_reminders WHERE state = 'sending'"
    eventually(lambda: not shared.rows(sending), "the end of what was heard already")

    rows = shared.rows("SELECT silence, step_id, state FROM followup_reminders ORDER BY id")
    sent = [tuple(row.values()) for row in rows if row["state"] == "sent"]
    assert sent in (
        [(1, "s1", "sent"), (2, "s1", "sent"), (2, "s2", "sent")],
        [(1, "s1", "sent"), (1, "s2", "sent"), (2, "s1", "sent")],
        [(1, "s1", "sent"), (1, "s2", "sent"), (2, "s1", "sent"), (2, "s2", "sent")],
    )
    answers = shared.rows("SELECT 1 FROM messages WHERE author = 'employee' AND plugin IS NULL")
    assert len(answers) == 2


def test_another_listener_takes_over_from_one_that_was_killed(shared: Place) -> None:
    with serving(Chaos()) as chaos:
        chaos.dice.calm = True
        shared.settings("2s")
        settings = shared.folder / "bot.toml"
        account = f'[channels.tg]\nkind = "telegram"\nemployee = "anna"\napi_base = "{chaos.url}"\n'
        settings.write_text(settings.read_text() + account)
        shared.environment["FOLLOWUP_CHANNELS__TG__TOKEN"] = TOKEN
        shared.start("worker")
        listeners = [shared.start("listen") for _ in range(2)]
        eventually(lambda: _leading(listeners), "an election")
        _writes(chaos, "one")
        eventually(lambda: len(chaos.log.entries()) >= 2, "an answer and a reminder")

        _leading(listeners)[0].kill()
        died = time.monotonic()
        _writes(chaos, "two")
        eventually(lambda: len(chaos.log.entries()) >= 4, "an answer after the fail-over")

        assert time.monotonic() - died < FAIL_OVER
        rows = shared.rows("SELECT text FROM messages WHERE author = 'client' ORDER BY id")
        assert [row["text"] for row in rows] == ["one", "two"]


def _writes(chaos: Chaos, text: str) -> None:
    chaos.telegram.write(TOKEN, 5, text, SystemClock().now().timestamp(), "Ann")


def _leading(listeners: list[Running]) -> list[Running]:
    return [
        each
        for each in listeners
        if each.process.poll() is None and "listening here" in each.printed()
    ]
