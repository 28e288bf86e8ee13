"""What a save changed besides the steps is told too: by the history, and when two save at once."""

from tests.story.conftest import Worlds
from tests.story.filling import TAB, Visits, words
from tests.story.words import step, steps

OWN = {
    "steps": [step("s1", "4h", instruction="Ask.", instruction_b="Offer a test ride.")],
    "hours": {"mon": ["10:00-12:00", "15:00-17:00"]},
    "special_days": {"2026-12-24": []},
    "client_zone": True,
    "limits": {"chat_day": 2, "tokens_day": 20000},
    "hold_out": 10,
}
TOLD = (
    "In hours of their own: Monday 10:00-12:00, 15:00-17:00; 2026-12-24 closed",
    "On the client's own clock",
    "To one chat, in 24 hours: 2",
    "Tokens for its reminders, in a day: 20,000",
    "Chats without reminders, of a hundred: 10",
    "Instruction B: Offer a test ride.",
)


async def test_the_history_tells_hours_clock_limits_hold_out_and_second_instructions(
    world: Worlds, visits: Visits
) -> None:
    w = await world(steps("4h"))
    await w.save(None, followup=OWN)

    page = words((await visits(w, TAB).browser.get(f"{TAB}/history")).text)

    now, _, before = page.partition("Before that")
    assert [each for each in TOLD if each not in now] == []
    assert "In the working hours" in before
    assert [each for each in TOLD if each in before] == []


async def test_who_saves_meanwhile_sees_what_the_other_one_changed(
    world: Worlds, visits: Visits
) -> None:
    w = await world(steps("4h"))
    person = await visits(w, TAB).opens()
    await w.save(None, followup=OWN)

    page = words((await person.press(hold_out="5")).text)

    theirs = page.partition("Theirs, as it is saved now")[2].partition("Take theirs")[0]
    assert [each for each in TOLD if each not in theirs] == []
