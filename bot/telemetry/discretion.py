"""The second line of defence: what a log line must not tell, whoever wrote it.

The first one is not to write it. But libraries quote what they work on: an exception the value that
it could not read, a client of HTTP the address with the token in it, a driver the parameters of its
statement. So of an error from elsewhere its kind is told, and its traceback; never its words.
"""

import re
import traceback
from collections.abc import Iterable, Iterator
from typing import Final

from bot.errors import BotError

_MASK: Final = "***"
_SHORTEST: Final = 6
"""A shorter secret would be found in harmless words."""
_PATTERNS: Final = (
    (re.compile(r"\d+:[A-Za-z0-9_-]{30,}"), _MASK),
    (re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{6,}", re.IGNORECASE), rf"\1 {_MASK}"),
    (re.compile(r"\bsk-[A-Za-z0-9_-]{12,}|\bfbt_[A-Za-z0-9_-]{12,}"), _MASK),
    (re.compile(r"://[^/\s:@'\"]*:[^/\s@'\"]+@"), f"://{_MASK}@"),
    # Phone numbers, as people and as addresses write them.
    (re.compile(r"(?:\+|%2B)\d(?:[ ().-]{0,2}\d){6,16}", re.IGNORECASE), "+" + _MASK),
    # What asyncio and pydantic quote of values, in the middle of a sentence.
    (re.compile(r"\bexception=(\w+)\(.*", re.DOTALL), rf"exception=\1({_MASK})"),
    (re.compile(r"\binput_value=.*?(?=, input_type=)", re.DOTALL), f"input_value={_MASK}"),
)
_NAMED: Final = (AttributeError, NameError, ImportError)
_CODES: Final = ("sqlite_errorname", "sqlstate", "status_code", "strerror")


class Secrets:
    """What must be told to nobody; masks it, and whatever looks like it."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        long = {secret for secret in known if len(secret) >= _SHORTEST}
        spelled = long | {_in_json(secret) for secret in long}
        # The longest first: one may begin with another.
        ordered = sorted(spelled, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def masked(self, text: str) -> str:
        """The text without them."""
        if self._known is not None:
            text = self._known.sub(_MASK, text)
        for pattern, instead in _PATTERNS:
            text = pattern.sub(instead, text)
        return text


def told(error: BaseException) -> str:
    """What may be told of an error: all of our own, of another the kind and its code."""
    name = type(error).__qualname__
    if isinstance(error, BotError):
        return f"{name}: {error}"
    if isinstance(error, _NAMED):
        missing = getattr(error, "name", None)
        return f"{name}: {missing}" if str(missing).isidentifier() and missing else name
    codes = (getattr(error, code, None) for code in _CODES)
    code = next((code for code in codes if isinstance(code, str | int)), None)
    return name if code is None else f"{name}: {code}"


def traced(error: BaseException) -> str:
    """The traceback of the error and of those that led to it, in places and kinds alone."""
    return "\n".join(_pieces(error, set()))


def _pieces(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and id(cause) not in seen:
        yield from _pieces(cause, seen)
        yield "\nThat led to this:\n"
    if error.__traceback__ is not None:
        yield "Traceback (most recent call last):"
        yield "".join(traceback.format_tb(error.__traceback__)).rstrip()
    yield told(error)
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            if id(each) not in seen:
                yield from _pieces(each, seen)


def _in_json(secret: str) -> str:
    """How a line of JSON spells it."""
    return secret.replace("\\", "\\\\").replace('"', '\\"')
