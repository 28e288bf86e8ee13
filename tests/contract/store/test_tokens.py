"""Tokens on each database; several processes at once."""

import asyncio
from datetime import timedelta

import pytest

from bot.errors import PeopleError
from bot.journal import SqlJournal
from bot.operations import Scope
from bot.passwords import Passwords
from bot.people import People
from bot.signing_in import TooOftenError, WrongTokens
from bot.site import PersonRole
from bot.store.database import SqlDatabase
from bot.testing import FakeClock
from bot.tokens import ALLOWED, Tokens, Wanted
from tests.contract.store.conftest import Connect

READ = Wanted("crm", [Scope.READ])


class House:
    """Tokens, and the people they belong to, in one process."""

    def __init__(self, database: SqlDatabase, clock: FakeClock) -> None:
        journal = SqlJournal(clock)
        self.clock = clock
        self.people = People(database, clock, journal, Passwords())
        self.tokens = Tokens(database, clock, journal)
        self.wrong = WrongTokens(database, clock)

    async def person(self, name: str = "Olga", role: PersonRole = PersonRole.ADMIN) -> int:
        await self.people.add("test", name, role)
        account = await self.people.named(name)
        assert account is not None
        return account.id


@pytest.fixture
def house(database: SqlDatabase) -> House:
    return House(database, FakeClock())


@pytest.fixture
def next_door(url: str, connect: Connect, house: House) -> House:
    """Another process on the same database."""
    return House(connect(url), house.clock)


async def test_a_token_is_found_by_its_secret_alone(house: House, next_door: House) -> None:
    olga = await house.person()
    secret = await house.tokens.make("test", olga, Wanted("crm", tuple(Scope), 2))

    found = await next_door.tokens.find(secret)

    assert found is not None
    assert (found.account.id, found.token.name, found.scopes) == (olga, "crm", frozenset(Scope))
    assert await next_door.tokens.find(secret[:-1]) is None
    assert await next_door.tokens.find("") is None


async def test_being_used_is_written_down_now_and_then(house: House) -> None:
    olga = await house.person()
    secret = await house.tokens.make("test", olga, READ)
    first = house.clock.now()
    await house.tokens.find(secret)
    house.clock.advance(timedelta(minutes=4))
    await house.tokens.find(secret)
    soon = (await house.tokens.of(olga))[0].seen_at
    house.clock.advance(timedelta(minutes=1))

    await house.tokens.find(secret)

    assert soon == first
    assert (await house.tokens.of(olga))[0].seen_at == house.clock.now()


async def test_a_name_is_used_once_for_each_person(house: House) -> None:
    olga, ivan = await house.person(), await house.person("Ivan")
    await house.tokens.make("test", olga, READ)

    await house.tokens.make("test", ivan, READ)
    with pytest.raises(PeopleError):
        await house.tokens.make("test", olga, READ)

    assert [len(await house.tokens.of(each)) for each in (olga, ivan)] == [1, 1]


async def test_of_two_who_make_the_same_at_once_one_does(house: House, next_door: House) -> None:
    olga = await house.person()

    found = await asyncio.gather(
        *(each.tokens.make("test", olga, READ) for each in (house, next_door)),
        return_exceptions=True,
    )

    assert sorted(type(each) for each in found if not isinstance(each, str)) == [PeopleError]
    assert len(await house.tokens.of(olga)) == 1


async def test_a_token_does_what_the_role_allows_now(house: House) -> None:
    await house.person("Boss")
    olga = await house.person()
    secret = await house.tokens.make("test", olga, Wanted("crm", tuple(Scope)))

    await house.people.set_role("test", olga, PersonRole.VIEWER)

    found = await house.tokens.find(secret)
    assert found is not None
    assert found.scopes == ALLOWED[PersonRole.VIEWER] == {Scope.READ}


async def test_whoever_is_removed_leaves_no_token(house: House) -> None:
    await house.person("Boss")
    olga = await house.person()
    secret = await house.tokens.make("test", olga, READ)

    await house.people.remove("test", olga)

    assert await house.tokens.find(secret) is None
    with pytest.raises(PeopleError):
        await house.tokens.make("test", olga, READ)


async def test_only_ones_own_tokens_are_revoked(house: House) -> None:
    olga, ivan = await house.person(), await house.person("Ivan")
    secret = await house.tokens.make("test", olga, READ)
    token = (await house.tokens.of(olga))[0].id

    with pytest.raises(PeopleError):
        await house.tokens.revoke("test", ivan, token)
    with pytest.raises(PeopleError):
        await house.tokens.revoke("test", olga, token + 1)
    kept = await house.tokens.find(secret)
    await house.tokens.revoke("test", olga, token)

    assert kept is not None
    assert await house.tokens.find(secret) is None


async def test_wrong_tokens_are_counted_by_address(house: House, next_door: House) -> None:
    for _ in range(10):
        await house.wrong.count("192.0.2.1")
        await next_door.wrong.count("192.0.2.1")

    with pytest.raises(TooOftenError) as caught:
        await next_door.wrong.count("192.0.2.1")
    await house.wrong.count("2001:db8:1234:5678::/64")

    assert caught.value.wait == timedelta(hours=1)
