"""What admins are told, on both databases and by the fake: once per key, after the commit."""

from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.alarms import ALARM, SqlAlarm
from bot.errors import (
    BotError,
    ChannelBusyError,
    ChannelError,
    ChatUnreachableError,
    UnknownDeliveryError,
)
from bot.hooks import Hooks
from bot.inbox import Account, Inbox
from bot.model import Author, ChannelAccount, ChatRef, Incoming
from bot.news import LocalNews
from bot.ports import Alarm
from bot.store.database import SqlDatabase
from bot.store.tables import alarms
from bot.testing import FakeAlarm, FakeClock, FakeConsole, FakeJobs
from tests.contract.store.conftest import Count, Shop

MINUTE = timedelta(minutes=1)
DAY = timedelta(hours=24)


@dataclass
class Office:
    """Two bots and a WhatsApp number, each with a console; `run` is what a worker does."""

    database: SqlDatabase
    clock: FakeClock = field(default_factory=FakeClock)
    jobs: FakeJobs = field(default_factory=FakeJobs)
    accounts: dict[str, Account] = field(
        default_factory=lambda: {
            "shop": Account("telegram", "anna", admins={"7"}),
            "help": Account("telegram", "bert", admins={"7"}),
            "site": Account("web", "anna"),
            "phone": Account("whatsapp", "anna", admins={"+491"}),
        }
    )
    consoles: dict[str, FakeConsole] = field(
        default_factory=lambda: {name: FakeConsole() for name in ("shop", "help", "phone")}
    )
    known: dict[str, ChannelAccount] = field(
        default_factory=lambda: {"phone": ChannelAccount("phone", "whatsapp", "anna", window=DAY)}
    )

    @property
    def alarm(self) -> SqlAlarm:
        return SqlAlarm(
            self.database, self.clock, self.accounts, self.consoles, self.known, self.jobs
        )

    async def ring(
        self, key: str = "k1", text: str = "The breaker tripped.", employee: str | None = None
    ) -> None:
        async with self.database.write() as tx:
            await self.alarm.ring(tx, key, text, employee)

    async def run(self) -> None:
        while (job := self.jobs.pop(self.clock.now())) is not None:
            assert job[1] == ALARM
            await self.alarm.job(job[2])

    async def later(self, by: timedelta) -> None:
        """Time passes, and a sweep finds what is left."""
        self.clock.advance(by)
        await self.alarm.sweep()
        await self.run()

    def faults(self, account: str, *faults: BotError) -> None:
        self.consoles[account].faults = deque(faults)

    def told(self, account: str = "shop") -> list[str]:
        return list(self.consoles[account].texts)


@pytest.fixture
def office(database: SqlDatabase) -> Office:
    found = Office(database)
    del found.accounts["phone"], found.accounts["help"]
    return found


# What holds for the fake too.


@pytest.mark.parametrize("which", ["stored", "fake"])
async def test_an_alarm_is_told_once_per_key_and_after_the_commit(
    which: str, office: Office
) -> None:
    fake = FakeAlarm()
    alarm: Alarm = fake if which == "fake" else office.alarm

    for key, text in (("k1", "One."), ("k2", "Two."), ("k1", "One again.")):
        async with office.database.write() as tx:
            await alarm.ring(tx, key, text)
            await alarm.ring(tx, key, text)
            assert fake.texts == [] or key != "k1" or text != "One."
        await office.run()

    assert (fake.texts if which == "fake" else office.told()) == ["One.", "Two."]


@pytest.mark.parametrize("which", ["stored", "fake"])
async def test_nobody_is_told_of_what_did_not_happen(which: str, office: Office) -> None:
    fake = FakeAlarm()
    alarm: Alarm = fake if which == "fake" else office.alarm

    async def fail() -> None:
        async with office.database.write() as tx:
            await alarm.ring(tx, "k1", "The breaker tripped.")
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    await office.later(MINUTE)

    assert (fake.texts if which == "fake" else office.told()) == []


# Of ours alone.


async def wrote(office: Office, account: str, who: str) -> None:
    """The admin writes there, like anybody."""
    inbox = Inbox(
        office.database, office.accounts, hooks=Hooks(), jobs=FakeJobs(), news=LocalNews()
    )
    message = Incoming(ChatRef(account, who), "m", Author.CLIENT, "Hi", office.clock.now())
    await inbox.receive(message)


async def test_each_admin_is_told_on_their_own_network_by_the_employees_account(
    database: SqlDatabase, shop: Shop
) -> None:
    office = Office(database)
    await wrote(office, "phone", "+491")

    await office.ring(employee="bert")
    await office.run()

    assert (office.told("help"), office.told("shop")) == (["The breaker tripped."], [])
    assert [ref for ref, _, _ in office.consoles["phone"].shown] == [ChatRef("phone", "+491")]


