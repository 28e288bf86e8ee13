"""The manual, rules 1 to 11: what an employee sends to a client who goes silent."""

import pytest

from tests.unit.followup.story import Scenario, played

OFFICE = {day: ["09:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
ASKED = ("Mon 09:00 client", "Mon 09:00:05 employee")

DELAYS = [
    Scenario(
        title="after 4 h, a day later, and two days after that",
        story=ASKED,
        sent=["Mon 13:00 available", "Tue 13:00 offer", "Thu 13:00 goodbye"],
    ),
    Scenario(
        title="an early answer does not move the first reminder",
        story=["Mon 09:00 client", "Mon 10:00 employee"],
        sent=["Mon 13:00 available", "Tue 13:00 offer", "Thu 13:00 goodbye"],
    ),
    Scenario(
        title="a client who writes again starts over at step one",
        story=[*ASKED, "Tue 15:00 client", "Tue 15:00:05 employee"],
        sent=[
            *("Mon 13:00 available", "Tue 13:00 offer"),
            *("Tue 19:00 available", "Wed 19:00 offer", "Fri 19:00 goodbye"),
        ],
    ),
    Scenario(
        title="a client who writes before the first reminder gets it later",
        chain="available 4h",
        story=[*ASKED, "Mon 12:59:59 client", "Mon 13:00 employee"],
        sent=["Mon 16:59:59 available"],
    ),
    Scenario(
        title="a client who writes at the very second of a reminder comes first",
        chain="available 4h",
        story=[*ASKED, "Mon 13:00 client", "Mon 13:00 employee"],
        sent=["Mon 17:00 available"],
    ),
    Scenario(
        title="a client nobody answered gets no reminder",
        story=["Mon 09:00 client"],
        then="waiting_for_answer",
    ),
    Scenario(
        title="a client whose second message nobody answered gets no reminder",
        story=[*ASKED, "Mon 10:00 client"],
        then="waiting_for_answer",
    ),
    Scenario(
        title="a late answer is given ten minutes",
        chain="available 4h",
        story=["Mon 09:00 client", "Mon 12:55 employee"],
        sent=["Mon 13:05 available"],
    ),
    Scenario(
        title="a very late answer is given ten minutes too, and the next delay counts from there",
        chain="available 4h, offer 24h",
        story=["Mon 09:00 client", "Wed 09:00 employee"],
        sent=["Wed 09:10 available", "Thu 09:10 offer"],
    ),
    Scenario(
        title="after a late answer a short delay is waited for by half",
        chain="quick 20s",
        story=["Mon 09:00 client", "Mon 09:01 employee"],
        sent=["Mon 09:01:10 quick"],
    ),
    Scenario(
        title="a second answer counts as well",
        chain="available 4h",
        story=[*ASKED, "Mon 12:58 employee"],
        sent=["Mon 13:08 available"],
    ),
    Scenario(
        title="an employee who writes between two reminders holds the next one back a little",
        chain="available 4h, offer 24h",
        story=[*ASKED, "Tue 12:59 employee"],
        sent=["Mon 13:00 available", "Tue 13:09 offer"],
    ),
    Scenario(
        title="an employee who writes first starts nothing",
        story=["Mon 09:00 employee"],
        then="no silence",
    ),
    Scenario(title="no steps, no reminders", chain="", story=ASKED, then="no_steps"),
    Scenario(
        title="a message that arrives late does not move the beginning back",
        chain="available 4h, offer 24h",
        story=[*ASKED, "Mon 13:30 client Mon 12:00", "Mon 13:31 employee"],
        sent=["Mon 13:00 available", "Mon 17:00 available", "Tue 17:00 offer"],
    ),
]

ONCE = [
    Scenario(
        title="a run-once step is sent in the first silence only",
        chain="available 4h, discount 24h once, goodbye 48h",
        story=[*ASKED, "2nd Mon 09:00 client", "2nd Mon 09:00 employee"],
        sent=[
            *("Mon 13:00 available", "Tue 13:00 discount", "Thu 13:00 goodbye"),
            *("2nd Mon 13:00 available", "2nd Wed 13:00 goodbye"),
        ],
    ),
    Scenario(
        title="a run-once step alone leaves nothing for the second silence",
        chain="discount 4h once",
        story=[*ASKED, "Tue 09:00 client", "Tue 09:00 employee"],
        sent=["Mon 13:00 discount"],
    ),
    Scenario(
        title="a run-once step that was not reached yet comes in a later silence",
        chain="available 4h, discount 24h once",
        story=[*ASKED, "Mon 14:00 client", "Mon 14:00 employee"],
        sent=["Mon 13:00 available", "Mon 18:00 available", "Tue 18:00 discount"],
    ),
    Scenario(
        title="a run-once step that was skipped is not used up",
        chain="discount 4h once",
        story=[*ASKED, "Mon 13:00 skip", "Tue 09:00 client", "Tue 09:00 employee"],
        sent=["Tue 13:00 discount"],
    ),
    Scenario(
        title="a run-once step whose sending is uncertain is used up",
        chain="discount 4h once, offer 24h",
        story=[*ASKED, "Mon 13:00 uncertain", "Wed 09:00 client", "Wed 09:00 employee"],
        sent=["Tue 13:00 offer", "Thu 09:00 offer"],
    ),
    Scenario(
        title="a step sent before it became run-once counts as used",
        chain="discount 4h",
        story=[*ASKED, "Tue 08:00 save discount 4h once", "Tue 09:00 client", "Tue 09:00 employee"],
        sent=["Mon 13:00 discount"],
    ),
    Scenario(
        title="a run-once step stays used when it is edited and moved",
        chain="discount 4h once, offer 24h",
        story=[
            *ASKED,
            "Wed 08:00 save offer 1h, discount 2h once",
            "Wed 09:00 client",
            "Wed 09:00 employee",
        ],
        sent=["Mon 13:00 discount", "Tue 13:00 offer", "Wed 10:00 offer"],
    ),
    Scenario(
        title="a step that is no longer run-once comes again",
        chain="discount 4h once",
        story=[*ASKED, "Tue 08:00 save discount 4h", "Tue 09:00 client", "Tue 09:00 employee"],
        sent=["Mon 13:00 discount", "Tue 13:00 discount"],
    ),
]

HOURS = [
    Scenario(
        title="what falls into the evening waits for the morning; the next counts from there",
        hours=OFFICE,
        story=["Mon 16:00 client", "Mon 16:00 employee"],
        sent=["Tue 09:00 available", "Wed 09:00 offer", "Fri 09:00 goodbye"],
    ),
    Scenario(
        title="what falls into the weekend waits for Monday",
        hours=OFFICE,
        chain="available 4h, offer 24h",
        story=["Thu 16:00 client", "Thu 16:00 employee"],
        sent=["Fri 09:00 available", "2nd Mon 09:00 offer"],
    ),
    Scenario(
        title="opening time is open, closing time is closed",
        hours=OFFICE,
        chain="available 4h, offer 5h",
        story=["Mon 05:00 client", "Mon 05:00 employee"],
        sent=["Mon 09:00 available", "Mon 14:00 offer"],
    ),
    Scenario(
        title="a reminder due at closing time goes in the morning",
        hours=OFFICE,
        chain="available 4h",
        story=["Mon 14:00 client", "Mon 14:00 employee"],
        sent=["Tue 09:00 available"],
    ),
    Scenario(
        title="lunch is a gap between two intervals",
        hours={"mon": ["09:00-13:00", "14:00-18:00"]},
        chain="available 4h",
        story=["Mon 09:30 client", "Mon 09:30 employee"],
        sent=["Mon 14:00 available"],
    ),
    Scenario(
        title="a night shift goes on after midnight",
        hours={"mon": ["22:00-06:00"]},
        chain="available 4h, offer 20h",
        story=["Mon 21:00 client", "Mon 21:00 employee"],
        sent=["Tue 01:00 available", "2nd Mon 22:00 offer"],
    ),
    Scenario(
        title="a holiday is closed",
        hours=OFFICE,
        special={"2026-03-03": []},
        chain="available 4h",
        story=["Mon 16:00 client", "Mon 16:00 employee"],
        sent=["Wed 09:00 available"],
    ),
    Scenario(
        title="a special Saturday is open",
        hours=OFFICE,
        special={"2026-03-07": ["10:00-12:00"]},
        chain="available 4h",
        story=["Fri 16:00 client", "Fri 16:00 employee"],
        sent=["Sat 10:00 available"],
    ),
    Scenario(
        title="the night before a holiday still ends in its morning",
        hours={"mon": ["22:00-06:00"], "tue": ["22:00-06:00"]},
        special={"2026-03-03": []},
        chain="available 4h, offer 4h",
        story=["Mon 23:30 client", "Mon 23:30 employee"],
        sent=["Tue 03:30 available", "2nd Mon 22:00 offer"],
    ),
    Scenario(
        title="without a schedule a holiday means nothing",
        special={"2026-03-02": []},
        chain="available 4h",
        story=ASKED,
        sent=["Mon 13:00 available"],
    ),
    Scenario(
        title="equal ends are the whole day",
        hours={"tue": ["00:00-00:00"]},
        chain="available 4h, offer 24h",
        story=ASKED,
        sent=["Tue 00:00 available", "2nd Tue 00:00 offer"],
    ),
    Scenario(
        title="a schedule that never opens blocks the chat",
        hours={"mon": []},
        story=ASKED,
        then="never_opens",
    ),
    Scenario(
        title="an hour that the clocks skip opens when they have skipped it",
        monday="2026-03-23",
        hours={"sun": ["02:30-05:00"]},
        chain="available 4h",
        story=["Sat 21:00 client", "Sat 21:00 employee"],
        sent=["Sun 03:00 available"],
    ),
    Scenario(
        title="a delay is real time, also across a clock change",
        monday="2026-03-23",
        chain="available 24h",
        story=["Sat 12:00 client", "Sat 12:00 employee"],
        sent=["Sun 13:00 available"],
    ),
    Scenario(
        title="an opening keeps its wall-clock time across a clock change",
        monday="2026-03-23",
        hours={"sat": ["09:00-18:00"], "mon": ["09:00-18:00"]},
        chain="available 4h",
        story=["Sat 16:00 client", "Sat 16:00 employee"],
        sent=["2nd Mon 09:00 available"],
    ),
]


@pytest.mark.parametrize("scenario", [*DELAYS, *ONCE, *HOURS], ids=lambda scenario: scenario.title)
def test_the_manual_says(scenario: Scenario) -> None:
    told, reason = played(scenario)

    assert told == list(scenario.sent)
    assert reason == scenario.then
