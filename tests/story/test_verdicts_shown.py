"""What the model decided is told with its reason, and with the client's own words for it."""

import pytest

from bot.testing import FakeModel
from tests.story.admin import Admin
from tests.story.conftest import Worlds
from tests.story.words import BERLIN, say, steps, verdict, weekdays

LATER = "I am busy, write me on the 15th please."


async def test_what_the_client_postponed_is_shown_with_the_clients_words(world: Worlds) -> None:
    later = verdict("postpone", "waiting_for_delay", "2026-03-15", "write me on the 15th")
    w = await world(
        steps("4h"),
        model=FakeModel([later, say()]),
        timezone=BERLIN,
        working_hours=weekdays("09:00-18:00"),
    )
    await w.client(LATER, name="Kim")
    await w.wait("5h")

    page = (await w.page("/followup/chats/1")).text
    told = await Admin(w).reads("why 1")

    # The 15th is a Sunday: it means the next opening.
    assert "postponed to <time" in page
    assert "Monday 16 March 2026 08:00:00 UTC" in page
    assert 'the client said <q dir="auto">write me on the 15th</q>' in page
    assert "Postponed to Mon 16 Mar 09:00: the client said “write me on the 15th”." in told
    await w.wait("14d")
    assert await w.calendar(BERLIN) == ["Mon 16 09:00:00 s1"]


async def test_words_that_the_client_never_wrote_are_not_shown(world: Worlds) -> None:
    later = verdict("postpone", "waiting_for_delay", "2026-03-16", "write me next month")
    w = await world(steps("4h"), model=FakeModel([later, say()]), timezone=BERLIN)
    await w.client(LATER, name="Kim")
    await w.wait("5h")

    page = (await w.page("/followup/chats/1")).text
    told = await Admin(w).reads("why 1")

    assert "write me next month" not in page
    assert "the client named that time" in page
    assert "Postponed to Mon 16 Mar 09:00: the client named that time." in told


async def test_the_clients_next_message_replaces_what_was_postponed(world: Worlds) -> None:
    later = verdict("postpone", "waiting_for_delay", "2026-03-15T10:00", "write me on the 15th")
    w = await world(steps("4h"), model=FakeModel([later, say()]), timezone=BERLIN)
    await w.client(LATER, name="Kim")
    await w.wait("5h")
    await w.client("I have time after all!")

    told = await Admin(w).reads("why 1")
    await w.wait("20d")

    assert "Postponed" not in told
    assert await w.reminders() == ["+9h s1"]


@pytest.mark.parametrize(
    ("reason", "said", "shown"),
    [
        ("concluded", "Thanks, bye!", "the matter is settled"),
        ("not_interested", "I bought one elsewhere.", "the client is not interested"),
        (
            "opted_out",
            "All these texts stress me, I would rather have some peace.",
            "wants no reminders",
        ),
        ("human_active", "Your colleague Tom is on it.", "a colleague has the chat"),
    ],
)
async def test_a_stop_is_shown_with_its_reason_and_the_clients_words(
    world: Worlds, reason: str, said: str, shown: str
) -> None:
    w = await world(steps("4h", "1d"), model=FakeModel([verdict("stop", reason, said=said)]))
    await w.client(said, name="Kim")
    await w.wait("5h")

    page = (await w.page("/followup/chats/1")).text
    told = await Admin(w).reads("why 1")

    assert shown in page
    assert '<q dir="auto">' in page
    assert "Nothing is planned" in told
    assert shown in told
    assert f"The client said “{said}”, so:" in told


async def test_a_step_left_out_for_its_texts_says_what_was_wrong_with_them(world: Worlds) -> None:
    w = await world(steps("4h", "1d"), model=FakeModel([say("It is yours for 99 euros.")]))
    await w.client(name="Kim")
    await w.wait("5h")

    page = (await w.page("/followup/chats/1")).text
    told = await Admin(w).reads("why 1")

    assert "the model failed: its text named an amount that nobody named" in page
    assert "its text named an amount that nobody named, twice." in told
    assert "99 euros" not in page
