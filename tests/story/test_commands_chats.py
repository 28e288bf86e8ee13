"""/followup: chats and why."""

import pytest

from tests.story.admin import Admin, labels
from tests.story.conftest import Worlds
from tests.story.words import BERLIN, steps, weekdays
from tests.story.world import DeafJobs

KIM = "Kim: chat 1 of Anna"


@pytest.fixture
async def admin(world: Worlds) -> Admin:
    """Kim was answered at nine in the morning, an hour ago."""
    w = await world(steps("4h", "24h"))
    await w.client(name="Kim")
    await w.wait("1h")
    return Admin(w)


async def test_waiting_chats_are_listed_with_time_and_reason_the_earliest_first(
    admin: Admin,
) -> None:
    await admin.world.client(who="c2", name="Lou")

    screen = await admin.sees("/followup chats")

    assert screen.text == (
        "Anna: 2 chats waiting\n"
        "1. Kim: Mon 2 Mar 13:00 (in 3 h 0 min), the delay runs\n"
        "2. Lou: Mon 2 Mar 14:00 (in 4 h 0 min), the delay runs\n\n"
        "Type /followup why 1, now 1, skip 1 or pause 1."
    )
    assert labels(screen)[:4] == ["1 Why", "1 Now", "1 Skip", "1 Pause"]


async def test_times_are_those_of_the_employees_zone(world: Worlds) -> None:
    w = await world(steps("4h"), timezone=BERLIN, working_hours=weekdays("09:00-12:00"))
    await w.client(name="Kim")
    await w.wait("4h")

    text = await Admin(w).reads("chats")

    assert "1. Kim: Tue 3 Mar 09:00 (in 19 h 0 min), waiting for the working hours" in text


async def test_ten_chats_make_a_page(admin: Admin) -> None:
    for n in range(2, 24):
        await admin.world.client(who=f"c{n}", name=f"Client {n}")

    first = await admin.sees("/followup chats")
    second = await admin.presses(first, "Later")
    last = await admin.sees("/followup chats page 99")

    assert "Page 1 of 3; /followup chats page 2" in first.text
    assert "\n10. Client 10:" in first.text
    assert "\n11." not in first.text
    assert "\n11. Client 11:" in second.text
    assert "\n23. Client 23:" in last.text
    assert "Later" not in labels(last)
    assert "Earlier" in labels(last)


async def test_nobody_waits_after_the_last_step(admin: Admin) -> None:
    await admin.world.wait("3d")

    text = await admin.reads("chats")

    assert text.startswith("Anna: no chat is waiting.")


async def test_a_search_finds_any_chat_by_a_part_of_its_name(admin: Admin) -> None:
    await admin.world.client(who="c2", name="KIMBERLY Õ'Neill")
    await admin.world.wait("3d")

    both = await admin.reads("chats kim")
    one = await admin.reads("chats õ'n")
    none = await admin.reads("chats 100%")

    assert both.startswith("2 with “kim” in the name, the latest first\n2. KIMBERLY Õ'Neill: all")
    assert "\n1. Kim: all steps are done" in both
    assert one.startswith("1 with “õ'n” in the name")
    assert none == "No chat has “100%” in its name."


async def test_a_search_has_pages_too(admin: Admin) -> None:
    for n in range(2, 14):
        await admin.world.client(who=f"c{n}", name=f"Client {n}")

    first = await admin.sees("/followup chats client")
    second = await admin.presses(first, "More")
    beyond = await admin.reads("chats client page 3")

    assert first.text.startswith("12 with “client” in the name")
    assert "\n3. Client 3:" in second.text
    assert "More" not in labels(second)
    assert beyond == "No more chat has “client” in its name."


@pytest.mark.parametrize("typed", ["1", "#1", "Kim", "kim", "ki", "chat 1", "Visitor 1, site"])
async def test_a_chat_is_its_number_or_a_part_of_its_name(admin: Admin, typed: str) -> None:
    text = await admin.reads(f"why {typed}")

    assert text.startswith(KIM)


async def test_a_whole_name_is_that_chat_even_if_others_begin_like_it(admin: Admin) -> None:
    await admin.world.client(who="c2", name="Kimberly")

    assert (await admin.reads("why Kim")).startswith(KIM)


async def test_several_chats_that_fit_are_listed_to_choose_from(admin: Admin) -> None:
    await admin.world.client(who="c2", name="Kimberly")

    asked = await admin.sees("/followup now ki")
    done = await admin.presses(asked, "1. Kim")

    assert asked.text == "Which one? Take its number, like /followup now 2\n2. Kimberly\n1. Kim"
    assert "The next reminder goes now." in done.text
    assert await admin.actions() == ["followup.now"]


@pytest.mark.parametrize("word", ["why", "now", "skip", "pause", "resume"])
@pytest.mark.parametrize(
    ("which", "told"),
    [
        ("", "Which chat? Its number or a part of its name: /followup "),
        (" 99", "There is no chat “99”."),
        (" Zoe", "There is no chat “Zoe”."),
        (f" {'9' * 30}", "There is no chat “9999"),
    ],
)
async def test_a_chat_that_is_not_there_is_not_guessed(
    admin: Admin, word: str, which: str, told: str
) -> None:
    text = await admin.reads(word + which)

    assert told in text
    assert await admin.log() == []


async def test_why_tells_what_comes_next_and_what_was(admin: Admin) -> None:
    await admin.world.wait("4h")

    text = await admin.reads("why 1")

    assert text == (
        f"{KIM}\n"
        "Next: step 2 of 2, Tue 3 Mar 13:00 (in 23 h 0 min), the delay runs.\n"
        "Its task: Do the thing of s2 now.\n"
        "The client wrote last Mon 2 Mar 09:00; answered Mon 2 Mar 09:00.\n"
        "Steps over in this silence: 1; the last one Mon 2 Mar 13:00.\n\n"
        "Type /followup now 1, skip 1 or pause 1."
    )


async def test_why_tells_why_nothing_comes(world: Worlds) -> None:
    w = await world(steps("4h"), jobs=DeafJobs())
    await w.client(name="Kim")
    admin = Admin(w)

    unanswered = await admin.reads("why 1")
    await w.employee()
    await admin.reads("pause 1")
    paused = await admin.reads("why 1")

    assert "Nothing is planned: waiting for an answer to the client." in unanswered
    assert "nobody has answered yet" in unanswered
    assert "Nothing is planned: a colleague has the chat." in paused
    assert "skip 1 or resume 1." in paused


async def test_a_chat_in_which_the_client_never_wrote_has_nothing_planned(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.employee("Hello, this is Anna.")
    admin = Admin(w)

    why, now = await admin.reads("why 1"), await admin.reads("now 1")

    assert "The client never wrote, so nothing is planned." in why
    assert now == "Visitor 1, site gets no reminder: the client never wrote."
