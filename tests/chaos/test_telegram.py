"""The Bot API that we play: what is planned happens next, and nonsense is not taken."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx2
import pytest

from tests.chaos.refusals import REFUSALS, misfit, visible
from tests.chaos.server import Chaos


@pytest.fixture
def calm(chaos: Chaos) -> Chaos:
    chaos.dice.calm = True
    return chaos


def ask(chaos: Chaos, method: str, **fields: Any) -> httpx2.Response:
    return httpx2.post(f"{chaos.url}/bott/{method}", json=fields, timeout=10)


@pytest.mark.parametrize("name", REFUSALS)
def test_what_is_planned_happens_once(calm: Chaos, name: str) -> None:
    calm.telegram.plan("sendMessage", name)

    statuses = [ask(calm, "sendMessage", chat_id=5, text="Hi").status_code for _ in range(2)]

    assert statuses == [REFUSALS[name][0], 200]
    assert len(calm.log.entries()) == 1


@pytest.mark.parametrize(("mood", "arrived"), [("page", 0), ("taken, then page", 1)])
def test_a_proxy_may_answer_in_its_place(calm: Chaos, mood: str, arrived: int) -> None:
    calm.telegram.plan("sendMessage", mood)

    assert ask(calm, "sendMessage", chat_id=5, text="Hi").status_code == 502
    assert len(calm.log.entries()) == arrived


@pytest.mark.parametrize(
    ("text", "mode", "reason"),
    [
        ("<b>x</b>", "HTML", None),
        ('<a href="http://a.b">x</a> &amp;', "HTML", None),
        ("<b>x", "HTML", "can't parse entities"),
        ("<b><i>x</b></i>", "HTML", "can't parse entities"),
        ("<h1>x</h1>", "HTML", "can't parse entities"),
        ("<code><b>x</b></code>", "HTML", "can't parse entities"),
        ("<b></b>", "HTML", "text is empty"),
        ("<b>" + "x" * 4096 + "</b>", "HTML", None),
        ("x" * 4097, None, "too long"),
        ("😀" * 2049, None, "too long"),
        ("<b>x", None, None),
        (" ", None, "text is empty"),
    ],
)
def test_only_what_telegram_takes_is_taken(text: str, mode: str | None, reason: str | None) -> None:
    wrong = misfit({"text": text, "parse_mode": mode})

    assert (wrong is None) is (reason is None)
    assert wrong is None or str(reason) in json.loads(wrong.body)["description"]


def test_the_client_reads_what_the_html_shows() -> None:
    assert visible({"text": "<b>a</b> &lt;", "parse_mode": "HTML"}) == "a <"
    assert visible({"text": "<b>a</b>"}) == "<b>a</b>"


def test_while_a_webhook_is_set_nobody_can_ask(calm: Chaos) -> None:
    ask(calm, "setWebhook", url="https://a.b", secret_token="s")  # noqa: S106  a test's

    refused = ask(calm, "getUpdates")
    info = ask(calm, "getWebhookInfo").json()["result"]
    ask(calm, "deleteWebhook")

    assert refused.status_code == 409
    assert info == {"url": "https://a.b", "pending_update_count": 0}
    assert ask(calm, "getUpdates").status_code == 200


def test_an_update_is_brought_with_the_secret(calm: Chaos) -> None:
    told: dict[str, Any] = {}

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told["secret"] = self.headers["X-Telegram-Bot-Api-Secret-Token"]
            told["body"] = json.loads(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        ask(calm, "setWebhook", url=url, secret_token="s")  # noqa: S106  a test's
        status = calm.telegram.post("t", {"message": {}})
        server.shutdown()

    assert (status, told) == (204, {"secret": "s", "body": {"update_id": 1, "message": {}}})


def test_everything_asked_for_is_known_afterwards(calm: Chaos) -> None:
    ask(calm, "sendChatAction", chat_id=5, action="typing")
    ask(calm, "setMyCommands", commands=[{"command": "a"}])

    assert calm.telegram.asked("sendChatAction") == [{"chat_id": 5, "action": "typing"}]
    assert [call.method for call in calm.telegram.calls] == ["sendChatAction", "setMyCommands"]
    assert ask(calm, "noSuchMethod").status_code == 404
