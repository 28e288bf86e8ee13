"""Makes the id of a new employee from its name."""

import re
from collections.abc import Container
from itertools import count
from unicodedata import normalize

_LONGEST = 36


def id_from(name: str, taken: Container[str]) -> str:
    """Letters and digits as the settings allow them; numbered, where that is taken."""
    plain = normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub("[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST].strip("-") or "employee"
    numbered = (f"{stem}-{n}" for n in count(2))
    return stem if stem not in taken else next(each for each in numbered if each not in taken)
