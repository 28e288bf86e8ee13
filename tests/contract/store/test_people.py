"""People, their sessions and links, on each database; several processes at once."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot.errors import PeopleError
from bot.journal import SqlJournal
from bot.passwords import NOBODYS, Passwords
from bot.people import LINK_LIFE, People
from bot.sessions import IDLE, Sessions
from bot.signing_in import BY_NAME, SigningIn, TooOftenError
from bot.site import PersonRole
from bot.store.database import SqlDatabase
from bot.testing import FakeClock
from tests.contract.store.conftest import Connect

ROUNDS = 20
PASSWORD = "four green bicycles"  # noqa: S105  of nobody


@dataclass
class House:
    """Everything about people in one process."""

    database: SqlDatabase
    clock: FakeClock

    def __post_init__(self) -> None:
        passwords = Passwords()
        journal = SqlJournal(self.clock)
        self.people = People(self.database, self.clock, journal, passwords)
        self.sessions = Sessions(self.database, self.clock)
        self.signing_in = SigningIn(self.database, self.clock, self.people, passwords)

    async def admin(self, name: str) -> int:
        secret = await self.people.add("test", name, PersonRole.ADMIN)
        return await self.people.accept(secret, "", PASSWORD)


@pytest.fixture
def house(database: SqlDatabase) -> House:
    return House(database, FakeClock())


@pytest.fixture
def next_door(url: str, connect: Connect, house: House) -> House:
    """Another process on the same database."""
    return House(connect(url), house.clock)


def outcomes(found: list[object]) -> tuple[int, int]:
    """How many went well, and how many were refused."""
    refused = sum(isinstance(each, PeopleError) for each in found)
    assert not [each for each in found if isinstance(each, Exception)][refused:]
    return len(found) - refused, refused


async def test_whoever_is_stored_comes_back_as_they_were(house: House) -> None:
    olga = await house.admin("Ольга 🚲")
    await house.people.prefer(olga, "ru", "Europe/Berlin", "dark")

    found = await house.people.named("ОЛЬГА 🚲")

    assert found is not None
    assert (found.id, found.name, found.role) == (olga, "Ольга 🚲", PersonRole.ADMIN)
    assert (found.language, found.zone, found.theme) == ("ru", "Europe/Berlin", "dark")
    assert found.is_ready


async def test_of_two_admins_who_remove_each_other_at_once_one_stays(
    house: House, next_door: House
) -> None:
    await house.people.add("test", "0", PersonRole.ADMIN)

    for n in range(1, ROUNDS):
        await house.people.add("test", f"{n}", PersonRole.ADMIN)
        one, two = (each.id for each in await house.people.everyone())
        found = await asyncio.gather(
            house.people.remove("One", two),
            next_door.people.remove("Two", one),
            return_exceptions=True,
        )

        assert outcomes(list(found)) == (1, 1)
        assert len(await house.people.everyone()) == 1


async def test_a_link_that_two_use_at_once_works_for_one(house: House, next_door: House) -> None:
    secret = await house.people.first_link()
    assert secret is not None

    found = await asyncio.gather(
        house.people.accept(secret, "One", PASSWORD),
        next_door.people.accept(secret, "Two", PASSWORD),
        return_exceptions=True,
    )

    assert outcomes(list(found)) == (1, 1)
    assert len(await house.people.everyone()) == 1


async def test_a_name_that_two_add_at_once_is_there_once(house: House, next_door: House) -> None:
    found = await asyncio.gather(
        *(each.people.add("test", "Olga", PersonRole.VIEWER) for each in (house, next_door)),
        return_exceptions=True,
    )

    assert outcomes(list(found)) == (1, 1)


async def test_a_session_is_found_by_every_process_until_it_is_over(
    house: House, next_door: House
) -> None:
    secret = await house.sessions.open(await house.admin("Olga"))

    house.clock.advance(IDLE - timedelta(seconds=1))
    seen = await next_door.sessions.find(secret)
    house.clock.advance(IDLE - timedelta(seconds=1))
    again = await house.sessions.find(secret)
    house.clock.advance(IDLE)

    assert seen is not None
    assert again is not None
    assert await next_door.sessions.find(secret) is None
    assert await house.sessions.find("") is None


async def test_a_name_that_no_database_takes_is_nobodys(house: House) -> None:
    await house.admin("Olga")

    for name in ("\0", "Olga\0", "\ud800"):
        with pytest.raises(PeopleError):
            await house.signing_in.enter(name, PASSWORD, "10.0.0.1")


async def test_failures_are_counted_over_processes(house: House, next_door: House) -> None:
    await house.admin("Olga")

    for n in range(BY_NAME.failures):
        with pytest.raises(PeopleError):
            await (house, next_door)[n % 2].signing_in.enter("Olga", "wrong", f"10.0.0.{n}")

    for each in (house, next_door):
        with pytest.raises(TooOftenError) as refused:
            await each.signing_in.enter("Olga", PASSWORD, "10.0.0.9")
        assert refused.value.wait == BY_NAME.time
    house.clock.advance(BY_NAME.time)
    assert (await house.signing_in.enter("Olga", PASSWORD, "10.0.0.9")).name == "Olga"


async def test_what_is_too_old_is_forgotten(house: House) -> None:
    olga = await house.admin("Olga")
    await house.sessions.open(olga)
    link = await house.people.link("test", olga)

    house.clock.advance(LINK_LIFE)
    async with house.database.write() as tx:
        for each in (house.people, house.sessions, house.signing_in):
            await each.forget(tx)

    assert await house.people.invitation(link) is None
    assert await house.sessions.count(olga) == 0


async def test_an_unknown_name_costs_as_much_as_a_known_one() -> None:
    passwords = Passwords()

    kept = await passwords.hashed(PASSWORD)
    assert NOBODYS.split("$")[:4] == kept.split("$")[:4]
    assert await passwords.matches(kept, PASSWORD)
    assert not await passwords.matches(None, PASSWORD)
    assert not await passwords.matches("", PASSWORD)
    assert not await passwords.matches("rubbish", PASSWORD)
