"""The whole application as people start it: `followup run`, over HTTP, with kills."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random

import httpx2
import pytest
import redis

from tests.running import Place, SlowModel, Visitor, eventually

pytestmark = pytest.mark.redis


def test_a_silent_client_gets_the_chain_and_a_reply_starts_it_over(place: Place) -> None:
    place.settings("2s", "3s")
    visitor = Visitor(place.start().base)

    visitor.say("Do you have the blue one?")
    visitor.hears(2)
    visitor.say("I'm back")
    visitor.hears(4)

    steps = place.rows("SELECT silence, step_id, state FROM followup_reminders ORDER BY id")
    assert [tuple(row.values()) for row in steps] == [
        (1, "s1", "sent"),
        (1, "s2", "sent"),
        (2, "s1", "sent"),
        (2, "s2", "sent"),
    ]
    assert "blue one" in visitor.reminders()[0]
    assert "I'm back" in visitor.reminders()[2]


def test_the_same_message_twice_is_one_message_and_one_answer(place: Place) -> None:
    place.settings("1h")
    visitor = Visitor(place.start().base)

    first = visitor.say("Hello", "same")
    again = visitor.say("Hello", "same")

    visitor.hears(1, "answers")
    assert (first, again) == (201, 200)
    assert len(place.rows("SELECT 1 FROM messages WHERE author = 'client'")) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly_while_a_browser_listens(place: Place, number: int) -> None:
    place.settings("1h")
    running = place.start()
    visitor = Visitor(running.base)
    events = f"{running.base}/web/site/events?after=0"
    with httpx2.stream("GET", events, headers=visitor.headers, timeout=60) as stream:
        visitor.say("Hello")
        heard = stream.iter_lines()
        eventually(lambda: "Hello" in next(heard), "the message in the stream")

        code = running.stop(number)

    assert code == 0
    assert "Traceback" not in running.printed()
    assert "ERROR" not in running.printed()
    with place.redis() as connection, pytest.raises(redis.RedisError):
        connection.ping()


def test_a_second_start_goes_on_where_the_first_one_stopped(place: Place) -> None:
    place.settings("6s", "2s")
    running = place.start()
    visitor = Visitor(running.base)
    visitor.say("Hello")
    visitor.hears(1, "answers")

    running.stop()
    visitor.base = place.start().base

    assert len(visitor.hears(2)) == 2
    assert len(visitor.heard()) == 3


def test_an_emptied_redis_loses_no_reminder(place: Place) -> None:
    place.settings("3s", "2s")
    visitor = Visitor(place.start().base)
    visitor.say("Hello")
    visitor.hears(1, "answers")

    place.flush()

    assert len(visitor.hears(2, patience=120)) == 2


def test_a_redis_that_was_killed_loses_no_reminder(place: Place) -> None:
    place.settings("4s", "2s")
    visitor = Visitor(place.start().base)
    visitor.say("Hello")
    visitor.hears(1, "answers")

    os.kill(place.redis_process(), signal.SIGKILL)

    assert len(visitor.hears(2, patience=120)) == 2


def test_a_reply_while_the_model_composes_means_that_nothing_is_sent(
    place: Place, model: tuple[SlowModel, str]
) -> None:
    thinking, url = model
    place.settings("2s", extra=f'[model]\nbase_url = "{url}"\nname = "m"\n')
    visitor = Visitor(place.start().base)
    visitor.say("Hello")
    assert thinking.asked.wait(60)

    visitor.say("Wait, one more question")
    thinking.go.set()
    visitor.hears(2, "answers")
    rows = eventually(
        lambda: place.rows("SELECT * FROM followup_reminders WHERE state = 'sent'"),
        "the reminder of the second silence",
    )

    assert [row["silence"] for row in rows] == [2]
    cancelled = place.rows("SELECT reason FROM followup_reminders WHERE state = 'cancelled'")
    assert cancelled == [{"reason": "client_replied"}]
    assert [text for text in visitor.heard() if "1. one" in text] == []
    tokens = place.rows("SELECT tokens FROM messages WHERE author = 'employee'")
    assert {row["tokens"] for row in tokens} == {17}


def test_killed_at_any_moment_nothing_is_sent_twice_and_nothing_is_lost(place: Place) -> None:
    chance = Random(7)  # noqa: S311  no secret, a repeatable test
    place.settings("1s", "1s", "1s")
    running = place.start()
    visitors = [Visitor(running.base) for _ in range(5)]
    pause = threading.Event()

    for kill in range(8):
        for number, visitor in enumerate(visitors):
            visitor.base = running.base
            if chance.random() < 0.6:
                visitor.say(f"Message {kill} of {number}")
        pause.wait(chance.uniform(0.2, 2.5))
        running.kill()
        running = place.start()
    for visitor in visitors:
        visitor.base = running.base
        visitor.say("The last one")

    _all_silences_end(place, visitors)
    _nothing_twice(place)
    _every_client_was_answered(place, visitors)


def _all_silences_end(place: Place, visitors: list[Visitor]) -> None:
    done = "SELECT 1 FROM followup_silences WHERE reason = 'done'"
    eventually(lambda: len(place.rows(done)) == len(visitors), "the end of every chain", 120)


def _nothing_twice(place: Place) -> None:
    # A reminder is one row and at most one message that the client can see.
    twice = (
        "SELECT r.chat_id, r.silence, r.step_id, count(*) AS times FROM followup_reminders r"
        " WHERE r.state IN ('sent', 'uncertain') GROUP BY 1, 2, 3 HAVING count(*) > 1"
    )
    shown = place.rows(
        "SELECT count(*) AS n FROM messages WHERE plugin = 'followup' AND delivery != 'failed'"
    )
    known = place.rows(
        "SELECT count(*) AS n FROM followup_reminders WHERE message_id IS NOT NULL"
        " AND state IN ('sent', 'uncertain')"
    )
    assert place.rows(twice) == []
    assert shown == known


def _every_client_was_answered(place: Place, visitors: list[Visitor]) -> None:
    assert place.rows("SELECT id FROM chats WHERE waiting_since IS NOT NULL") == []
    for visitor in visitors:
        # The last silence had its three steps: none was lost.
        rows = place.rows(
            "SELECT r.chat_id, r.step_id FROM followup_reminders r JOIN followup_silences s"
            " ON s.chat_id = r.chat_id AND s.number = r.silence"
            " WHERE r.state IN ('sent', 'uncertain') ORDER BY r.id"
        )
        mine = [row["step_id"] for row in rows if str(row["chat_id"]) == visitor.chat]
        assert mine == ["s1", "s2", "s3"]


@pytest.fixture
def model() -> Iterator[tuple[SlowModel, str]]:
    thinking = SlowModel()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            text = json.dumps(thinking.answer(body)).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield thinking, f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        thinking.go.set()
        server.shutdown()
        server.server_close()
