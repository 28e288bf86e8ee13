"""What drivers rely on: the same seed does the same, and the log is what really arrived."""

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from tests.chaos.dice import Dice
from tests.chaos.model import MOODS
from tests.chaos.server import Chaos, serving
from tests.chaos.telegram import Telegram
from tests.chaos.twilio import Twilio

SCHEMA = {"type": "json_schema", "json_schema": {"name": "verdict"}}
PROMPT = "This would be message 2 of at most 3 to them in this silence."


def ask(chaos: Chaos, **more: object) -> httpx2.Response:
    body = {"model": "m", "messages": [{"role": "user", "content": PROMPT}], **more}
    return httpx2.post(f"{chaos.url}/v1/chat/completions", json=body, timeout=10)


def telegram(chaos: Chaos, method: str, **body: object) -> httpx2.Response:
    return httpx2.post(f"{chaos.url}/bott/{method}", json=body, timeout=10)


def twilio(chaos: Chaos, **body: str) -> httpx2.Response:
    url = f"{chaos.url}/2010-04-01/Accounts/AC1/Messages.json"
    return httpx2.post(url, data={"To": "whatsapp:+15550001", "From": "+1555", **body}, timeout=10)


def only(chaos: Chaos, **moods: str) -> Chaos:
    """A server that has this one mood for each of its parts."""
    if "model" in moods:
        chaos.model._moods = {moods["model"]: 1}
    if "sending" in moods:
        chaos.telegram = Telegram(chaos.dice, chaos.log, {moods["sending"]: 1}, {"ok": 1})
        chaos.twilio = Twilio(chaos.dice, chaos.log, {moods["sending"]: 1})
    if "listening" in moods:
        chaos.telegram = Telegram(chaos.dice, chaos.log, {"ok": 1}, {moods["listening"]: 1})
    return chaos


def test_the_same_seed_picks_the_same() -> None:
    one, other = Dice(3), Dice(3)

    assert [one.pick(MOODS) for _ in range(200)] == [other.pick(MOODS) for _ in range(200)]


def test_while_it_is_calm_all_goes_well(chaos: Chaos) -> None:
    chaos.dice.calm = True

    answers = [telegram(chaos, "sendMessage", chat_id=1, text="x") for _ in range(40)]

    assert {answer.status_code for answer in answers} == {200}
    assert len(chaos.log.entries()) == 40


def test_a_good_verdict_is_the_json_that_was_asked_for(chaos: Chaos) -> None:
    only(chaos, model="ok")

    text = ask(chaos, response_format=SCHEMA).json()["choices"][0]["message"]["content"]

    assert json.loads(text)["verdict"] == "send"
    assert json.loads(text)["text"].startswith("Reminder 2,")


@pytest.mark.parametrize(
    ("mood", "status", "holds"),
    [
        ("error", 500, "out of order"),
        ("busy", 429, "slower"),
        ("page", 200, "<html>"),
        ("empty", 200, '"content": ""'),
        ("wrong", 200, "verdict"),
        ("slow", 200, "Reminder"),
    ],
)
def test_a_model_has_bad_days(chaos: Chaos, mood: str, status: int, holds: str) -> None:
    answer = ask(only(chaos, model=mood), response_format=SCHEMA)

    assert answer.status_code == status
    assert holds in answer.text
    assert answer.headers.get("retry-after") == ("1" if mood == "busy" else None)


def test_a_model_may_say_a_megabyte(chaos: Chaos) -> None:
    assert len(ask(only(chaos, model="huge")).content) > 1_000_000


def test_a_model_may_hang(chaos: Chaos) -> None:
    only(chaos, model="hang")

    with pytest.raises(httpx2.ReadTimeout):
        httpx2.post(f"{chaos.url}/v1/chat/completions", json={"messages": []}, timeout=0.3)


def test_updates_come_until_they_are_confirmed(chaos: Chaos) -> None:
    only(chaos, listening="ok")
    first, second = (chaos.telegram.write("t", 5, text, 1.0) for text in ("one", "two"))

    seen = telegram(chaos, "getUpdates").json()["result"]
    again = telegram(chaos, "getUpdates", offset=first + 1).json()["result"]
    none = telegram(chaos, "getUpdates", offset=second + 1).json()["result"]

    assert [each["message"]["text"] for each in seen] == ["one", "two"]
    assert [each["message"]["text"] for each in again] == ["two"]
    assert none == []
    assert chaos.telegram.unconfirmed("t") == 0


def test_a_question_waits_for_the_next_update(chaos: Chaos) -> None:
    only(chaos, listening="ok")
    threading.Timer(0.2, chaos.telegram.write, ("t", 5, "later", 1.0)).start()

    found = telegram(chaos, "getUpdates", timeout=5).json()["result"]

    assert found[0]["message"]["text"] == "later"


def test_updates_may_come_again_and_out_of_order(chaos: Chaos) -> None:
    numbers = [chaos.telegram.write("t", 5, str(n), 1.0) for n in range(8)]
    only_mixed = only(chaos, listening="mixed").telegram
    mixed_numbers = [only_mixed.write("t", 5, str(n), 1.0) for n in range(8)]

    mixed = [each["update_id"] for each in telegram(chaos, "getUpdates").json()["result"]]
    only_mixed._listening = {"again": 1}
    again = telegram(chaos, "getUpdates", offset=9).json()["result"]

    assert numbers == mixed_numbers
    assert mixed != mixed_numbers
    assert sorted(mixed) == mixed_numbers
    assert [each["update_id"] for each in again] == [7, 8]


