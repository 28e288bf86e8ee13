"""What can be measured, as a value; plugins give theirs by a hook."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Measure:
    """A number under a name like `followup_due_chats`, with a sentence that explains it.

    A gauge tells how it is now. One that `counts` tells what was added in the asked time, and is
    shown as a counter under its name and `_total`.
    """

    name: str
    text: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)
    counts: bool = False
