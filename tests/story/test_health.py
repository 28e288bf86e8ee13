"""What those who look after a process are told, and what they are not."""

import json
import logging
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr
from pythonjsonlogger.json import JsonFormatter

from bot.errors import ModelError
from bot.telemetry import logs
from bot.telemetry.logs import About, working_on
from bot.testing import FakeModel
from tests.story.browsing import HERE
from tests.story.conftest import Worlds
from tests.story.words import say, steps
from tests.story.world import World

HOUR = timedelta(hours=1)


async def ask(world: World, path: str, peer: str = "127.0.0.1", **headers: str) -> httpx2.Response:
    transport = httpx2.ASGITransport(app=world.app.web, client=(peer, 1234))
    async with httpx2.AsyncClient(transport=transport, base_url=HERE) as client:
        return await client.get(path, headers=headers)


def value(text: str, name: str) -> float:
    found = [line for line in text.splitlines() if line.startswith((f"{name} ", f"{name}{{"))]
    assert found, f"no {name} in\n{text}"
    return sum(float(line.rpartition(" ")[2]) for line in found)


async def test_a_process_that_runs_says_so(world: Worlds) -> None:
    w = await world(steps("4h"))
    assert (await ask(w, "/healthz")).text == "ok"
    ready = await ask(w, "/readyz")

    assert ready.status_code == 200
    assert ready.json() == {"ready": True, "database": "ok", "redis": "ok"}


async def test_a_process_without_its_redis_is_not_ready_but_alive(
    world: Worlds, monkeypatch: pytest.MonkeyPatch
) -> None:
    w = await world(steps("4h"))

    async def away() -> None:
        raise ConnectionError("secret-host:6379")

    monkeypatch.setattr(w.app.health.readings.vitals, "queues", away, raising=False)

    ready = await ask(w, "/readyz")
    measures = await ask(w, "/metrics")

    assert ready.status_code == 503
    assert ready.json() == {"ready": False, "database": "ok", "redis": "ConnectionError"}
    assert (await ask(w, "/healthz")).status_code == 200
    assert 'followup_up{part="redis"} 0.0' in measures.text
    assert "secret-host" not in ready.text + measures.text


@pytest.mark.parametrize(
    ("peer", "headers"),
    [
        ("192.0.2.7", {}),
        ("127.0.0.1", {"x-forwarded-for": "192.0.2.7"}),
        ("127.0.0.1", {"host": "bot.example"}),
    ],
)
async def test_measures_are_for_this_machine_alone(
    world: Worlds, peer: str, headers: dict[str, str]
) -> None:
    w = await world(steps("4h"))
    assert (await ask(w, "/metrics", peer, **headers)).status_code == 403
    assert (await ask(w, "/metrics")).status_code == 200


async def test_with_a_token_the_measures_are_for_who_has_it(world: Worlds) -> None:
    w = await world(steps("4h"))
    object.__setattr__(w.app.health, "token", SecretStr("drei-haselnuesse"))
    bearer = {"authorization": "Bearer drei-haselnuesse"}

    assert (await ask(w, "/metrics", "192.0.2.7", **bearer)).status_code == 200
    assert (await ask(w, "/metrics", authorization="Bearer guessed")).status_code == 403
    assert (await ask(w, "/metrics")).status_code == 403


async def test_what_was_sent_and_what_waits_is_measured(world: Worlds) -> None:
    model = FakeModel(structured=[say("Still here if you need us.")], answers=["We do."])
    w = await world(steps("4h"), model=model)
    await w.client("my secret words")
    await w.run()
    before = (await ask(w, "/metrics")).text
    w.clock.advance(4 * HOUR)
    late = (await ask(w, "/metrics")).text
    await w.app.sweep()
    await w.run()
    w.clock.advance(timedelta(seconds=30))
    after = (await ask(w, "/metrics")).text
    again = (await ask(w, "/metrics")).text

    assert value(before, "followup_due") == 0
    assert value(late, "followup_due") == 1
    assert value(late, "followup_lag_seconds") >= 0
    assert value(after, "followup_due") == 0
    assert 'followup_reminders_total{reason="sent",state="sent"} 1.0' in after
    assert 'followup_reminders_total{reason="sent",state="sent"} 1.0' in again
    assert value(after, 'followup_model_seconds_count{outcome="answered"}') == 2
    assert "secret words" not in before + late + after


async def test_a_model_that_fails_is_measured_as_failed(world: Worlds) -> None:
    w = await world(steps("4h"), model=FakeModel(answers=[ModelError("down")]))
    await w.client()
    await w.run()

    text = (await ask(w, "/metrics")).text

    assert value(text, 'followup_model_seconds_count{outcome="failed"}') == 1
    assert value(text, "followup_answers_due") == 0
    w.clock.advance(HOUR)
    assert value((await ask(w, "/metrics")).text, "followup_answers_due") == 1


async def test_every_answer_carries_the_id_of_its_request(world: Worlds) -> None:
    w = await world(steps("4h"))
    given = "0d9f3a3e-6f0b-4c3e-9a4e-2f8f9e3d7c11"

    assert (await ask(w, "/healthz")).headers["x-request-id"]
    asked = await ask(w, "/healthz", **{"x-request-id": given})
    forged = await ask(w, "/healthz", **{"x-request-id": "x\\nforged line"})

    assert asked.headers["x-request-id"].replace("-", "") == given.replace("-", "")
    assert "forged" not in forged.headers["x-request-id"]


def test_lines_tell_the_job_and_the_chat_they_are_about(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines: list[Any] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append((record.job, record.chat, record.getMessage()))  # type: ignore[attr-defined]

    keeper = Keeper()
    keeper.addFilter(About())
    log = logging.getLogger("tests.of.lines")
    log.addHandler(keeper)
    with working_on("followup", 12):
        log.warning("inside")
    log.warning("outside")

    assert lines == [("followup", 12, "inside"), (None, None, "outside")]


def test_json_lines_can_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    record = logging.makeLogRecord({"name": "bot.x", "levelname": "INFO", "msg": "a “b”\nc"})
    with working_on("answer", 3):
        About().filter(record)
    line = JsonFormatter(logs._FIELDS, rename_fields=logs._NAMES).format(record)

    told = json.loads(line)
    assert told["message"] == "a “b”\nc"
    assert (told["job"], told["chat"], told["level"]) == ("answer", 3, "INFO")
    assert "\n" not in line
