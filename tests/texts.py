"""Texts that no two are alike: what repeats an earlier reminder never leaves."""

from hashlib import sha256

_LETTERS = str.maketrans("0123456789", "ghjklmnprt")


def unlike(number: int) -> str:
    """Six words that have nothing in common with those of another number."""
    letters = sha256(str(number).encode()).hexdigest().translate(_LETTERS)
    return " ".join(letters[start : start + 6] for start in range(0, 36, 6))