async def test_without_admins_nothing_is_stored(office: Office, count: Count) -> None:
    office.accounts["shop"] = Account("telegram", "anna")

    await office.ring()

    assert await count("alarms") == 0


async def test_a_lost_job_is_found_by_the_sweep(office: Office) -> None:
    await office.ring()
    office.jobs.lose()

    await office.later(MINUTE)

    assert office.told() == ["The breaker tripped."]


async def test_a_job_that_comes_twice_tells_once(office: Office) -> None:
    await office.ring()
    (_, _, key) = office.jobs.waiting[0]

    await office.alarm.job(key)
    await office.alarm.job(key)
    await office.later(MINUTE)

    assert office.told() == ["The breaker tripped."]


async def test_after_a_crash_while_it_is_sent_it_is_not_sent_again(office: Office) -> None:
    class Killed(BaseException):
        pass

    class Cut(FakeConsole):
        async def show(self, *args: object) -> None:
            raise Killed

    office.consoles["shop"] = Cut()
    await office.ring()
    with pytest.raises(Killed):
        await office.run()
    office.consoles["shop"] = FakeConsole()

    for _ in range(3):
        await office.later(MINUTE)

    assert office.told() == []
    assert await states(office) == [("shop", "uncertain")]


@pytest.mark.parametrize(
    ("faults", "after"),
    [
        ([ChannelError("refused")], timedelta(seconds=5)),
        ([ChannelBusyError(timedelta(minutes=9))], timedelta(minutes=9)),
        ([ChannelError("refused")] * 3, timedelta(seconds=155)),
    ],
    ids=["refused", "busy", "often"],
)
async def test_what_was_surely_not_sent_is_tried_again_later(
    office: Office, faults: list[BotError], after: timedelta
) -> None:
    office.faults("shop", *faults)
    await office.ring()
    await office.run()
    end = office.clock.now() + after

    while office.jobs.waiting and office.jobs.waiting[0][0] < end:
        office.clock.move_to(office.jobs.waiting[0][0])
        await office.run()
    assert office.told() == []
    office.clock.move_to(end)
    await office.run()

    assert office.told() == ["The breaker tripped."]


async def test_what_may_have_been_sent_is_left_at_that(office: Office) -> None:
    office.faults("shop", UnknownDeliveryError("reset"))

    await office.ring()
    await office.run()
    await office.later(DAY)

    assert office.told() == []
    assert await states(office) == [("shop", "uncertain")]


async def test_who_cannot_be_reached_by_one_account_hears_it_from_the_next(
    office: Office,
) -> None:
    office.accounts["help"] = Account("telegram", "bert", admins={"7"})
    office.faults("shop", ChatUnreachableError("never started that bot"))

    await office.ring(employee="anna")
    await office.run()

    assert (office.told("shop"), office.told("help")) == ([], ["The breaker tripped."])


async def test_who_cannot_be_reached_at_all_is_given_up(office: Office) -> None:
    office.faults("shop", ChatUnreachableError("blocked"))

    await office.ring()
    await office.run()
    await office.later(DAY)

    assert office.told() == []
    assert await states(office) == [("shop", "failed")]


async def test_whoever_is_no_admin_any_more_is_not_told(office: Office) -> None:
    await office.ring()
    office.accounts["shop"] = Account("telegram", "anna", admins={"8"})

    await office.run()

    assert office.told() == []
    assert await states(office) == [("shop", "failed")]


@pytest.mark.parametrize(
    ("ago", "state"),
    [(None, "failed"), (DAY, "failed"), (DAY - MINUTE, "sent")],
    ids=["never wrote", "window closed", "window open"],
)
async def test_a_network_with_a_window_takes_it_only_in_there(
    database: SqlDatabase, shop: Shop, ago: timedelta | None, state: str
) -> None:
    office = Office(database)
    office.accounts = {"phone": office.accounts["phone"]}
    if ago is not None:
        await wrote(office, "phone", "+491")
        office.clock.advance(ago)

    await office.ring()
    await office.run()

    assert len(office.told("phone")) == (state == "sent")
    assert await states(office) == [("phone", state)]


async def test_an_alarm_is_no_message_of_a_chat(office: Office, count: Count) -> None:
    await office.ring()
    await office.run()

    assert (await count("chats"), await count("messages")) == (0, 0)


async def test_old_alarms_are_forgotten(office: Office, count: Count) -> None:
    await office.ring()
    await office.run()

    async with office.database.write() as tx:
        await office.alarm.forget(tx, office.clock.now() + MINUTE)

    assert await count("alarms") == 0


async def states(office: Office) -> list[tuple[str, str]]:
    query = select(alarms.c.account, alarms.c.state).order_by(alarms.c.id)
    async with office.database.read() as connection:
        return [(account, state) for account, state in await connection.execute(query)]
