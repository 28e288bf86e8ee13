"""Moments and lengths of time in plain words."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from gettext import NullTranslations
from ipaddress import ip_network
from zoneinfo import ZoneInfo

import pytest
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from bot.testing import FakeClock
from bot.web.addresses import Proxied, address_of, far_address
from bot.web.cookies import Cookies
from bot.web.languages import LANGUAGES, direction, exact, left, shown, zones
from bot.web.site import WebSite
from bot.web.visitor import Choice, Visitor

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TOKYO = ZoneInfo("Asia/Tokyo")


def visited(headers: dict[str, str], client: str = "127.0.0.1") -> Request:
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    return Request(
        {
            "type": "http",
            "scheme": "http",
            "path": "/",
            "query_string": b"",
            "headers": pairs,
            "client": (client, 1),
            "server": ("127.0.0.1", 8080),
        }
    )


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (NOW, "18:00"),
        (NOW + timedelta(hours=6), "Tue 3 Mar 00:00"),
        (NOW - timedelta(days=90), "Tue 2 Dec 2025 18:00"),
    ],
)
def test_a_moment_is_no_longer_than_it_must_be(at: datetime, text: str) -> None:
    assert shown(at, NOW, TOKYO, "en") == text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_exact_moment_names_its_zone_in_every_language(language: str) -> None:
    text = exact(NOW, TOKYO, language)

    assert text.endswith(" Asia/Tokyo")
    assert "18:00:00" in text


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(seconds=-5), "now"),
        (timedelta(seconds=59.9), "in 59 s"),
        (timedelta(minutes=59), "in 59 min"),
        (timedelta(hours=2, minutes=14), "in 2 h 14 min"),
        (timedelta(days=3, hours=4), "in 3 d 4 h"),
    ],
)
def test_how_long_until_then(length: timedelta, text: str) -> None:
    say: Callable[[str], str] = NullTranslations().gettext

    assert left(length, say) == text


def test_arabic_is_written_from_the_right() -> None:
    assert [direction(language) for language in LANGUAGES] == ["ltr", "ltr", "rtl"]


def test_zones_are_those_that_people_know() -> None:
    assert {"UTC", "Europe/Berlin", "Asia/Tokyo"} <= set(zones())


def test_a_page_shows_the_persons_wall_clock_and_keeps_the_exact_moment_within_reach() -> None:
    site = WebSite(FakeClock(NOW), Cookies())
    texts = site.environment("bot.web.look")
    page = texts.from_string("{{ at|moment }} {{ later|left }} {{ csrf() }} {{ _('Menu') }}")
    texts.get_template = lambda _name: page  # type: ignore[assignment,method-assign]  for once
    request = visited({})
    request.state.visitor = Visitor(Choice("en", TOKYO), "secret")

    body = site.html(request, texts, "x", at=NOW, later=timedelta(minutes=5)).body
    text = bytes(body).decode()

    assert '<time datetime="2026-03-02T09:00:00+00:00" tabindex="0"' in text
    assert 'data-exact="Monday 2 March 2026 18:00:00 Asia/Tokyo">18:00</time> in 5 min' in text
    assert "secret" not in text


@pytest.mark.parametrize(
    ("client", "forwarded", "address"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.7", "203.0.113.9"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "1.1.1.1, 198.51.100.7", "198.51.100.7"),
        ("::1", "rubbish", "::/64"),
        ("2001:db8::1234:5", "", "2001:db8::/64"),
        ("::ffff:203.0.113.9", "", "203.0.113.9"),
        ("testclient", "", "unknown"),
    ],
)
def test_a_proxy_on_this_machine_is_believed_its_last_word(
    client: str, forwarded: str, address: str
) -> None:
    headers = {"x-forwarded-for": forwarded} if forwarded else {}

    assert address_of(visited(headers, client)) == address


@pytest.mark.parametrize(
    ("client", "forwarded", "address"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("127.0.0.1", "", None),
        ("::1", "", None),
        ("127.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("testclient", "", None),
    ],
)
def test_this_machine_is_nobody_in_particular(
    client: str, forwarded: str, address: str | None
) -> None:
    headers = {"x-forwarded-for": forwarded} if forwarded else {}

    assert far_address(visited(headers, client)) == address


@pytest.mark.parametrize(
    ("client", "forwarded", "address"),
    [
        ("10.0.0.2", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.2", "1.1.1.1, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.2", "1.1.1.1, 198.51.100.7, 10.9.9.9", "198.51.100.7"),
        ("127.0.0.1", "198.51.100.7, 10.9.9.9", "198.51.100.7"),
        ("::ffff:10.0.0.2", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.2", "rubbish", "10.0.0.2"),
        ("10.0.0.2", "", "10.0.0.2"),
        ("203.0.113.9", "198.51.100.7", "203.0.113.9"),
        ("testclient", "198.51.100.7", "unknown"),
    ],
)
async def test_a_proxy_is_believed_if_the_settings_name_it(
    client: str, forwarded: str, address: str
) -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(address_of(Request(scope)))

    asked = visited({"x-forwarded-for": forwarded} if forwarded else {}, client)
    await Proxied(app, [ip_network("10.0.0.0/8")])(asked.scope, asked.receive, _tells_nothing)

    assert seen == [address]


async def test_a_named_proxy_that_adds_a_line_of_its_own_is_believed() -> None:
    """What the visitor brought stands in a line before it, and chooses nothing."""
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(address_of(Request(scope)))

    asked = visited({}, "10.0.0.5")
    lines = (b"198.51.100.1", b"203.0.113.9")
    asked.scope["headers"] = [(b"x-forwarded-for", line) for line in lines]
    await Proxied(app, [ip_network("10.0.0.0/8")])(asked.scope, asked.receive, _tells_nothing)

    assert seen == ["203.0.113.9"]


async def _tells_nothing(_message: Message) -> None:
    return


@pytest.mark.parametrize(
    ("public", "host", "secure"),
    [
        (None, "127.0.0.1:8080", False),
        ("https://bot.example", "bot.example", True),
        ("https://bot.example", "127.0.0.1:8080", False),
        ("http://bot.example", "bot.example", False),
    ],
)
def test_cookies_are_for_https_alone_where_the_browser_speaks_it(
    public: str | None, host: str, *, secure: bool
) -> None:
    assert Cookies(public).is_secure(visited({"host": host})) is secure
