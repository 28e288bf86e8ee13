"""How a Redis is reached: a URL becomes a client that gives up soon, so nothing ever hangs."""

import asyncio
from typing import Any
from urllib.parse import unquote, urlsplit

import redis
from redis import asyncio as redis_async
from redis.asyncio import retry as retry_async
from redis.asyncio import sentinel as sentinel_async
from redis.backoff import NoBackoff
from redis.retry import Retry
from redis.sentinel import Sentinel

from bot.errors import SettingsError

# What may go wrong while Redis is away; everything here goes on without it.
OUTAGE = (redis.RedisError, OSError)

_LONGEST_PAUSE = 5.0
_SENTINEL = ("redis+sentinel", "rediss+sentinel")
# Longer than any command here blocks (BLMOVE: one second). The one retry is for a pooled
# connection that the server closed meanwhile. To tell its name, the library would read its own
# metadata anew for each connection.
_LIMITS: dict[str, Any] = {
    "socket_timeout": 4,
    "socket_connect_timeout": 2,
    "driver_info": None,
}


def connect(url: str) -> redis.Redis:
    """A client for redis://, rediss://, unix:// or redis+sentinel://host:port,…/service/db."""
    client: redis.Redis = _made(url, redis.Redis.from_url, Sentinel, Retry(NoBackoff(), 1))
    return client


def connect_async(url: str) -> redis_async.Redis:
    """The same for a coroutine."""
    retry = retry_async.Retry(NoBackoff(), 1)
    client: redis_async.Redis = _made(
        url, redis_async.Redis.from_url, sentinel_async.Sentinel, retry
    )
    return client


def longer(pause: float) -> float:
    """How many seconds to wait after one more fault in a row; starts from 0."""
    return min(_LONGEST_PAUSE, max(0.25, pause * 2))


async def rest(seconds: float) -> None:
    """Do nothing for so long; nothing wakes it but a cancellation."""
    over = asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, over.set)
    await over.wait()


def _made(url: str, direct: Any, sentinel: Any, retry: object) -> Any:
    """A client of either family; the library does not type its sentinels."""
    try:
        if urlsplit(url).scheme not in _SENTINEL:
            return direct(url, **_LIMITS, retry=retry)
        service, hosts, options = _sentinel_parts(url)
        guards = sentinel(hosts, sentinel_kwargs=_LIMITS)
        return guards.master_for(service, **options, **_LIMITS, retry=retry)
    except ValueError:
        # What is wrong with it stays unsaid: that may be a piece of a password.
        raise SettingsError(
            "redis.url: not understood; set it like redis://host:6379/0, rediss://…, unix:///path "
            "or redis+sentinel://host:26379/service"
        ) from None


def _sentinel_parts(url: str) -> tuple[str, list[tuple[str, int]], dict[str, Any]]:
    parts = urlsplit(url)
    login, _, places = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    service, _, db = parts.path.lstrip("/").partition("/")
    if not service:
        raise ValueError("a sentinel URL ends with the name of the service")
    pairs = (place.partition(":") for place in places.split(","))
    hosts = [(host, int(port or 26379)) for host, _, port in pairs]
    options: dict[str, Any] = {"db": int(db or 0), "ssl": parts.scheme.startswith("rediss")}
    if user:
        options["username"] = unquote(user)
    if password:
        options["password"] = unquote(password)
    return service, hosts, options
