"""The site around the channels: who sees plugin pages, and how refusals look."""

import logging

import pytest
from sqlalchemy.exc import OperationalError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.testclient import TestClient

from bot.people import Account
from bot.store.database import SqlDatabase
from bot.telemetry.meters import Meters
from bot.telemetry.readings import Readings
from bot.telemetry.vitals import NoVitals
from bot.testing import MONDAY, FakeClock
from bot.web.cookies import Cookies
from bot.web.guard import Gate
from bot.web.health import Health
from bot.web.server import web_app


async def _page(_request: Request) -> Response:
    return PlainTextResponse("a conversation")


async def _locked(_request: Request) -> Response:
    raise OperationalError("INSERT", {}, Exception("database is locked"))


class Nobody:
    """Nobody can sign in yet."""

    async def anybody(self) -> bool:
        return False

    async def find(self, secret: str) -> Account | None:
        return None


def site(host: str = "127.0.0.1", base: str = "http://127.0.0.1:8080") -> TestClient:
    channels: list[BaseRoute] = [Route("/web/site/x", _locked), Route("/web/site/x", _page)]
    pages = [Route("/followup", _page)]
    # Nobody asks for it here, so the file is never made.
    database = SqlDatabase("sqlite:///nowhere.db")
    health = Health(Readings(database, (), NoVitals(), FakeClock(), MONDAY), Meters())
    gate = Gate(Cookies(), host, Nobody())
    app = web_app(channels, pages, "/followup", gate, health=health)
    return TestClient(app, base_url=base)


@pytest.mark.parametrize("base", ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:80"])
def test_this_machine_sees_the_dashboard(base: str) -> None:
    assert site(base=base).get("/followup").text == "a conversation"


@pytest.mark.parametrize("base", ["http://shop.example", "http://10.0.0.5:8080"])
def test_nobody_sees_the_dashboard_by_another_name(base: str) -> None:
    assert site(base=base).get("/followup").status_code == 403


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_nobody_sees_the_dashboard_through_a_proxy(header: str) -> None:
    assert site().get("/followup", headers={header: "203.0.113.9"}).status_code == 403


def test_nobody_sees_the_dashboard_of_a_server_that_the_network_reaches() -> None:
    assert site(host="0.0.0.0").get("/followup").status_code == 403  # noqa: S104  refused


def test_the_first_page_leads_to_the_plugin() -> None:
    answer = site().get("/", follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (307, "/followup")


def test_a_program_gets_a_problem_and_a_person_gets_words() -> None:
    program = site().get("/nowhere")
    person = site().get("/nowhere", headers={"Accept": "text/html"})

    assert program.headers["content-type"] == "application/problem+json"
    assert program.json()["status"] == 404
    assert person.headers["content-type"].startswith("text/plain")


def test_a_locked_database_asks_to_try_again(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        answer = site().get("/web/site/x")

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "INSERT" not in caplog.text
