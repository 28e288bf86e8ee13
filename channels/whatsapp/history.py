"""Looks up in Twilio's own list of messages what became of one whose fate is unknown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.api import BotError, Clock
from channels.whatsapp.template import one_line
from channels.whatsapp.twilio_api import Twilio

# A send may be under way for half a minute, and the list shows what was accepted a little later:
# an empty one proves nothing before that.
SETTLED = timedelta(seconds=45)
# Clocks differ, and a message may have waited for its turn before it left.
_EARLIER, _LATER = timedelta(minutes=1), timedelta(hours=1)
_PAGE, _MOST = 200, 1000
_LOST = frozenset({"failed", "undelivered", "canceled"})
_INBOUND = "inbound"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for: all `texts` as they are, or `reminder` inside of a filled template."""

    to: str
    sender: str | None
    at: datetime
    texts: Sequence[str]
    reminder: str | None


@dataclass(frozen=True, slots=True)
class History:
    """Twilio's list of an account's messages."""

    twilio: Twilio
    clock: Clock

    async def has(self, wanted: Wanted) -> bool | None:
        """Whether it is listed as sent; None where the list is no proof."""
        asked = self.clock.now()
        try:
            listed, complete = await self._listed(wanted)
        # Whatever it was: the list was not seen.
        except (BotError, ValueError, TypeError, AttributeError):
            return None
        bodies = [each.body for each in listed if _is_near(each, wanted.at)]
        found = _found(wanted, [one_line(body) for body in bodies if body])
        if found is not False:
            return found
        unread = not all(bodies)
        trusted = complete and not unread and asked >= wanted.at + SETTLED
        return False if trusted else None

    async def _listed(self, wanted: Wanted) -> tuple[list[Any], bool]:
        """The messages around that day, and the newest ones: those in the queue have no day yet."""
        who = {"to": wanted.to} | ({"from_": wanted.sender} if wanted.sender else {})
        days = {
            "date_sent_after": _midnight(wanted.at - _EARLIER),
            "date_sent_before": _midnight(wanted.at + _LATER + timedelta(days=1)),
        }
        async with self.twilio.client() as client, self.twilio.faults():
            dated = await client.messages.list_async(**who, **days, limit=_MOST, page_size=_PAGE)
            newest = await client.messages.list_async(**who, limit=_PAGE, page_size=_PAGE)
        queued = [each for each in newest if each.date_sent is None]
        sent = [each for each in (*dated, *queued) if each.status not in _LOST]
        ours = [each for each in sent if each.direction != _INBOUND]
        return list({each.sid: each for each in ours}.values()), len(dated) < _MOST


def _found(wanted: Wanted, bodies: Sequence[str]) -> bool | None:
    """Whether it is among them; None if only some of its parts are."""
    if wanted.reminder is not None and any(wanted.reminder in body for body in bodies):
        return True
    here = [one_line(text) in bodies for text in wanted.texts]
    if any(here) and not all(here):
        return None
    return bool(here) and all(here)


def _is_near(listed: Any, at: datetime) -> bool:
    """Whether it can be that message; one without a date can."""
    made = listed.date_created or listed.date_sent
    return made is None or at - _EARLIER <= made <= at + _LATER


def _midnight(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
