"""The networks' limits, kept in a real Redis by all processes together."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from bot.clock import SystemClock
from bot.embedded import EmbeddedRedis
from bot.model import Chat, ChatRef, Rate
from bot.redis_link import connect_async, rest
from bot.throttle import RedisThrottle

ONE = Chat(1, ChatRef("tg", "100"), "anna")
TWO = Chat(2, ChatRef("tg", "200"), "anna")
ELSEWHERE = Chat(3, ChatRef("wa", "100"), "anna")
MINUTE = timedelta(minutes=1)
EACH = Rate(1, MINUTE, each_chat=True)
ALL = Rate(2, MINUTE)
NONE = timedelta()


@pytest.fixture
async def shared(server: EmbeddedRedis) -> AsyncIterator[Redis]:
    async with connect_async(server.url) as connection:
        yield connection


@pytest.fixture
def throttle(shared: Redis) -> RedisThrottle:
    return RedisThrottle(shared, SystemClock())


async def test_a_chat_has_its_own_limit(throttle: RedisThrottle) -> None:
    assert await throttle.slot("gate", ONE, [EACH]) == NONE

    assert NONE < await throttle.slot("gate", ONE, [EACH]) <= MINUTE
    assert await throttle.slot("gate", TWO, [EACH]) == NONE


async def test_an_account_has_one_limit_for_all_its_chats(throttle: RedisThrottle) -> None:
    chats = [Chat(n, ChatRef("tg", str(n)), "anna") for n in range(3)]

    waits = [await throttle.slot("gate", chat, [EACH, ALL]) for chat in chats]

    assert waits[:2] == [NONE, NONE]
    assert NONE < waits[2] <= MINUTE
    assert await throttle.slot("gate", ELSEWHERE, [EACH, ALL]) == NONE


async def test_processes_share_the_limits(throttle: RedisThrottle, server: EmbeddedRedis) -> None:
    async with connect_async(server.url) as connection:
        other = RedisThrottle(connection, SystemClock())
        assert await other.slot("gate", ONE, [EACH]) == NONE

        assert await throttle.slot("gate", ONE, [EACH]) > NONE


async def test_a_slot_is_free_again_after_its_time(throttle: RedisThrottle) -> None:
    short = Rate(1, timedelta(seconds=1), each_chat=True)
    assert await throttle.slot("gate", ONE, [short]) == NONE

    wait = await throttle.slot("gate", ONE, [short])
    await rest(wait.total_seconds() + 0.05)

    assert await throttle.slot("gate", ONE, [short]) == NONE


async def test_what_the_network_asked_for_holds_the_whole_account(throttle: RedisThrottle) -> None:
    await throttle.hold("tg", MINUTE)

    assert NONE < await throttle.held("tg") <= MINUTE
    assert await throttle.slot("gate", ONE, []) > NONE
    assert await throttle.slot("gate", TWO, [EACH]) > NONE
    assert await throttle.slot("gate", ELSEWHERE, [EACH]) == NONE


async def test_a_shorter_wait_never_ends_a_longer_one(throttle: RedisThrottle) -> None:
    await throttle.hold("tg", MINUTE)

    await throttle.hold("tg", timedelta(seconds=1))

    assert await throttle.held("tg") > timedelta(seconds=30)


async def test_no_redis_is_no_reason_not_to_send(
    throttle: RedisThrottle, server: EmbeddedRedis
) -> None:
    server.stop()

    assert await throttle.slot("gate", ONE, [EACH]) == NONE
    await throttle.hold("tg", MINUTE)
    assert await throttle.held("tg") == NONE


async def test_each_door_has_the_limits_for_itself(throttle: RedisThrottle) -> None:
    assert await throttle.slot("gate", ONE, [EACH]) == NONE

    assert await throttle.slot("send", ONE, [EACH]) == NONE
    assert await throttle.slot("send", ONE, [EACH]) > NONE
