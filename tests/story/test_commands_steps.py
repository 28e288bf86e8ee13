"""/followup: an employee's steps, added, edited, moved."""

import pytest

from tests.story.admin import Admin, labels
from tests.story.conftest import Worlds
from tests.story.words import step, steps

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


@pytest.mark.parametrize(
    ("typed", "delay"),
    [
        (f"add 4h {ASK}", "4h"),
        (f"add 4 hours {ASK}", "4h"),
        (f"ADD 4h: {ASK}", "4h"),
        (f"  add   after 90 min {ASK}", "1h30m"),
        ("add Ask whether the offer fits. 4 hours", "4h"),
        ("add Ask whether the offer fits. after 1d2h", "1d2h"),
        (f"add 4h30 {ASK}", "4h30m"),
        (f"add anna 2 days and 3 hours {ASK}", "2d3h"),
        (f"anna add 2 days {ASK}", "2d"),
    ],
)
async def test_a_step_is_added_at_the_end_however_its_delay_is_written(
    admin: Admin, typed: str, delay: str
) -> None:
    text = await admin.reads(typed)

    assert text.startswith("Added step 4.")
    assert (await admin.steps())[3].split(" ", 1)[1] == f"{delay} {ASK}"


async def test_an_instruction_keeps_its_lines_and_whatever_is_in_it(admin: Admin) -> None:
    instruction = "Offer <b>20%</b> off:\n- for 2 days\n- “only” #abcdef 🚲"

    await admin.reads(f"add 6h {instruction}")

    assert (await admin.steps())[3].split(" ", 2)[2] == instruction


async def test_adding_is_asked_for_step_by_step(admin: Admin) -> None:
    when = await admin.presses(await admin.sees("/followup steps"), "Add a step")
    what = await admin.presses(when, "After 24h")

    done = await admin.replies(what, ASK)

    assert labels(when)[:3] == ["After 4h", "After 24h", "After 48h"]
    assert "What should the reminder after 24h do?" in what.text
    assert done.text.startswith("Added step 4.")
    assert (await admin.steps())[3].endswith(f"1d {ASK}")


async def test_a_reply_may_bring_the_delay_that_was_forgotten(admin: Admin) -> None:
    asked = await admin.sees(f"/followup add {ASK}")

    await admin.replies(asked, "4 hours")

    assert asked.text.startswith("After how long? Put the time first: /followup add 4h Ask")
    assert (await admin.steps())[3].endswith(f"4h {ASK}")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("add 0h Do it", "“0h” cannot be waited: a delay is above 0 and at most 3650 days."),
        ("add 99999999999999999 days Do it", "cannot be waited"),
        ("add -4h Do it", "After how long?"),
        ("add 1.5h Do it", "After how long?"),
        (f"add 4h {'x' * 4001}", "That cannot be saved. instruction: "),
        ("edit", "Which step? Anna has 3 steps.\nLike this: /followup edit 3 24h"),
        ("edit 4 24h", "There is no step “4”. Anna has 3 steps."),
        ("edit 0 24h", "There is no step “0”."),
        ("edit two 24h", "There is no step “two”."),
        ("edit 2 0m", "cannot be waited"),
        ("edit 2 24h", "Step 2 is like that already; nothing was changed."),
        ("once 2", "Say on or off: /followup once 2 on"),
        ("once 2 maybe", "Say on or off"),
        ("once 2 off", "Once per chat is off already for step 2."),
        ("move 3", "Say where to, 1 to 3: /followup move 3 1"),
        ("move 3 4", "Say where to, 1 to 3"),
        ("move 3 0", "Say where to, 1 to 3"),
        ("move 3 3", "Step 3 is at that place already."),
        (f"move {'9' * 5000} 1", "There is no step “9999"),
        ("remove 9", "There is no step “9”."),
        ("remove 2 now", "I do not know “now” behind /followup remove"),
        ("undo", "There is no change of yours to undo for Anna."),
        ("undo 2", "I do not know “2” behind /followup undo"),
        ("on", "Follow-ups of Anna are on already."),
        ("off please", "I do not know “please” behind /followup off"),
        ("off ana", "did you mean 'anna'?"),
        ("preview", "Which step?"),
        ("stpes", "There is no command “stpes”; did you mean 'steps'?\n/followup help lists them."),
        ("12", "There is no command “12”.\n/followup help lists them."),
    ],
)
async def test_what_cannot_be_done_is_said_plainly_and_changes_nothing(
    admin: Admin, typed: str, told: str
) -> None:
    before = await admin.steps()

    text = await admin.reads(typed)

    assert told in text
    assert await admin.steps() == before
    assert await admin.log() == []


