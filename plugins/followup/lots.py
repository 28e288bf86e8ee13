"""Draws lots: the same chat always gets the same one, and nobody chooses who gets which. Pure."""

from hashlib import sha256

LOTS = 100


def lot_of(employee: str, chat: int) -> int:
    """The chat's number from 0 to 99 in the hold-out of that employee."""
    return _drawn("hold-out", employee, str(chat)) % LOTS


def _drawn(*what: str) -> int:
    return int.from_bytes(sha256("\0".join(what).encode()).digest()[:8], "big")
