"""What Telegram's refusals mean to those who send."""

from datetime import timedelta

from bot.api import (
    BotError,
    ChannelBusyError,
    ChannelError,
    ChatUnreachableError,
    UnknownDeliveryError,
    WindowClosedError,
)
from channels.telegram.wire import NotReachedError, RefusedError

_BAD_REQUEST = 400
_FORBIDDEN = 403
_BUSY = 429
_TOKEN = {401, 404}
_GONE = (
    "chat not found",
    "user not found",
    "peer_id_invalid",
    "deactivated",
    "user_is_blocked",
    "bot was blocked",
    "business_peer_invalid",
    "business_connection_invalid",
    "business_connection_not_allowed",
    "business connection not found",
)
_CLOSED = ("business_peer_usage_missing",)
_UNREADABLE = ("can't parse",)


def meaning(error: BotError) -> BotError:
    """The error that the runtime knows, for any of a wire's."""
    match error:
        case RefusedError():
            return _meaning(error)
        case NotReachedError():
            return ChannelError(str(error))
        case _:
            return UnknownDeliveryError(str(error))


def is_unreadable(error: RefusedError) -> bool:
    """Whether Telegram did not understand our markup."""
    return error.code == _BAD_REQUEST and error.says(*_UNREADABLE)


def is_bad_token(error: RefusedError) -> bool:
    """Whether the bot itself is unknown; nothing else gives these codes."""
    return error.code in _TOKEN


def wait_of(error: RefusedError) -> timedelta | None:
    """How long Telegram asks to wait, if that is what it says."""
    if error.code != _BUSY:
        return None
    seconds = error.parameters.get("retry_after")
    return timedelta(seconds=seconds if isinstance(seconds, int) and seconds > 0 else 1)


def _meaning(error: RefusedError) -> BotError:
    if wait := wait_of(error):
        return ChannelBusyError(wait)
    if error.says(*_CLOSED):
        return WindowClosedError("the client has not written in the last 24 hours")
    if error.code == _FORBIDDEN or error.says(*_GONE):
        return ChatUnreachableError(error.text)
    if is_bad_token(error):
        return ChannelError("the token is not accepted by Telegram")
    # What Telegram did not understand may be quoted in its reason.
    return ChannelError("the markup is not accepted" if is_unreadable(error) else error.text)
