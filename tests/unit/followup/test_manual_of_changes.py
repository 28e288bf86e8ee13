"""The manual, rules 9 and 10: edits of a chain, and switching it off and on."""

import pytest

from tests.unit.followup.story import Scenario, played

OFFICE = {day: ["09:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
ASKED = ("Mon 09:00 client", "Mon 09:00:05 employee")

EDITS = [
    Scenario(
        title="a longer delay applies at once",
        chain="available 4h",
        story=[*ASKED, "Mon 10:00 save available 6h"],
        sent=["Mon 15:00 available"],
    ),
    Scenario(
        title="a shorter delay that is over already waits ten minutes after the save",
        chain="available 4h",
        story=[*ASKED, "Mon 11:00 save available 1h"],
        sent=["Mon 11:10 available"],
    ),
    Scenario(
        title="a shorter delay that ends with the save is due at the save",
        chain="available 4h",
        story=[*ASKED, "Mon 11:00 save available 2h"],
        sent=["Mon 11:00 available"],
    ),
    Scenario(
        title="after a save a short delay is waited for by half",
        chain="quick 1h",
        story=[*ASKED, "Mon 09:30 save quick 1m"],
        sent=["Mon 09:30:30 quick"],
    ),
    Scenario(
        title="saving at the second of a reminder comes first",
        chain="available 4h",
        story=[*ASKED, "Mon 13:00 save available 5h"],
        sent=["Mon 14:00 available"],
    ),
    Scenario(
        title="a save that changes nothing holds back what waits for the morning",
        hours=OFFICE,
        chain="available 4h",
        story=["Mon 16:00 client", "Mon 16:00 employee", "Tue 08:55 save available 4h"],
        sent=["Tue 09:05 available"],
    ),
    Scenario(
        title="only the latest save counts",
        chain="available 4h",
        story=[*ASKED, "Mon 11:00 save available 1h", "Mon 11:05 save available 1h"],
        sent=["Mon 11:15 available"],
    ),
    Scenario(
        title="a step added at the end continues a chain that was done",
        chain="available 4h",
        story=[*ASKED, "Wed 09:00 save available 4h, offer 1h"],
        sent=["Mon 13:00 available", "Wed 09:10 offer"],
    ),
    Scenario(
        title="a step added before the last one sent is passed over",
        chain="available 4h, offer 24h",
        story=[*ASKED, "Mon 14:00 save early 1h, available 4h, offer 24h"],
        sent=["Mon 13:00 available", "Tue 13:00 offer"],
    ),
    Scenario(
        title="the next step is looked for after the last one sent in the new order",
        story=[*ASKED, "Mon 14:00 save goodbye 48h, available 4h, offer 24h"],
        sent=["Mon 13:00 available", "Tue 13:00 offer"],
    ),
    Scenario(
        title="a sent step that moves to the end ends the chain",
        story=[*ASKED, "Mon 14:00 save offer 24h, goodbye 48h, available 4h"],
        sent=["Mon 13:00 available"],
    ),
    Scenario(
        title="when the last sent step is deleted, the first unsent one is next",
        story=[*ASKED, "Tue 14:00 save early 1h, available 4h, goodbye 48h"],
        sent=["Mon 13:00 available", "Tue 13:00 offer", "Tue 14:00 early", "Thu 14:00 goodbye"],
    ),
    Scenario(
        title="a step deleted and added again stays sent",
        chain="available 4h, offer 24h",
        story=[*ASKED, "Mon 14:00 save offer 24h", "Mon 15:00 save available 4h, offer 24h"],
        sent=["Mon 13:00 available", "Tue 13:00 offer"],
    ),
    Scenario(
        title="deleting all steps ends it",
        story=[*ASKED, "Mon 10:00 save"],
        then="no_steps",
    ),
]

SWITCHES = [
    Scenario(title="off, nothing goes out", on=False, story=ASKED, then="off"),
    Scenario(
        title="switching off in mid-chain ends it",
        story=[*ASKED, "Mon 14:00 off"],
        sent=["Mon 13:00 available"],
        then="off",
    ),
    Scenario(
        title="off and on again, a silence of before is not caught up",
        story=[*ASKED, "Mon 10:00 off", "Mon 11:00 on"],
        then="off",
    ),
    Scenario(
        title="a silence that began while off is not caught up",
        on=False,
        story=[*ASKED, "Mon 10:00 on"],
        then="off",
    ),
    Scenario(
        title="a silence that begins after the switch counts",
        chain="available 4h",
        story=[*ASKED, "Mon 10:00 off", "Mon 11:00 on", "Mon 12:00 client", "Mon 12:00 employee"],
        sent=["Mon 16:00 available"],
    ),
    Scenario(
        title="a silence that began at the very moment of the switch counts",
        chain="available 4h",
        story=["Mon 09:00 client", "Mon 09:00 off", "Mon 09:00 on", "Mon 09:00:05 employee"],
        sent=["Mon 13:00 available"],
    ),
    Scenario(
        title="switching on what is on is no switch",
        chain="available 4h",
        story=[*ASKED, "Mon 10:00 on"],
        sent=["Mon 13:00 available"],
    ),
]


@pytest.mark.parametrize("scenario", [*EDITS, *SWITCHES], ids=lambda scenario: scenario.title)
def test_the_manual_says(scenario: Scenario) -> None:
    told, reason = played(scenario)

    assert told == list(scenario.sent)
    assert reason == scenario.then
