"""What people wrote, and every secret, stay where they belong: a whole run with canaries."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.attack.aviary import ADMIN, TEXT, TOKEN, Aviary, built, delivered
from tests.attack.canaries import WORDS, found_in
from tests.chaos.server import Chaos, serving
from tests.running import Visitor, eventually

WAY = "CANARY_WAY"
pytestmark = pytest.mark.redis


@pytest.fixture
def aviary(tmp_path: Path, unused_tcp_port: int) -> Iterator[Aviary]:
    """In one process; `make canary` has the roles apart as well."""
    form, apart = os.environ.get(WAY, "json alone").split()  # noqa: TID251  how `make` tells it
    with serving(Chaos()) as chaos:
        chaos.dice.calm = True
        aviary = built(tmp_path, chaos, unused_tcp_port, form=form, apart=apart == "apart")
        try:
            yield aviary
        finally:
            aviary.close()


TOLD = ("plugin clumsy failed", "Traceback", "RuntimeError", "the channel did not take")
"""Each of these comes in its own time: which call is refused is a matter of dice."""


def _log(aviary: Aviary) -> str:
    return "\n".join(each.printed() for each in aviary.place.started)


def test_nothing_is_let_out(aviary: Aviary) -> None:
    aviary.start(*(["web", "worker", "listen"] if aviary.server else ["run"]))
    with aviary.watched():
        _everybody_writes(aviary)
        _everything_breaks(aviary)
        _people_work(aviary)
        _strangers_knock(aviary)
        aviary.moves_in()
        seen = aviary.arguments()
        if aviary.server is None:
            aviary.kill_redis()
        aviary.telegram(f"{TEXT} once more", 7055512000)
        delivered(aviary, 6)
        # It does look where words could have been told.
        for told in TOLD:
            eventually(lambda told=told: told in _log(aviary), f"the line “{told}”")  # type: ignore[misc]
    aviary.stop()

    log = _log(aviary)
    (aviary.place.folder / "log").write_text(log)

    assert found_in(seen) == []
    assert aviary.leaks() == []
    assert {"an API token", "a set-up link", "a visitor's token"} < set(aviary.made)
    assert any(name.startswith("the cookie") for name in aviary.made)
    assert b"followup_" in aviary.seen
    assert b"rq:" in aviary.seen
    assert b"job" in aviary.collector.heard
    assert "sent" in aviary.states()


def _everybody_writes(aviary: Aviary) -> None:
    aviary.telegram(TEXT)
    assert aviary.whatsapp() == 200
    visitor = Visitor(aviary.base)
    assert visitor.say(TEXT) == 201
    visitor.hears(1, "answers")
    aviary.made["a visitor's token"] = visitor.headers["Authorization"].removeprefix("Bearer ")
    delivered(aviary, 4)


def _everything_breaks(aviary: Aviary) -> None:
    """Refusals and cut connections of each network, a model that fails, updates of no form."""
    chaos = aviary.chaos
    chaos.telegram.plan("sendMessage", "refused", "taken, then reset", "blocked")
    chaos.twilio.script.extend([(400, 21211), "taken, then fault", (400, 63016)])
    chaos.model._moods = {"error": 1, "page": 1, "wrong": 3, "ok": 3}
    chaos.dice.calm = False
    broken = WORDS["a broken update"]
    for update in (
        {"message": {"message_id": broken, "text": broken}},
        {"message": {"message_id": 1, "date": broken, "chat": {"id": 3}, "text": broken}},
        {"callback_query": {"id": "1", "data": WORDS["a button's data"], "from": broken}},
        {"edited_message": {"text": broken}},
        {broken: broken},
    ):
        chaos.telegram.push(TOKEN, update)
    for text in (TEXT, f"{TEXT}?", f"{TEXT}!"):
        aviary.telegram(text)
        aviary.whatsapp(Body=text)
    assert aviary.whatsapp(token="another") == 403  # noqa: S106  a test's
    aviary.whatsapp(NumMedia=broken, Latitude=broken)
    aviary.whatsapp("status", MessageStatus=broken, ErrorCode=broken, MessageSid=broken)


def _people_work(aviary: Aviary) -> None:
    """Admins in their messenger, managers on the pages."""
    order = WORDS["an admin's command"]
    for command in (f"/followup add 4h {order}", f"/followup {order}", "/followup why 1"):
        aviary.telegram(command, ADMIN)
    said, field = WORDS["a manager's text"], WORDS["a form's field"]
    aviary.fills("/chats/1", "/chats/1/answer", text=said)
    aviary.fills("/employees/anna/persona", "/employees/anna/persona", persona=field)
    aviary.fills("/chats/1", "/chats/1/answer", text=said, csrf=field)
    for path in ("/chats/1/download", f"/followup?q={field}", f"/chats?q={TEXT}&cursor={field}"):
        aviary.posts(path) if field in path else None
        aviary.look()
    eventually(lambda: len(aviary.chaos.telegram.asked("sendMessage")) >= 4, "answers to an admin")


def _strangers_knock(aviary: Aviary) -> None:
    """What nobody may send, with words in every place."""
    field, token = WORDS["a form's field"], WORDS["a stranger's token"]
    headers = {"authorization": f"Bearer {token}", "x-request-id": field.replace(" ", "-")}
    for body in ({"id": 5, "text": [TEXT]}, {"text": TEXT}, [TEXT], {"id": TEXT * 99, "text": "x"}):
        aviary.posts("/web/site/messages", json=body, headers=headers)
    aviary.posts("/web/site/visitors", content=json.dumps({"zone": field})[:-2], headers=headers)
    aviary.posts("/web/site/visitors", json={"name": field, "zone": field, "token": token})
    aviary.posts("/sign-in", data={"name": field, "password": WORDS["a password"], "csrf": field})
    aviary.posts(f"/api/v1/chats/{field}", json={"text": field}, headers=headers)
    aviary.posts(f"/set-up/{token}", data={"password": WORDS["a password"]})
    aviary.posts(f"/{WORDS['an address']}?{field}", content=b"\xff\x00" + TEXT.encode())
    aviary.posts("/whatsapp/wa/messages", data={"Body": TEXT, "From": "x"}, headers=headers)
    aviary.posts("/telegram/tg", json={"update_id": TEXT}, headers=headers)