@pytest.mark.parametrize(
    ("typed", "now"),
    [
        ("edit 2 12h", f"s2 12h {OFFER}"),
        ("edit step 2 12 hours", f"s2 12h {OFFER}"),
        ("edit 2 Offer a call.", "s2 1d Offer a call."),
        ("edit 2 12h Offer a call.", "s2 12h Offer a call."),
        ("edit 2 Offer a call. after 12h", "s2 12h Offer a call."),
        ("edit 2 Offer a call within 12h", "s2 1d Offer a call within 12h"),
        ("anna edit 2 12h", f"s2 12h {OFFER}"),
        ("edit anna 2 12h", f"s2 12h {OFFER}"),
    ],
)
async def test_an_edit_changes_what_is_given_and_nothing_else(
    admin: Admin, typed: str, now: str
) -> None:
    text = await admin.reads(typed)

    assert text.startswith("Changed step 2.")
    assert (await admin.steps())[1] == now
    assert len(await admin.steps()) == 3


async def test_an_edit_is_asked_for_by_a_button_and_a_reply(admin: Admin) -> None:
    asked = await admin.presses(await admin.sees("/followup steps"), "2 Edit")

    await admin.replies(asked, "12h Offer a call.")

    assert OFFER in asked.text
    assert (await admin.steps())[1] == "s2 12h Offer a call."


async def test_once_per_chat_is_put_on_and_off(admin: Admin) -> None:
    listed = await admin.sees("/followup once 2 on")
    on = (await admin.steps())[1]

    await admin.presses(listed, "2 Once off")

    assert listed.text.startswith("Step 2 now goes out once per chat, ever.")
    assert on == f"s2 1d once {OFFER}"
    assert (await admin.steps())[1] == f"s2 1d {OFFER}"


@pytest.mark.parametrize(
    ("typed", "order"),
    [
        ("move 3 1", ["s3", "s1", "s2"]),
        ("move 1 3", ["s2", "s3", "s1"]),
        ("move 1 to 2", ["s2", "s1", "s3"]),
    ],
)
async def test_a_step_is_moved(admin: Admin, typed: str, order: list[str]) -> None:
    await admin.reads(typed)

    assert await admin.order() == order


async def test_buttons_move_a_step_up_and_down(admin: Admin) -> None:
    up = await admin.presses(await admin.sees("/followup steps"), "3 Up")
    await admin.presses(up, "1 Down")

    assert await admin.order() == ["s3", "s1", "s2"]
    assert "1 Up" not in labels(up)
    assert "3 Down" not in labels(up)


async def test_many_steps_have_a_screen_each(world: Worlds) -> None:
    admin = Admin(await world(steps(*(f"{n}h" for n in range(2, 22)))))

    listed = await admin.sees("/followup steps")
    one = await admin.presses(listed, "Step 20")

    assert "… and 5 more; /followup steps 16 shows one." in listed.text
    assert one.text.startswith("Anna, step 20 of 20: then after 21h\nDo the thing of s20 now.")
    assert {"20 Edit", "20 Once on", "20 Up", "20 Remove", "20 Preview"} <= set(labels(one))


async def test_an_employee_without_steps_is_told_how_to_begin(world: Worlds) -> None:
    admin = Admin(await world(None))

    text = await admin.reads("steps")
    refused = await admin.reads("remove 1")
    await admin.reads(f"add 4h {ASK}")

    assert "Without steps nothing is sent.\n\nType /followup add 4h" in text
    assert refused == "Anna has no steps yet.\nType /followup add 4h and what to do."
    assert len(await admin.order()) == 1
