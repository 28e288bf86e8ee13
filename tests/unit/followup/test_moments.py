"""The moment that a client named: checked, completed, and in the client's own words."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.model import Author, Message
from plugins.followup.hours import Hours
from plugins.followup.moments import moment_of, quote_in

BERLIN = ZoneInfo("Europe/Berlin")
ALWAYS = Hours(BERLIN)
WEEK = {day: ["10:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
OFFICE = Hours.of("Europe/Berlin", WEEK, {"2026-03-16": ["12:00-14:00"]})
NIGHTS = Hours.of("Europe/Berlin", {day: ["20:00-04:00"] for day in ("mon", "tue", "wed")}, {})
NOW = datetime(2026, 3, 10, 12, 0, tzinfo=BERLIN)


def told(until: str, hours: Hours = ALWAYS, said: datetime | None = NOW) -> str:
    """The moment on the wall clock there, or nothing."""
    found = moment_of(until, NOW, said, hours)
    return f"{found.astimezone(BERLIN):%Y-%m-%d %H:%M}" if found is not None else ""


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        ("2026-03-15T14:30", "2026-03-15 14:30"),
        (" 2026-03-15 14:30 ", "2026-03-15 14:30"),
        ("2026-03-15T14:30:00+00:00", "2026-03-15 15:30"),
        ("2026-03-15T14:30Z", "2026-03-15 15:30"),
        ("2026-03-30T09:00", "2026-03-30 09:00"),
        ("2027-03-10T12:00", "2027-03-10 12:00"),
        # The first moment at which a day is called that.
        ("15", "2026-03-15 09:00"),
        ("the 15th", "2026-03-15 09:00"),
        ("on the 15th", "2026-03-15 09:00"),
        ("1.", "2026-04-01 09:00"),
        ("31", "2026-03-31 09:00"),
        ("10", "2026-04-10 09:00"),
    ],
)
def test_a_moment_ahead_is_taken_as_it_is(until: str, expected: str) -> None:
    assert told(until) == expected


@pytest.mark.parametrize(
    "until",
    ["", "soon", "next week", "2026-03-10T12:00", "2027-03-12T12:00", "99", "0", "2026-13-01"],
)
def test_what_is_no_moment_or_too_far_away_is_none(until: str) -> None:
    assert told(until) == ""


@pytest.mark.parametrize("until", ["2026-03-10T11:59", "2026-03-09", "2025-12-01T10:00"])
def test_the_past_is_none_when_nobody_knows_when_it_was_said(until: str) -> None:
    assert told(until, said=None) == ""


@pytest.mark.parametrize(
    ("hours", "until", "expected"),
    [
        (ALWAYS, "2026-03-17", "2026-03-17 09:00"),
        (ALWAYS, "2026-03-17T00:00", "2026-03-17 09:00"),
        (OFFICE, "2026-03-17", "2026-03-17 10:00"),
        (OFFICE, "2026-03-16", "2026-03-16 12:00"),
        # A closed day means the next opening.
        (OFFICE, "2026-03-14", "2026-03-16 12:00"),
        (NIGHTS, "2026-03-17", "2026-03-17 20:00"),
        (Hours.of("Europe/Berlin", {"mon": []}, {}), "2026-03-17", "2026-03-17 00:00"),
    ],
    ids=["always", "midnight", "office", "special", "closed", "nights", "never"],
)
def test_a_day_means_its_opening(hours: Hours, until: str, expected: str) -> None:
    assert told(until, hours) == expected


@pytest.mark.parametrize(
    ("said", "until", "expected"),
    [
        # "The 5th", on the 8th, is next month; so is it when the model looked back.
        ("2026-03-08T09:00", "2026-03-05", "2026-04-05 09:00"),
        ("2026-03-08T09:00", "2026-03-05T17:00", "2026-04-05 17:00"),
        # "The 9th", on the 8th, has come: no moment to wait for.
        ("2026-03-08T09:00", "2026-03-09", ""),
        ("2026-03-08T09:00", "2026-03-09T10:00", ""),
        # "At nine", in the morning of today after nine, is tomorrow.
        ("2026-03-10T11:00", "2026-03-10T09:00", "2026-03-11 09:00"),
        ("2026-03-10T08:00", "2026-03-10T09:00", ""),
        # The wrong year.
        ("2026-03-08T09:00", "2025-05-05", "2026-05-05 09:00"),
        ("2026-03-08T09:00", "2025-01-05T10:00", "2027-01-05 10:00"),
        ("2026-03-08T09:00", "2024-03-20", "2026-03-20 09:00"),
        # The 31st of a month that has none.
        ("2026-03-08T09:00", "2026-02-28", "2026-03-28 09:00"),
        ("2026-03-08T09:00", "2026-02-30", ""),
    ],
)
def test_what_was_past_when_it_was_said_is_the_next_one(
    said: str, until: str, expected: str
) -> None:
    assert told(until, said=datetime.fromisoformat(said).replace(tzinfo=BERLIN)) == expected


def test_the_same_day_of_a_month_too_short_for_it_is_none() -> None:
    now = datetime(2026, 4, 3, 12, 0, tzinfo=BERLIN)

    assert moment_of("2026-03-31", now, datetime(2026, 4, 2, tzinfo=UTC), ALWAYS) is None


def message(n: int, author: Author, text: str) -> Message:
    return Message(n, 1, n, author, text, datetime(2026, 3, n, tzinfo=UTC))


HISTORY = [
    message(1, Author.CLIENT, "Hello! Write me on the 15th, please."),
    message(2, Author.EMPLOYEE, "I will write on the 15th."),
    message(3, Author.CLIENT, "Схожу в отпуск; пишите мне пятнадцатого числа."),
    message(4, Author.CLIENT, "请15号再联系我 谢谢"),
]


@pytest.mark.parametrize(
    ("said", "quote", "day"),
    [
        ("write me on the 15th", "write me on the 15th", 1),
        ("“Write me  on the 15th,”", "Write me on the 15th,", 1),
        ("пишите мне пятнадцатого числа", "пишите мне пятнадцатого числа", 3),
        ("15号再联系我", "15号再联系我", 4),
    ],
)
def test_a_quote_stands_in_a_message_of_the_clients(said: str, quote: str, day: int) -> None:
    found = quote_in(said, HISTORY)

    assert found is not None
    assert (found.text, found.at.day) == (quote, day)


@pytest.mark.parametrize(
    "said", ["", "?!", "I will write on the 15th", "on the 16th", "rite me", "word " * 50]
)
def test_what_the_client_never_wrote_is_no_quote(said: str) -> None:
    assert quote_in(said, HISTORY) is None
