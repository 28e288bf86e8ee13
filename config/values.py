"""The kinds of text that settings hold, each checked where it is written."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated

from pydantic import AfterValidator, AnyHttpUrl, BeforeValidator, TypeAdapter

_ID = re.compile(r"[a-z0-9_-]{1,40}")
_DATABASES = ("postgresql", "postgres", "sqlite")
_REDIS = ("redis", "rediss", "unix", "redis+sentinel", "rediss+sentinel")


def _identifier(text: str) -> str:
    if not _ID.fullmatch(text):
        raise ValueError("may have only a-z, 0-9, - and _, 1 to 40 of them, as in 'anna'")
    return text


def _http_url(text: str) -> str:
    try:
        url = TypeAdapter(AnyHttpUrl).validate_python(text)
    except ValueError:
        raise ValueError("should be an address like https://bot.example") from None
    if url.query or url.fragment or url.username or url.password:
        raise ValueError("should be an address without user, query or fragment")
    return str(url).rstrip("/")


def _database_url(text: str) -> str:
    scheme, found, _ = text.partition("://")
    if not found or scheme.partition("+")[0] not in _DATABASES:
        raise ValueError("should be an address like postgresql://user:password@host/name")
    return text


def _redis_url(text: str) -> str:
    scheme, found, _ = text.partition("://")
    if not found or scheme not in _REDIS:
        raise ValueError("should be an address like redis://host:6379/0")
    return text


def _network(given: object) -> object:
    try:
        return ip_network(str(given).strip())
    except ValueError:
        raise ValueError('should be an address or a network, like "10.0.0.0/8"') from None


def _telegram_id(given: object) -> object:
    if isinstance(given, bool) or not re.fullmatch(r"[1-9][0-9]{0,18}", str(given).strip()):
        raise ValueError(
            "should be the numeric id of a Telegram user, like 123456789 (not @name); "
            "Telegram's @userinfobot tells yours"
        )
    return str(given).strip()


def _phone(text: str) -> str:
    number = re.sub(r"[\s().-]", "", text.strip().removeprefix("whatsapp:"))
    if not re.fullmatch(r"\+[1-9][0-9]{5,14}", number):
        raise ValueError('should be a phone number with its country, like "+491701234567"')
    return number


def _blank_is_none(given: object) -> object:
    """An empty text stands for a setting that was left out."""
    return None if isinstance(given, str) and not given.strip() else given


Identifier = Annotated[str, AfterValidator(_identifier)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
RedisUrl = Annotated[str, AfterValidator(_redis_url)]
TelegramId = Annotated[str, BeforeValidator(_telegram_id)]
Phone = Annotated[str, AfterValidator(_phone)]
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]
BlankIsNone = BeforeValidator(_blank_is_none)
