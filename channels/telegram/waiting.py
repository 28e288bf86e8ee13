"""Pauses of what runs all the time, and what it tells of its troubles."""

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta

from bot.api import BotError
from channels.telegram.refusals import is_bad_token, wait_of
from channels.telegram.wire import RefusedError

log = logging.getLogger(__name__)

_FIRST = 1.0
_LONGEST = 60.0
_CONFLICT = 409


async def rest(seconds: float) -> None:
    """Let time pass."""
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.Event().wait(), seconds)


class Troubles:
    """Growing pauses; a trouble is told when it begins, not each time."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._pause = _FIRST
        self._told: str | None = None

    def over(self) -> None:
        """All is well again."""
        if self._told is not None:
            log.info("channels.%s: Telegram answers again", self._account)
        self._pause, self._told = _FIRST, None

    async def pause(self, error: BotError) -> None:
        """Tell what is new, and wait."""
        what = trouble(self._account, error)
        if what != self._told:
            self._told = what
            log.warning("%s; trying again", what)
        wait = wait_of(error) if isinstance(error, RefusedError) else None
        await rest(max(self._pause, (wait or timedelta(0)).total_seconds()))
        self._pause = min(self._pause * 2, _LONGEST)


def trouble(account: str, error: BotError) -> str:
    """What is wrong, in plain words, naming the setting where it is one."""
    where = f"channels.{account}"
    if not isinstance(error, RefusedError):
        return f"{where}.api_base: {error}"
    if is_bad_token(error):
        return f"{where}.token: Telegram does not know this token; copy it from @BotFather again"
    if error.code == _CONFLICT and error.says("webhook"):
        return f"{where}.mode: a webhook is set for this bot, so its updates cannot be asked for"
    if error.code == _CONFLICT:
        return f"{where}: another program asks for the updates of this bot; stop one of the two"
    if wait := wait_of(error):
        return f"{where}: Telegram asks to wait {wait.total_seconds():.0f} s"
    return f"{where}: Telegram says: {error.text}"