def test_two_who_listen_are_told_so(chaos: Chaos) -> None:
    assert telegram(only(chaos, listening="conflict"), "getUpdates").status_code == 409


@pytest.mark.parametrize(
    ("mood", "status", "arrived"),
    [("ok", 200, 1), ("slow", 200, 1), ("busy", 429, 0), ("refused", 400, 0), ("blocked", 403, 0)],
)
def test_telegram_answers_what_happened(chaos: Chaos, mood: str, status: int, arrived: int) -> None:
    only(chaos, sending=mood)

    answer = telegram(chaos, "sendMessage", chat_id=5, text="Hi", ref="m1")

    assert answer.status_code == status
    assert answer.json()["ok"] is (status == 200)
    assert [(each.chat, each.text, each.ref) for each in chaos.log.entries()] == [
        ("5", "Hi", "m1")
    ] * arrived
    if mood == "busy":
        assert answer.json()["parameters"] == {"retry_after": 1}


@pytest.mark.parametrize(("mood", "arrived"), [("reset", 0), ("taken, then reset", 1)])
def test_a_reset_tells_nothing_of_what_arrived(chaos: Chaos, mood: str, arrived: int) -> None:
    only(chaos, sending=mood)

    with pytest.raises((httpx2.ReadError, httpx2.RemoteProtocolError)):
        telegram(chaos, "sendMessage", chat_id=5, text="Hi")
    with pytest.raises((httpx2.ReadError, httpx2.RemoteProtocolError)):
        twilio(chaos, Body="Hi")

    assert len(chaos.log.entries()) == 2 * arrived


def test_who_dies_while_asking_has_asked_nothing(chaos: Chaos) -> None:
    chaos.dice.calm = True
    place = urlsplit(chaos.url)
    head = b"POST /bott/sendMessage HTTP/1.1\r\ncontent-type: application/json\r\n"
    with socket.create_connection((place.hostname, place.port)) as dying:
        dying.sendall(head + b"content-length: 30\r\n\r\n")
        dying.shutdown(socket.SHUT_WR)

        heard = dying.recv(100)

    assert heard == b""
    assert chaos.log.entries() == []


def test_the_bot_knows_its_name(chaos: Chaos) -> None:
    assert telegram(chaos, "getMe").json()["result"]["username"] == "chaosbot"


@pytest.mark.parametrize(
    ("mood", "status", "code"),
    [("opted out", 400, 21610), ("no number", 400, 21211), ("busy", 429, 20429)],
)
def test_twilio_refuses_by_code(chaos: Chaos, mood: str, status: int, code: int) -> None:
    answer = twilio(only(chaos, sending=mood), Body="Hi")

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert chaos.log.entries() == []


def test_what_twilio_took_is_listed_even_if_it_never_said_so(chaos: Chaos) -> None:
    only(chaos, sending="taken, then reset")
    with pytest.raises((httpx2.ReadError, httpx2.RemoteProtocolError)):
        twilio(chaos, Body="Hi")

    url = f"{chaos.url}/2010-04-01/Accounts/AC1/Messages.json"
    found = httpx2.get(url, params={"To": "whatsapp:+15550001"}).json()["messages"]
    nobody = httpx2.get(url, params={"To": "whatsapp:+15559999"}).json()["messages"]

    assert [(each["body"], each["status"]) for each in found] == [("Hi", "sent")]
    assert nobody == []


def test_a_closed_window_is_told_by_a_callback(chaos: Chaos) -> None:
    told: dict[str, list[str]] = {}
    came = threading.Event()

    class Callback(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.update(parse_qs(self.rfile.read(int(self.headers["content-length"])).decode()))
            self.send_response(204)
            self.end_headers()
            came.set()

        def log_message(self, *_: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Callback) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        callback = f"http://127.0.0.1:{server.server_port}/status"
        answer = twilio(only(chaos, sending="window closed"), Body="Hi", StatusCallback=callback)
        assert came.wait(30)
        server.shutdown()

    assert answer.status_code == 201
    assert told["MessageStatus"] == ["undelivered"]
    assert told["ErrorCode"] == ["63016"]
    assert chaos.log.entries() == []


def test_a_driver_in_another_process_can_ask_and_calm(chaos: Chaos) -> None:
    httpx2.post(f"{chaos.url}/chaos/calm", json={"calm": 1})
    httpx2.post(f"{chaos.url}/chaos/write", json={"token": "t", "chat": 5, "text": "Hello"})
    telegram(chaos, "sendMessage", chat_id=5, text="Hi", ref="9")

    sent = [
        httpx2.get(f"{chaos.url}/chaos/was_sent", params={"ref": ref}).json()["sent"]
        for ref in ("9", "10")
    ]
    delivered = httpx2.get(f"{chaos.url}/chaos/delivered").json()

    assert chaos.telegram.unconfirmed("t") == 1
    assert sent == [True, False]
    assert [each["text"] for each in delivered] == ["Hi"]


def test_two_servers_know_nothing_of_each_other(chaos: Chaos) -> None:
    with serving(Chaos()) as other:
        other.dice.calm = True
        telegram(other, "sendMessage", chat_id=5, text="Hi")

    assert chaos.log.entries() == []
