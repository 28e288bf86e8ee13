"""Passwords: which are good enough, and how they are kept."""

import asyncio
import unicodedata
from importlib.resources import files
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.site import phrase

SHORTEST: Final = 10
_LONGEST: Final = 200
# Each takes 19 MiB and a core for a moment: more at once would be an attack on this machine.
_AT_ONCE: Final = 2
# Of a password that nobody has, to be compared with where there is no other.
NOBODYS: Final = (
    "$argon2id$v=19$m=19456,t=2,p=1$Ale2t3qPIzqXUpFCFarlbQ$5jI98N"
    "dK3auf9rROemTOq1/4vJ+UdHJrC8lZgYyAt1w"
)


class Passwords:
    """Argon2id with the least that is recommended; hashing happens beside the loop."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def hashed(self, password: str) -> str:
        """What may be stored."""
        async with self._room:
            return await asyncio.to_thread(self._hasher.hash, _normal(password))

    async def matches(self, stored: str | None, password: str) -> bool:
        """Whether it is that password; takes as long where there is none to compare with."""
        async with self._room:
            same = await asyncio.to_thread(self._same, stored or NOBODYS, _normal(password))
        return same and stored is not None

    def _same(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False


def weakness(password: str, name: str) -> str | None:
    """What is wrong with a new password, as a sentence to translate; None if nothing is."""
    normal = _normal(password).casefold()
    if len(normal) < SHORTEST:
        return phrase("The password needs at least 10 characters.")
    if len(normal) > _LONGEST:
        return phrase("The password is too long: 200 characters are enough.")
    if len(set(normal)) <= SHORTEST // 3:
        return phrase("The password repeats itself too much to be safe.")
    bare = normal.strip("0123456789!?.,-_ ")
    if normal in _common() or bare in _common() or (bare and bare in name.casefold()):
        return phrase("That password is one of the first that somebody would try.")
    return None


def _common() -> frozenset[str]:
    """Passwords and words that lists of attackers begin with."""
    return frozenset(files("bot").joinpath("common_passwords.txt").read_text("utf-8").split())


def _normal(password: str) -> str:
    """The same for the same keys, whatever keyboard wrote it."""
    return unicodedata.normalize("NFKC", password)
