"""The whole story of the manual on Telegram: both drivers, over real HTTP on both sides."""

from datetime import timedelta

from tests.contract.telegram.updates import standing
from tests.integration.telegram.conftest import ADMIN, Opened
from tests.story.words import steps

CHAIN = ("4h", "24h", "48h")


async def test_the_client_is_answered_and_reminded_three_times(shop: Opened) -> None:
    s = await shop(steps(*CHAIN))

    await s.writes("Do you repair e-bikes?")
    await s.wait("7d")

    assert s.delivered() == ["Yes, we do.", "First?", "Second?", "Third?"]
    assert await s.states() == ["s1 sent sent", "s2 sent sent", "s3 sent sent"]
    assert await s.why() == "done"


async def test_a_reply_starts_the_chain_anew(shop: Opened) -> None:
    s = await shop(steps(*CHAIN))
    await s.writes("Do you repair e-bikes?")
    await s.wait("5h")

    await s.writes("On Saturday too?")
    await s.wait("3h59m")
    assert s.delivered() == ["Yes, we do.", "First?", "Yes, we do."]
    await s.wait("1m")

    assert s.delivered()[-1] == "Second?"
    assert await s.states() == ["s1 sent sent", "s1 sent sent"]


async def test_an_update_that_comes_twice_and_out_of_order_counts_once(shop: Opened) -> None:
    s = await shop(steps(*CHAIN))
    first, second = s.message("Hello"), s.message("Are you there?")

    await s.hears({**second, "update_id": 8}, {**first, "update_id": 7})
    await s.hears({**first, "update_id": 9})
    await s.wait("5h")

    assert sorted(m.text for m in await s.messages() if m.author == "client") == [
        "Are you there?",
        "Hello",
    ]
    assert s.delivered()[-1:] == ["First?"]
    assert s.delivered().count("First?") == 1


async def test_who_blocks_the_bot_is_left_alone_until_they_write(shop: Opened) -> None:
    s = await shop(steps(*CHAIN))
    await s.writes("Hello")
    s.clock.advance(timedelta(hours=1))
    blocked = standing("kicked")
    blocked["my_chat_member"]["date"] = int(s.clock.now().timestamp())

    await s.hears(blocked)
    await s.wait("7d")

    assert s.delivered() == ["Yes, we do."]
    assert await s.why() == "unreachable"
    await s.writes("Here I am again")
    await s.wait("5h")
    assert s.delivered()[-1] == "First?"


async def test_what_was_taken_without_an_answer_is_never_sent_again(shop: Opened) -> None:
    s = await shop(steps(*CHAIN))
    await s.writes("Hello")
    s.chaos.telegram.plan("sendMessage", "taken, then reset")

    await s.wait("7d")

    assert s.delivered() == ["Yes, we do.", "First?", "Second?", "Third?"]
    assert await s.states() == ["s1 uncertain uncertain", "s2 sent sent", "s3 sent sent"]


async def test_what_was_refused_for_now_is_sent_once(shop: Opened) -> None:
    s = await shop(steps("4h"))
    await s.writes("Hello")
    s.chaos.telegram.plan("sendMessage", "busy")

    await s.wait("1d")

    assert len(s.delivered()) == 2
    assert s.throttle.holds.keys() == {"tg"}


async def test_an_admin_changes_the_chain_from_the_messenger(shop: Opened) -> None:
    s = await shop(steps("4h"))
    await s.writes("Hello")

    await s.writes("/followup edit 1 2h", ADMIN)
    await s.wait("3h")

    assert s.delivered() == ["Yes, we do.", "First?"]
    assert "2 h" in s.delivered(ADMIN)[0] or "2h" in s.delivered(ADMIN)[0]
    assert await s.query("SELECT count(*) AS n FROM chats") == [{"n": 1}]


async def test_to_anybody_else_there_is_no_such_command(shop: Opened) -> None:
    s = await shop(steps("4h"))

    await s.writes("/followup off", 5)

    assert s.delivered() == ["Yes, we do."]
    assert (await s.why()).startswith("+4h")
