"""When Python looks for garbage: a look at everything stops all clients for its time."""

import gc
from typing import Final

_THRESHOLD: Final = (20_000, 20, 20)
"""Young objects before a look at them; looks before one at the older ones, and at the oldest."""


def leave_alone() -> None:
    """What there is now stays until the end, so nobody looks through it again.

    With a thousand visitors connected, a third of a web server's computing went into such looks,
    and each at everything took a tenth of a second.
    """
    gc.freeze()
    gc.set_threshold(*_THRESHOLD)
