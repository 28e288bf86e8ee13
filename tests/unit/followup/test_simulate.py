"""What the simulator prints, and in which order."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from plugins.followup.events import Fault
from plugins.followup.model import Due, Reason, Step
from plugins.followup.simulate import Reminder, simulate
from tests.unit.followup.reference import Table
from tests.unit.followup.staff import run, simulation_of

LATER = datetime(2027, 1, 1, tzinfo=UTC)


def employee(**steps: str) -> dict[str, Any]:
    table = [{"id": name, "delay": delay, "instruction": "Ask."} for name, delay in steps.items()]
    return {"timezone": "UTC", "followup": {"enabled": True, "steps": table}}


ANNA: dict[str, Table] = {"anna": employee(available="4h", offer="24h", goodbye="48h")}


def line(at: str, kind: str, chat: str = "c1", name: str = "anna") -> dict[str, Any]:
    return {"at": f"2026-03-0{at}Z", "type": kind, "chat": chat, "employee": name, "text": "…"}


def talk(at: str, chat: str = "c1", name: str = "anna") -> list[Table | bytes]:
    return [line(at, "client", chat, name), line(at, "employee", chat, name)]


def told(reminders: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(one["at"], one["chat"]) for one in reminders]


def test_the_example_of_the_manual() -> None:
    reminders, faults = run(ANNA, talk("2T09:00:00"), LATER)

    chat = {"chat": "c1", "employee": "anna", "silence": 1}
    assert reminders == [
        {"at": "2026-03-02T13:00:00Z", "step": "available", **chat},
        {"at": "2026-03-03T13:00:00Z", "step": "offer", **chat},
        {"at": "2026-03-05T13:00:00Z", "step": "goodbye", **chat},
    ]
    assert faults == []


def test_a_reminder_is_printed_as_the_contract_says() -> None:
    moment = datetime(2026, 3, 2, 9, 0, 0, 999_999, tzinfo=UTC)

    printed = Reminder(moment, "ß\n", "anna", "available", 1).line()

    assert printed == (
        '{"at": "2026-03-02T09:00:00Z", "chat": "ß\\n", "employee": "anna", '
        '"step": "available", "silence": 1}'
    )


@pytest.mark.parametrize(("micro", "count"), [(-1, 0), (0, 1)])
def test_the_end_is_inclusive(micro: int, count: int) -> None:
    until = datetime(2026, 3, 2, 13, tzinfo=UTC) + timedelta(microseconds=micro)

    reminders, _ = run(ANNA, talk("2T09:00:00"), until)

    assert len(reminders) == count


def test_what_happens_after_the_end_changes_nothing_but_is_still_checked() -> None:
    until = datetime(2026, 3, 2, 13, tzinfo=UTC)

    reminders, faults = run(ANNA, [*talk("2T09:00:00"), *talk("4T09:00:00"), b"{"], until)

    assert told(reminders) == [("2026-03-02T13:00:00Z", "c1")]
    assert [fault.line for fault in faults] == [5]


def test_reminders_of_one_moment_are_told_by_chat() -> None:
    lines = [*talk("2T09:00:00", "c3"), *talk("2T09:00:00", "c1"), *talk("2T09:00:00", "c2")]

    reminders, _ = run({"anna": employee(available="4h")}, lines, LATER)

    assert [one["chat"] for one in reminders] == ["c1", "c2", "c3"]


def test_reminders_of_one_printed_second_are_told_by_chat_too() -> None:
    lines = [*talk("2T09:00:00.2", "c2"), *talk("2T09:00:00.7", "c1"), *talk("2T09:00:01", "c0")]

    reminders, _ = run({"anna": employee(available="4h")}, lines, LATER)

    assert told(reminders) == [
        ("2026-03-02T13:00:00Z", "c1"),
        ("2026-03-02T13:00:00Z", "c2"),
        ("2026-03-02T13:00:01Z", "c0"),
    ]


def test_fractions_of_a_second_are_kept_from_step_to_step() -> None:
    lines = talk("2T09:00:00.9")

    early, _ = run(ANNA, lines, datetime(2026, 3, 3, 13, 0, 0, 899_999, tzinfo=UTC))
    late, _ = run(ANNA, lines, datetime(2026, 3, 3, 13, 0, 0, 900_000, tzinfo=UTC))

    assert [len(early), len(late)] == [1, 2]


def test_a_chat_belongs_to_the_employee_of_its_first_client_message() -> None:
    staff = {**ANNA, "bert": employee(hurry="1h")}
    lines = [
        line("2T08:00:00", "employee", "c1", "bert"),
        *talk("2T09:00:00", "c1", "anna"),
        *talk("2T10:00:00", "c1", "bert"),
    ]

    reminders, _ = run(staff, lines, datetime(2026, 3, 2, 18, tzinfo=UTC))

    assert [(one["employee"], one["step"], one["silence"]) for one in reminders] == [
        ("anna", "available", 2)
    ]


def test_an_edit_reaches_the_chats_of_its_employee_alone() -> None:
    staff = {"anna": employee(available="4h"), "bert": employee(available="4h")}
    edit = {
        "at": "2026-03-02T10:00:00Z",
        "type": "settings",
        "employee": "bert",
        "followup": {"enabled": True, "steps": []},
    }

    reminders, _ = run(
        staff, [*talk("2T09:00:00", "a"), *talk("2T09:00:00", "b", "bert"), edit], LATER
    )

    assert [one["chat"] for one in reminders] == ["a"]


def test_reminders_are_told_while_the_file_is_still_being_read() -> None:
    def lines() -> Iterator[bytes]:
        yield from (json.dumps(one).encode() for one in talk("2T09:00:00"))
        yield b"{"
        yield json.dumps(line("9T09:00:00", "client", "c2")).encode()
        raise AssertionError("read on before the first reminders were told")

    found = simulate(simulation_of(ANNA), lines(), LATER)

    assert isinstance(next(found), Fault)
    first = next(found)
    assert isinstance(first, Reminder)
    assert first.step == "available"


@pytest.mark.parametrize(
    ("now", "reason"),
    [("12:59:59", Reason.WAITING_FOR_DELAY), ("13:00:00", Reason.WAITING_FOR_HOURS)],
)
def test_a_reminder_waits_for_its_delay_and_then_for_the_hours(now: str, reason: Reason) -> None:
    wanted = datetime(2026, 3, 2, 13, tzinfo=UTC)
    reminder = Due(Step("a", timedelta(hours=4), "Ask."), wanted, wanted + timedelta(days=1))

    assert reminder.why(datetime.fromisoformat(f"2026-03-02T{now}+00:00")) is reason


def test_reminders_keep_their_own_hours_and_new_settings_give_others() -> None:
    nine_to_ten = {"hours": {"mon": ["09:00-10:00"], "tue": ["09:00-10:00"]}}
    staff = {"anna": employee(available="1h")}
    staff["anna"] |= {"working_hours": {"mon": ["00:00-24:00"], "tue": ["16:00-17:00"]}}
    own = {"anna": staff["anna"] | {"followup": staff["anna"]["followup"] | nine_to_ten}}
    silent = [line("2T10:00:00", "client"), line("2T23:30:00", "client")]
    silent.append(line("2T23:30:00", "employee"))
    changed = {
        "at": "2026-03-03T00:00:00Z",
        "type": "settings",
        "employee": "anna",
        "followup": {**staff["anna"]["followup"]},
    }

    kept, _ = run(own, silent, LATER)
    gone, _ = run(own, [*silent, changed], LATER)

    assert [told["at"] for told in kept] == ["2026-03-03T09:00:00Z"]
    assert [told["at"] for told in gone] == ["2026-03-03T16:00:00Z"]
