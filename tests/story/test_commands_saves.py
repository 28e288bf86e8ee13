"""/followup: what is saved, undone, advised and logged."""

import pytest

from tests.story.admin import Admin, labels
from tests.story.conftest import Worlds
from tests.story.words import step

ASK = "Ask whether the offer fits."
OFFER = "Offer a discount."
CHAIN = [
    step("s1", "4h", instruction=ASK),
    step("s2", "24h", instruction=OFFER),
    step("s3", "48h", instruction="Say goodbye."),
]


@pytest.fixture
async def admin(world: Worlds) -> Admin:
    return Admin(await world(CHAIN))


async def test_removing_asks_once_and_can_be_kept(admin: Admin) -> None:
    asked = await admin.presses(await admin.sees("/followup steps"), "2 Remove")
    kept = await admin.presses(asked, "Keep")

    assert asked.text.startswith(f"Remove step 2, then after 24h?\n{OFFER}")
    assert "Type /followup remove 2 yes" in asked.text
    assert kept.text.startswith("Anna: on, 3 steps")
    assert await admin.order() == ["s1", "s2", "s3"]


async def test_what_was_removed_comes_back_as_itself(admin: Admin) -> None:
    asked = await admin.sees("/followup remove 2")
    gone = await admin.presses(asked, "Remove")
    left = await admin.order()

    back = await admin.presses(gone, "Undo")

    assert gone.text.startswith("Removed step 2. /followup undo brings it back.")
    assert left == ["s1", "s3"]
    assert back.text.startswith("Undone.")
    assert await admin.order() == ["s1", "s2", "s3"]


async def test_yes_may_be_typed_at_once(admin: Admin) -> None:
    await admin.reads("remove 2 yes")

    assert await admin.order() == ["s1", "s3"]


async def test_undone_twice_is_done_again(admin: Admin) -> None:
    await admin.reads("remove 2 yes")
    await admin.reads("undo")

    await admin.reads("undo")

    assert await admin.order() == ["s1", "s3"]


async def test_nobody_undoes_what_was_saved_since(admin: Admin) -> None:
    await admin.reads("remove 2 yes")
    await admin.world.save([step("s9", "9h")])

    text = await admin.reads("undo")

    assert text.startswith("Anna's follow-ups were saved since your change, so it stays.")
    assert await admin.order() == ["s9"]


async def test_nobody_undoes_what_somebody_else_did(admin: Admin) -> None:
    other = Admin(admin.world, "whatsapp +491701234567")
    await admin.reads("remove 2 yes")

    assert "There is no change of yours" in await other.reads("undo")
    await other.reads("move 2 1")
    assert "There is no change of yours" in await admin.reads("undo")
    assert await admin.order() == ["s3", "s1"]


async def test_a_button_of_a_step_that_moved_changes_no_other_step(admin: Admin) -> None:
    old = await admin.sees("/followup remove 2")
    await admin.reads("move 2 1")

    told = await admin.presses(old, "Remove")

    assert told.text.startswith("The steps were changed meanwhile. Now they are:\n\nAnna: on")
    assert "1 Edit" in labels(told)
    assert await admin.order() == ["s2", "s1", "s3"]


async def test_a_new_step_is_never_taken_for_one_that_was_removed(admin: Admin) -> None:
    await admin.reads(f"add 4h {ASK}")
    first = (await admin.order())[3]
    await admin.reads("remove 4 yes")

    await admin.reads(f"add 4h {ASK}")

    assert (await admin.order())[3] != first


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("add 4h Hello, are you still interested?", "looks like a ready text"),
        ("add 4h I wanted to ask about the bike.", "looks like a ready text"),
        ("add 4h Do you still need it?", "looks like a ready text"),
        (f"add 90m {ASK}", "less than 2 hours feels pushy"),
        (f"add 4h {ASK}", "more than 3 reminders in a row read as spam"),
        ("edit 1 1h", "less than 2 hours feels pushy"),
    ],
)
async def test_advice_comes_after_the_save(admin: Admin, typed: str, hint: str) -> None:
    before = await admin.steps()

    text = await admin.reads(typed)

    assert hint in text
    assert await admin.steps() != before


async def test_a_good_step_needs_no_advice(admin: Admin) -> None:
    text = await admin.reads("edit 2 3h Gently remind that we're available.")

    assert "Hint" not in text
    assert "Advice" not in text


async def test_an_edit_tells_what_it_means_for_chats_in_mid_chain_and_is_no_burst(
    admin: Admin,
) -> None:
    w = admin.world
    await w.client()
    await w.client(who="c2")
    await w.wait("3h")

    text = await admin.reads("edit 1 2h")
    await w.wait("9m59s")
    early = await w.reminders()
    await w.wait("1s")

    assert "2 chats in mid-chain follow at once" in text
    assert early == []
    assert await w.reminders() == ["+3h10m s1"]


async def test_off_and_on_are_as_the_rules_say(admin: Admin) -> None:
    w = admin.world
    await w.client()

    off = await admin.presses(await admin.sees("/followup"), "Turn off")
    await w.wait("1d")
    on = await admin.presses(off, "Turn on")
    await w.wait("1d")

    assert off.text.startswith("Follow-ups of Anna are off.\nNo chat is waiting any more.")
    assert on.text.startswith("Follow-ups of Anna are on.\nOnly chats whose client writes from now")
    assert await w.reminders() == []
    assert await w.why() == "off"


async def test_every_change_is_in_the_audit_log(admin: Admin) -> None:
    for typed in ("add 4h Ask.", "edit 4 6h", "once 4 on", "move 4 1", "remove 1 yes", "undo"):
        await admin.reads(typed)
    await admin.reads("off")
    await admin.reads("on")

    log = await admin.log()

    assert await admin.actions() == [
        f"followup.{word}"
        for word in ("add", "edit", "once", "move", "remove", "undo", "off", "on")
    ]
    assert {(row["by"], row["employee_id"], row["chat_id"]) for row in log} == {
        ("telegram 77", "anna", None)
    }
    assert [row["before"] for row in log[1:]] == [row["after"] for row in log[:-1]]
    assert log[0]["before"]["steps"] == (
        [
            {**each, "delay": delay, "once": False}
            for each, delay in zip(CHAIN, ("4h", "1d", "2d"), strict=True)
        ]
    )
    assert [row["after"]["enabled"] for row in log[-2:]] == [False, True]
