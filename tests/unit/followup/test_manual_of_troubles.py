"""The manual, rules 11 to 18: outages, verdicts, failures and humans."""

import pytest

from tests.unit.followup.story import Scenario, played

OFFICE = {day: ["09:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
ASKED = ("Mon 09:00 client", "Mon 09:00:05 employee")

OUTAGES = [
    Scenario(
        title="after an outage one reminder goes out, and the next counts from it",
        story=[*ASKED, "Mon 12:00 down", "Tue 12:00 up"],
        sent=["Tue 12:00 available", "Wed 12:00 offer", "Fri 12:00 goodbye"],
    ),
    Scenario(
        title="a reminder that is 24 h late still goes out",
        chain="available 4h",
        story=[*ASKED, "Mon 12:00 down", "Tue 13:00 up"],
        sent=["Tue 13:00 available"],
    ),
    Scenario(
        title="a reminder more than 24 h late is skipped, and the next counts from the skip",
        chain="available 4h, offer 24h",
        story=[*ASKED, "Mon 12:00 down", "Tue 13:00:01 up"],
        sent=["Tue 13:00:01 available too_late", "Wed 13:00:01 offer"],
    ),
    Scenario(
        title="waiting for the hours is never too late",
        hours=OFFICE,
        chain="available 4h",
        story=["Fri 16:00 client", "Fri 16:00 employee"],
        sent=["2nd Mon 09:00 available"],
    ),
    Scenario(
        title="a reminder that missed closing time goes at the opening, however late that is",
        hours=OFFICE,
        chain="available 4h",
        story=[
            *("Fri 13:59 client", "Fri 13:59 employee"),
            *("Fri 17:00 down", "Fri 18:01 up"),
        ],
        sent=["2nd Mon 09:00 available"],
    ),
    Scenario(
        title="a timer that fires early does nothing",
        chain="available 4h",
        story=[*ASKED, "Mon 12:00 down", "Mon 12:30 up"],
        sent=["Mon 13:00 available"],
    ),
    Scenario(
        title="a timer that fires in vain does nothing",
        story=["Mon 09:00 client", "Mon 12:00 down", "Mon 14:00 up"],
        then="waiting_for_answer",
    ),
]

VERDICTS = [
    Scenario(
        title="a skipped step is passed over, and the next counts from there",
        chain="available 4h, offer 24h",
        story=[*ASKED, "Mon 13:00 skip"],
        sent=["Tue 13:00 offer"],
    ),
    Scenario(
        title="a postponed reminder goes at the moment it was postponed to",
        chain="available 4h, offer 24h",
        story=[*ASKED, "Mon 13:00 postpone Tue 10:00"],
        sent=["Tue 10:00 available", "Wed 10:00 offer"],
    ),
    Scenario(
        title="a reminder postponed into the night waits for the morning",
        hours=OFFICE,
        chain="available 4h",
        story=[*ASKED, "Mon 13:00 postpone Mon 20:00"],
        sent=["Tue 09:00 available"],
    ),
    Scenario(
        title="a client who writes drops the postponement",
        chain="available 4h",
        story=[*ASKED, "Mon 13:00 postpone Fri 10:00", "Mon 14:00 client", "Mon 14:00 employee"],
        sent=["Mon 18:00 available"],
    ),
    Scenario(
        title="a chain that was stopped is silent",
        story=[*ASKED, "Mon 13:00 stop not_interested"],
        then="not_interested",
    ),
    Scenario(
        title="a stop is for this silence",
        chain="available 4h",
        story=[*ASKED, "Mon 13:00 stop concluded", "Tue 09:00 client", "Tue 09:00 employee"],
        sent=["Tue 13:00 available"],
    ),
    Scenario(
        title="who wants no reminders gets none in later silences either",
        story=[*ASKED, "Mon 13:00 stop opted_out", "Tue 09:00 client", "Tue 09:00 employee"],
        then="opted_out",
    ),
]

FAILURES = [
    Scenario(
        title="a model that fails is asked again, with growing pauses",
        chain="available 4h, offer 24h",
        story=[*ASKED, "Mon 13:00 mute-model", "Mon 13:00:30 mute-model"],
        sent=["Mon 13:02:30 available", "Tue 13:02:30 offer"],
    ),
    Scenario(
        title="a model that fails three times skips the step",
        chain="available 4h once, offer 24h",
        story=[
            *(*ASKED, "Mon 13:00 mute-model", "Mon 13:00:30 mute-model", "Mon 13:02:30 mute-model"),
            *("Wed 09:00 client", "Wed 09:00 employee"),
        ],
        sent=["Tue 13:02:30 offer", "Wed 13:00 available", "Thu 13:00 offer"],
    ),
    Scenario(
        title="each step has its own three tries",
        chain="available 4h, offer 24h",
        story=[
            *(*ASKED, "Mon 13:00 mute-model", "Mon 13:00:30 mute-model"),
            *("Tue 13:02:30 mute-model", "Tue 13:03 mute-model"),
        ],
        sent=["Mon 13:02:30 available", "Tue 13:05 offer"],
    ),
    Scenario(
        title="a channel that did not take it is asked three times more",
        chain="available 4h",
        story=[*ASKED, "Mon 13:00 busy", "Mon 13:00:30 busy", "Mon 13:02:30 busy"],
        sent=["Mon 13:12:30 available"],
    ),
    Scenario(
        title="a channel that says how long to wait is waited for",
        chain="available 4h",
        story=[*ASKED, "Mon 13:00 busy 1h"],
        sent=["Mon 14:00 available"],
    ),
    Scenario(
        title="a channel that wants too short a wait gets the usual pause",
        chain="available 4h",
        story=[*ASKED, "Mon 13:00 busy 1s"],
        sent=["Mon 13:00:30 available"],
    ),
    Scenario(
        title="a channel that never takes it stops the silence",
        story=[
            *(*ASKED, "Mon 13:00 busy", "Mon 13:00:30 busy", "Mon 13:02:30 busy"),
            "Mon 13:12:30 busy",
        ],
        then="channel_failed",
    ),
    Scenario(
        title="a channel that keeps asking to wait stops the silence too",
        story=[
            *(*ASKED, "Mon 13:00 busy 1h", "Mon 14:00 busy 1h", "Mon 15:00 busy 1h"),
            "Mon 16:00 busy 1h",
        ],
        then="rate_limited",
    ),
    Scenario(
        title="an unreachable client who writes again is followed up again",
        chain="available 4h",
        story=[*ASKED, "Mon 13:00 stop unreachable", "Tue 09:00 client", "Tue 09:00 employee"],
        sent=["Tue 13:00 available"],
    ),
]

HUMANS = [
    Scenario(
        title="a manager's message freezes the chain",
        story=[*ASKED, "Mon 10:00 manager"],
        then="human_active",
    ),
    Scenario(
        title="a returned chat waits as long as was left",
        chain="available 4h, offer 24h",
        story=[*ASKED, "Mon 10:00 pause", "Mon 15:00 resume"],
        sent=["Mon 18:00 available", "Tue 18:00 offer"],
    ),
    Scenario(
        title="a returned chat is given ten minutes where less was left",
        chain="available 4h",
        story=[*ASKED, "Mon 12:55 pause", "Mon 15:00 resume"],
        sent=["Mon 15:10 available"],
    ),
    Scenario(
        title="a returned chat is given half of a short delay",
        chain="quick 1m",
        story=["Mon 09:00 client", "Mon 09:00 employee", "Mon 09:00:50 pause", "Mon 10:00 resume"],
        sent=["Mon 10:00:30 quick"],
    ),
    Scenario(
        title="what was left does not grow while a manager writes",
        chain="available 4h",
        story=[*ASKED, "Mon 10:00 manager", "Mon 18:00 manager", "Mon 18:05 resume"],
        sent=["Mon 21:05 available"],
    ),
    Scenario(
        title="what was left does not grow by a save while a manager has the chat",
        chain="available 4h",
        story=[*ASKED, "Mon 10:00 pause", "Mon 15:00 save available 4h", "Mon 16:00 resume"],
        sent=["Mon 19:00 available"],
    ),
    Scenario(
        title="the delay of today is what is left of",
        chain="available 4h",
        story=[*ASKED, "Mon 10:00 pause", "Mon 15:00 save available 6h", "Mon 16:00 resume"],
        sent=["Mon 21:00 available"],
    ),
    Scenario(
        title="a reminder that had been postponed waits as long as was left of that",
        chain="available 4h",
        story=[*ASKED, "Mon 13:00 postpone Mon 20:00", "Mon 14:00 pause", "Tue 09:00 resume"],
        sent=["Tue 15:00 available"],
    ),
    Scenario(
        title="pausing twice is pausing once",
        chain="available 4h",
        story=[*ASKED, "Mon 10:00 pause", "Mon 12:00 pause", "Mon 15:00 resume"],
        sent=["Mon 18:00 available"],
    ),
    Scenario(
        title="a client who writes meanwhile starts over, and the whole delay is left",
        chain="available 4h",
        story=[
            *ASKED,
            "Mon 10:00 pause",
            "Mon 11:00 client",
            "Mon 12:00 manager",
            "Mon 15:00 resume",
        ],
        sent=["Mon 19:00 available"],
    ),
    Scenario(
        title="a client who writes does not take the chat from the manager",
        story=[*ASKED, "Mon 10:00 pause", "Mon 11:00 client", "Mon 12:00 employee"],
        then="human_active",
    ),
    Scenario(
        title="a returned chat still waits for its answer",
        story=["Mon 09:00 client", "Mon 10:00 pause", "Mon 15:00 resume"],
        then="waiting_for_answer",
    ),
    Scenario(
        title="a manager's message is an answer",
        chain="available 4h",
        story=["Mon 09:00 client", "Mon 10:00 manager", "Mon 15:00 resume"],
        sent=["Mon 18:00 available"],
    ),
    Scenario(
        title="returning a chat nobody took changes nothing",
        chain="available 4h",
        story=[*ASKED, "Mon 10:00 resume"],
        sent=["Mon 13:00 available"],
    ),
    Scenario(
        title="a returned chat whose chain is done stays done",
        chain="available 4h",
        story=[*ASKED, "Mon 14:00 pause", "Mon 15:00 resume"],
        sent=["Mon 13:00 available"],
    ),
]

ALL = [*OUTAGES, *VERDICTS, *FAILURES, *HUMANS]


@pytest.mark.parametrize("scenario", ALL, ids=lambda scenario: scenario.title)
def test_the_manual_says(scenario: Scenario) -> None:
    told, reason = played(scenario)

    assert told == list(scenario.sent)
    assert reason == scenario.then
