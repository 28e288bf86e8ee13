"""How screens are made: lines of text, rows of buttons, and refusals in plain words."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, tzinfo

from bot.api import Button, Screen
from plugins.followup.model import delay_text
from plugins.followup.words import left

COMMAND = "/followup"
_LONGEST_COMMAND = 64
"""Bytes that Telegram lets a button carry."""
LONGEST_TEXT = 2000
"""Fits into one message everywhere, emoji included."""
_IN_HOURS = 72

Row = Sequence[Button | None]


class RefusedError(Exception):
    """It cannot be done; the screen says why, and what can."""

    def __init__(self, text: str, *rows: Row, ask: str | None = None) -> None:
        super().__init__(text)
        self.screen = screen([text], *rows, ask=ask)


def button(label: str, *words: object) -> Button | None:
    """A button that gives this command; none where the command is too long for one."""
    command = " ".join([COMMAND, *(str(word) for word in words if str(word))])
    return Button(label, command) if len(command.encode()) <= _LONGEST_COMMAND else None


def screen(lines: Iterable[str], *rows: Row, ask: str | None = None) -> Screen:
    """Lines below each other; a button that does not fit is left out, and so is an empty row."""
    buttons = [[each for each in row if each is not None] for row in rows]
    text = clipped("\n".join(lines).strip(), LONGEST_TEXT)
    return Screen(text, [row for row in buttons if row], ask)


def home() -> Row:
    """The way back from everywhere."""
    return (button("Overview", "status"), button("Help", "help"))


def clipped(text: str, longest: int) -> str:
    """As much of it as fits."""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def excerpt(text: str, longest: int = 60) -> str:
    """The beginning of it, on one line."""
    return clipped(" ".join(text.split()), longest)


def counted(count: int, thing: str) -> str:
    """One of a thing, or many: "1 chat", "2 chats"."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def spoken(delay: timedelta) -> str:
    """A delay as people set it: "24h" and "48h" rather than days, "90m" as "1h30m"."""
    hours, rest = divmod(delay, timedelta(hours=1))
    return delay_text(delay) if rest or hours > _IN_HOURS else f"{hours}h"


def clock(at: datetime, zone: tzinfo) -> str:
    """The employee's wall clock, as people say it: "Mon 2 Mar 13:00"."""
    local = at.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b} {local:%H:%M}"


def when(at: datetime, zone: tzinfo, now: datetime) -> str:
    """The moment, and how far away it is."""
    return f"{clock(at, zone)} ({left(at - now)})"
