"""The only file that reads the time."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the moment; tests move it."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return datetime.now(UTC)
