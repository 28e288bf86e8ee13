"""The pages: the chats with a scheduled reminder, exactly those, and each conversation."""

import re

import pytest

from bot.errors import ChatUnreachableError, UnknownDeliveryError
from bot.testing import FakeModel
from tests.story.conftest import Worlds
from tests.story.words import say, steps, verdict, weekdays
from tests.story.world import DeafJobs, World


async def listed(w: World, path: str = "/followup") -> list[str]:
    """The titles in the table, in its order."""
    page = await w.page(path)
    assert page.status_code == 200
    return re.findall(r"<bdi>(Visitor \d+, site|[^<]*)</bdi></a>", page.text)


async def test_without_a_scheduled_reminder_the_page_says_so(world: Worlds) -> None:
    w = await world(steps("4h"))

    page = await w.page("/followup")

    assert page.status_code == 200
    assert "No reminder is scheduled" in page.text
    assert "<table" not in page.text


async def test_a_chat_that_waits_for_its_delay_is_listed_with_its_employee(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client(who="Grace", name="Grace")

    page = (await w.page("/followup")).text

    assert await listed(w) == ["Grace"]
    assert page.index('<th scope="col">Chat</th>') < page.index('<th scope="col">Employee</th>')
    assert '<td><bdi class="name">Anna</bdi></td>' in page
    assert "step 1 of 1" in page
    assert "in 4 h 0 min" in page
    assert "1 chat has a reminder scheduled" in page


async def test_a_chat_that_waits_for_the_hours_is_listed(world: Worlds) -> None:
    w = await world(steps("4h"), working_hours=weekdays("09:00-12:00"))
    await w.client()
    await w.wait("5h")

    page = await w.page("/followup/chats/1")

    assert await listed(w) == ["Visitor 1, site"]
    assert "waiting for the working hours" in page.text


async def test_a_nameless_visitor_has_a_readable_title(world: Worlds) -> None:
    w = await world(steps("4h"))
    for n in range(12):
        await w.client(who=f"c{n}")

    assert (await listed(w))[-1] == "Visitor 12, site"
    assert "Visitor 12, site" in (await w.page("/followup/chats/12")).text


async def test_the_earliest_due_is_listed_first(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client(who="First", name="First")
    await w.wait("1h")
    await w.client(who="Second", name="Second")

    await w.client("Hello again", who="First")

    assert await listed(w) == ["First", "Second"]
    await w.wait("1h")
    await w.client("And again", who="First")
    assert await listed(w) == ["Second", "First"]


async def test_an_unanswered_chat_is_not_listed(world: Worlds) -> None:
    w = await world(steps("4h"), jobs=DeafJobs())

    await w.client()

    assert await listed(w) == []


async def test_a_frozen_chat_is_not_listed_until_it_is_resumed(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()

    await w.pause()
    frozen = await listed(w)
    await w.resume()

    assert frozen == []
    assert await listed(w) == ["Visitor 1, site"]


async def test_a_done_chat_is_not_listed_until_the_client_writes_again(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    await w.wait("4h")

    done = await listed(w)
    await w.client()

    assert done == []
    assert await listed(w) == ["Visitor 1, site"]


async def test_a_stopped_chat_is_not_listed(world: Worlds) -> None:
    w = await world(steps("4h", "4h"), model=FakeModel([verdict("stop")]))
    await w.client()

    await w.wait("4h")

    assert await listed(w) == []


async def test_a_chat_that_cannot_be_reached_is_not_listed(world: Worlds) -> None:
    w = await world(steps("4h", "4h"))
    await w.client()
    w.sender.before.append(ChatUnreachableError("blocked"))

    await w.wait("4h")

    assert await listed(w) == []


async def test_a_chat_whose_hours_never_open_is_not_listed(world: Worlds) -> None:
    w = await world(steps("4h"), working_hours={"mon": []})

    await w.client()

    assert await listed(w) == []


async def test_a_chat_of_an_employee_that_is_off_is_not_listed(world: Worlds) -> None:
    w = await world(steps("4h"), enabled=False)

    await w.client()

    assert await listed(w) == []


async def test_a_chat_with_a_skipped_and_one_with_an_uncertain_step_go_on(world: Worlds) -> None:
    model = FakeModel([verdict("skip"), say()])
    w = await world(steps("4h", "4h"), model=model)
    await w.client(who="skipped")
    await w.wait("1s")
    await w.client(who="uncertain")
    w.sender.after.append(UnknownDeliveryError("no answer came"))

    await w.wait("5h")

    assert len(await listed(w)) == 2
    assert await w.states("uncertain") == ["s1 uncertain uncertain"]


async def test_fifty_chats_fit_a_page_and_the_rest_is_on_the_next(world: Worlds) -> None:
    w = await world(steps("4h"))
    for n in range(52):
        await w.client(who=f"c{n}")

    first = await listed(w)
    page = (await w.page("/followup")).text
    link = re.search(r'rel="next" href="([^"]+)"', page)
    assert link
    second = await listed(w, link[1])

    assert len(first) == 50
    assert "52 chats have a reminder scheduled" in page
    assert second == ["Visitor 51, site", "Visitor 52, site"]
    await w.client("Again", who="c51")
    assert await listed(w, link[1]) == second
    assert 'rel="next"' not in (await w.page(link[1])).text


@pytest.mark.parametrize(
    "number", ["0", "-1", "two", "", "9" * 30, f"{'9' * 17}.1", "9" * 5000, "².1", "1."]
)
async def test_a_place_that_makes_no_sense_is_a_page_all_the_same(
    world: Worlds, number: str
) -> None:
    w = await world(steps("4h"))
    await w.client()

    page = await w.page(f"/followup?after={number}")

    assert page.status_code == 200
