"""The whole application on PostgreSQL, alone and as two machines that race."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.model import ChatRef, Delivery
from bot.store.employees import create_employee
from bot.testing import FakeModel
from bot.worker import run_job
from tests.conftest import Postgres
from tests.integration.postgres.conftest import Machines

pytestmark = pytest.mark.postgres

HOUR = timedelta(hours=1)
CHATS = 25


async def states(machines: Machines) -> list[tuple[str, str]]:
    query = text("SELECT step_id, state FROM followup_reminders ORDER BY id")
    async with machines.apps[0].database.read() as connection:
        return [tuple(row) for row in (await connection.execute(query)).all()]


async def why(machines: Machines) -> list[str | None]:
    query = text("SELECT reason FROM followup_silences ORDER BY chat_id")
    async with machines.apps[0].database.read() as connection:
        return list((await connection.execute(query)).scalars())


async def fire(machines: Machines, chat: int, kind: str = "followup", times: int = 6) -> None:
    """The same wake-up arrives many times at once, on both machines."""
    apps = machines.apps * (times // 2)
    await asyncio.gather(*(run_job(app, kind, chat) for app in apps))


def once(machines: Machines, change: Callable[[], Awaitable[object]]) -> None:
    """A model that lets `change` happen while it thinks about a reminder."""
    assert machines.model is not None
    machines.model.meanwhile.append(change)


@pytest.fixture(autouse=True)
def nothing_goes_wrong(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


async def test_the_whole_story_a_client_writes_is_answered_reminded_and_done(
    machines: Machines,
) -> None:
    await machines.says("Do you have the blue one?")
    await machines.run()
    for hours in (4, 24, 48):
        await machines.wait(hours * HOUR)

    chat = await machines.apps[1].runtime.chats.find(ChatRef("site", "c1"))
    assert chat is not None
    shown = await machines.apps[1].runtime.chats.messages(chat.id)
    assert [(message.n, message.plugin) for message in shown] == [
        (1, None),
        (2, None),
        (3, "followup"),
        (4, "followup"),
    ]
    assert {message.delivery for message in shown} == {Delivery.SENT}
    assert len(machines.sender.sent) == 3
    assert await states(machines) == [("s1", "sent"), ("s2", "sent")]
    assert await why(machines) == ["done"]

    await machines.says("Back again")
    await machines.run()
    await machines.wait(4 * HOUR)

    assert len(machines.sender.sent) == 5


async def test_a_timer_that_fires_on_both_machines_at_once_reminds_once(
    machines: Machines,
) -> None:
    chats = [(await machines.says(who=f"c{n}")).chat.id for n in range(CHATS)]
    await machines.run()
    answered = len(machines.sender.sent)
    machines.clock.advance(4 * HOUR)

    await asyncio.gather(*(fire(machines, chat) for chat in chats))

    assert sorted(ref.address for ref, _ in machines.sender.sent[answered:]) == sorted(
        f"c{n}" for n in range(CHATS)
    )
    assert await states(machines) == [("s1", "sent")] * CHATS


async def test_an_answer_that_is_asked_for_many_times_at_once_is_given_once(
    machines: Machines,
) -> None:
    chats = [(await machines.says(who=f"c{n}")).chat.id for n in range(CHATS)]

    await asyncio.gather(*(fire(machines, chat, "answer") for chat in chats))

    assert len(machines.sender.sent) == CHATS
    assert len({ref for ref, _ in machines.sender.sent}) == CHATS


async def test_a_reply_that_races_with_timers_never_lets_two_reminders_or_an_old_one_out(
    machines: Machines,
) -> None:
    chats = [(await machines.says(who=f"c{n}")).chat.id for n in range(CHATS)]
    await machines.run()
    answered = len(machines.sender.sent)
    machines.clock.advance(4 * HOUR)

    await asyncio.gather(
        *(fire(machines, chat) for chat in chats),
        *(machines.says("I am back", who=f"c{n}", machine=n % 2) for n in range(CHATS)),
    )

    for chat in chats:
        shown = await machines.apps[0].runtime.chats.messages(chat)
        order = [message.plugin or message.author.value for message in shown]
        # The reminder went out before the reply was stored, or not at all.
        assert order[2:] in (["client"], ["followup", "client"])
    sent = [state for _, state in await states(machines) if state == "sent"]
    assert len(machines.sender.sent) - answered == len(sent)


async def test_a_reply_to_the_other_machine_while_the_model_thinks_is_the_clients_win(
    postgres_url: str,
) -> None:
    said = '{"verdict": "send", "text": "Still here!", "reason": "sent", "until": ""}'
    machines = Machines(postgres_url, model=FakeModel([said]))
    for _ in range(2):
        await machines.add().prepare()
    await machines.says()
    await machines.run()
    answered = len(machines.sender.sent)
    once(machines, lambda: machines.says("I am back", machine=1))

    machines.clock.advance(4 * HOUR)
    await run_job(machines.apps[0], "followup", 1)

    assert len(machines.sender.sent) == answered
    assert await states(machines) == [("s1", "cancelled")]
    for app in machines.apps:
        await app.close()


async def test_machines_that_start_at_once_on_nothing_both_start(postgres: Postgres) -> None:
    with postgres.database() as url:
        machines = Machines(url)
        apps = [machines.add() for _ in range(3)]

        await asyncio.gather(*(app.prepare() for app in apps))

        known = [[employee.id for employee in await app.staff.known()] for app in apps]
        for app in apps:
            await app.close()
    assert known == [["anna"]] * 3


async def test_an_employee_that_another_machine_is_just_storing_is_left_to_it(
    postgres_url: str,
) -> None:
    machines = Machines(postgres_url)
    first, second = machines.add(), machines.add()

    async with first.database.write() as tx:
        await create_employee(tx.connection, first.people[0].employee)
        storing = asyncio.create_task(second.staff.create_missing(second.people))
        # It has seen that nobody is there, and waits for what becomes of the first.
        await asyncio.wait([storing], timeout=0.5)
    await storing

    async with first.database.read() as connection:
        chains = await connection.execute(text("SELECT count(*) FROM followup_chains"))
        assert chains.scalar_one() == 0
    for app in machines.apps:
        await app.close()


async def test_two_machines_that_sweep_at_once_settle_everything_once(machines: Machines) -> None:
    for n in range(CHATS):
        await machines.says(who=f"c{n}")
    await machines.run()
    machines.jobs.lose()
    machines.clock.advance(4 * HOUR)

    await asyncio.gather(*(app.sweep() for app in machines.apps * 3))
    await machines.run()

    assert await states(machines) == [("s1", "sent")] * CHATS


async def test_retention_and_pause_work_there_too(machines: Machines) -> None:
    chat = (await machines.says()).chat.id
    await machines.run()

    assert await machines.apps[0].runtime.handover.pause(chat)
    assert await why(machines) == ["human_active"]
    assert await machines.apps[1].runtime.handover.resume(chat)
    assert not await machines.apps[0].runtime.handover.pause(chat + 1)
    machines.clock.advance(timedelta(days=400))
    await machines.apps[0].forget()

    assert await machines.apps[1].runtime.chats.messages(chat) == []
