"""What is old is forgotten, and what is still to be done is done all the same."""

from tests.story.conftest import Worlds
from tests.story.words import steps
from tests.story.world import DeafJobs


async def test_old_messages_and_settled_reminders_are_deleted(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    await w.wait("366d")

    await w.app.forget()

    assert await w.messages() == []
    assert await w.rows() == []


async def test_what_is_younger_is_kept(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    await w.wait("364d")

    await w.app.forget()

    assert len(await w.messages()) == 3
    assert await w.states() == ["s1 sent sent"]


async def test_the_retention_job_forgets(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    await w.wait("366d")

    w.jobs.wake("retention", 0, w.clock.now())
    await w.run()

    assert await w.messages() == []


async def test_a_chat_that_was_forgotten_still_knows_what_was_used_up(world: Worlds) -> None:
    w = await world(steps("4h", once=True))
    await w.client()
    await w.wait("366d")
    await w.app.forget()

    await w.client("Do you remember me?")

    assert await w.why() == "done"
    assert [message.n for message in await w.messages()] == [4, 5]


async def test_a_reminder_that_waits_for_more_than_a_year_still_goes_out(world: Worlds) -> None:
    w = await world(steps("500d"))
    await w.client()
    await w.wait("400d")
    await w.app.forget()

    await w.wait("101d")

    assert await w.reminders() == ["+500d s1"]


async def test_a_forgotten_conversation_still_has_its_page(world: Worlds) -> None:
    w = await world(steps("500d"), jobs=DeafJobs())
    await w.client()
    await w.wait("400d")
    await w.app.forget()

    page = await w.page("/followup/chats/1")

    assert page.status_code == 200
    assert "What was said here is older than is kept." in page.text
