"""What a look at the settings, and at what they name, finds."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, what was found, and whether that is a fault; never a secret."""

    what: str
    text: str
    fault: bool = False


Look = Callable[[], Awaitable[Sequence[Finding]]]
