"""The manual of quiet: chats that a manager mutes, snoozes or ends, and clients who say no."""

import pytest

from tests.unit.followup.story import Scenario, played

OFFICE = {day: ["09:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
ASKED = ("Mon 09:00 client", "Mon 09:00:05 employee")
AGAIN = ("Tue 09:00 client", "Tue 09:00:05 employee")

MUTED = [
    Scenario(title="muted, nothing goes out", story=[*ASKED, "Mon 10:00 mute"], then="muted"),
    Scenario(
        title="muted stays muted when the client writes",
        story=[*ASKED, "Mon 10:00 mute", *AGAIN],
        then="muted",
    ),
    Scenario(
        title="muted stays muted when the chat is handed back",
        story=[*ASKED, "Mon 10:00 mute", "Mon 11:00 manager", "Mon 12:00 resume"],
        then="muted",
    ),
    Scenario(
        title="unmuted, the wait that was left goes on",
        chain="available 4h",
        story=[*ASKED, "Mon 10:00 mute", "Wed 09:00 unmute"],
        sent=["Wed 12:00 available"],
    ),
    Scenario(
        title="muted twice counts from the first time",
        chain="available 4h",
        story=[*ASKED, "Mon 10:00 mute", "Mon 12:00 mute", "Wed 09:00 unmute"],
        sent=["Wed 12:00 available"],
    ),
    Scenario(
        title="unmuted just before the end of the delay, ten minutes are left",
        chain="available 4h",
        story=[*ASKED, "Mon 12:59 mute", "Mon 12:59:30 unmute"],
        sent=["Mon 13:09:30 available"],
    ),
    Scenario(
        title="unmuted after the client wrote meanwhile, the whole delay is left",
        chain="available 4h",
        story=[*ASKED, "Mon 10:00 mute", *AGAIN, "Wed 09:00 unmute"],
        sent=["Wed 13:00 available"],
    ),
    Scenario(
        title="what is not muted is not unmuted",
        chain="available 4h",
        story=[*ASKED, "Mon 10:00 unmute"],
        sent=["Mon 13:00 available"],
    ),
]

SNOOZED = [
    Scenario(
        title="snoozed, the reminder goes when that is over",
        chain="available 4h, offer 24h",
        story=[*ASKED, "Mon 10:00 snooze Wed 15:00"],
        sent=["Wed 15:00 available", "Thu 15:00 offer"],
    ),
    Scenario(
        title="a snooze that ends in the evening waits for the morning",
        hours=OFFICE,
        chain="available 4h",
        story=[*ASKED, "Mon 10:00 snooze Tue 20:00"],
        sent=["Wed 09:00 available"],
    ),
    Scenario(
        title="a snooze outlasts the client's message",
        chain="available 4h",
        story=[*ASKED, "Mon 10:00 snooze Wed 15:00", *AGAIN],
        sent=["Wed 15:00 available"],
    ),
    Scenario(
        title="a snooze that is over before the delay changes nothing",
        chain="available 4h",
        story=[*ASKED, "Mon 10:00 snooze Mon 11:00"],
        sent=["Mon 13:00 available"],
    ),
    Scenario(
        title="a snooze takes the place of a mute, and back",
        chain="available 4h",
        story=[*ASKED, "Mon 10:00 mute", "Mon 11:00 snooze Wed 15:00", "Mon 12:00 mute"],
        then="muted",
    ),
    Scenario(
        title="ended early, the delay is left",
        chain="available 4h",
        story=[*ASKED, "Mon 10:00 snooze Wed 15:00", "Mon 11:00 unmute"],
        sent=["Mon 13:00 available"],
    ),
    Scenario(
        title="ended after the delay, ten minutes are left",
        chain="available 4h",
        story=[*ASKED, "Mon 10:00 snooze Wed 15:00", "Tue 09:00 unmute"],
        sent=["Tue 09:10 available"],
    ),
    Scenario(
        title="an admin who wants it now ends the snooze",
        chain="available 4h",
        story=[*ASKED, "Mon 10:00 snooze Wed 15:00", "Tue 09:00 hurry"],
        sent=["Tue 09:00 available"],
    ),
]

NEVER = [
    Scenario(
        title="never is for later silences too",
        story=[*ASKED, "Mon 10:00 never", *AGAIN],
        then="opted_out",
    ),
    Scenario(
        title="what a manager decided the client does not take back",
        story=[*ASKED, "Mon 10:00 never", "Mon 11:00 opt-in", *AGAIN],
        then="opted_out",
    ),
    Scenario(
        title="a client's own no does not make it theirs to take back",
        story=[*ASKED, "Mon 10:00 never", "Mon 11:00 opt-out", "Mon 12:00 opt-in"],
        then="opted_out",
    ),
    Scenario(
        title="what a client said they take back",
        chain="available 4h",
        story=[
            *(*ASKED, "Mon 10:00 opt-out"),
            *("Tue 09:00 client", "Tue 09:00 opt-in", "Tue 09:00:05 employee"),
        ],
        sent=["Tue 13:00 available"],
    ),
    Scenario(
        title="allowed again, the next one waits its whole delay",
        chain="available 4h, offer 24h",
        story=[*ASKED, "Mon 14:00 never", "Thu 09:00 allow"],
        sent=["Mon 13:00 available", "Fri 09:00 offer"],
    ),
    Scenario(
        title="a manager allows what the client had forbidden",
        chain="available 4h",
        story=[*ASKED, "Mon 10:00 opt-out", "Tue 09:00 allow"],
        sent=["Tue 13:00 available"],
    ),
    Scenario(
        title="to allow what is allowed changes nothing",
        chain="available 4h",
        story=[*ASKED, "Mon 12:00 allow"],
        sent=["Mon 13:00 available"],
    ),
    Scenario(
        title="allowed, a silence that had ended otherwise stays ended",
        chain="available 4h, offer 24h",
        story=[*ASKED, "Mon 13:00 stop concluded", "Mon 14:00 allow"],
        then="concluded",
    ),
    Scenario(
        title="allowed while muted, it stays muted",
        story=[*ASKED, "Mon 10:00 mute", "Mon 11:00 never", "Mon 12:00 allow"],
        then="muted",
    ),
]


@pytest.mark.parametrize(
    "scenario", [*MUTED, *SNOOZED, *NEVER], ids=lambda scenario: scenario.title
)
def test_the_manual_says(scenario: Scenario) -> None:
    told, reason = played(scenario)

    assert told == list(scenario.sent)
    assert reason == scenario.then
