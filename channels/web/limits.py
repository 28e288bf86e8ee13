"""How much one visitor, or all behind one address, may ask of an account; kept by each process."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
# Who was not heard of for longest is forgotten first, so that a flood cannot fill the memory.
_ROOM = 100_000
_LINES = 20
_LATER = timedelta(seconds=5)

Most = Annotated[int, Field(ge=0, le=1_000_000)]


class WebLimits(BaseModel):
    """The account's limits in the settings; 0 is none."""

    model_config = ConfigDict(extra="forbid")

    visitor_minute: Most = 600
    address_minute: Most = 6000
    address_hour: Most = 2000


@dataclass(slots=True)
class Allowance:
    """At most `count` at once, and no more than `count` in each `per` after that; by key."""

    count: int
    per: timedelta
    _whole: dict[str, datetime] = field(default_factory=dict)

    def wait(self, key: str, now: datetime) -> timedelta:
        """Nothing, and it counts; or how long until it would be let in."""
        if not self.count:
            return timedelta()
        step, end = self.per / self.count, now + self.per
        # When everything that was used up has come back; a clock may have gone back meanwhile.
        whole = min(max(self._whole.pop(key, now), now), end)
        late = whole + step > end
        self._whole[key] = whole if late else whole + step
        if len(self._whole) > _ROOM:
            del self._whole[next(iter(self._whole))]
        return whole + step - end if late else timedelta()


class Limits:
    """The limits of one account. All raise HTTPException 429 for what is too much."""

    def __init__(self, most: WebLimits) -> None:
        self._visitor = Allowance(most.visitor_minute, _MINUTE)
        self._address = Allowance(most.address_minute, _MINUTE)
        self._newcomers = Allowance(most.address_hour, _HOUR)
        self._lines: Counter[int] = Counter()

    def enter(self, address: str | None, now: datetime) -> None:
        """A new visitor; without an address nobody is counted."""
        if address is not None:
            _check(self._newcomers.wait(address, now), "Too many new visitors")

    def knock(self, address: str | None, now: datetime) -> None:
        """A message from that address, before anything else of it is looked at."""
        if address is not None:
            _check(self._address.wait(address, now), "Too many messages")

    def say(self, chat: int, now: datetime) -> None:
        """A message in that chat."""
        _check(self._visitor.wait(str(chat), now), "Too many messages")

    @contextmanager
    def line(self, chat: int) -> Iterator[None]:
        """Somebody listens to that chat, in one of a few tabs and devices."""
        self._lines[chat] += 1
        try:
            yield
        finally:
            self._lines[chat] -= 1
            if not self._lines[chat]:
                del self._lines[chat]

    def listen(self, chat: int) -> None:
        """Whether one more may."""
        _check(_LATER if self._lines[chat] >= _LINES else timedelta(), "Too many open lines")


def _check(wait: timedelta, fault: str) -> None:
    if wait:
        seconds = -(-wait // timedelta(seconds=1))
        raise HTTPException(
            429, f"{fault}; try again in {seconds} s.", {"Retry-After": str(seconds)}
        )
