"""Texts as a database can keep them."""

_LONGEST_NAME = 120


def storable(text: str) -> str:
    """Without what no database takes: the NUL character and halves of surrogate pairs."""
    whole = text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass")
    return whole.decode("utf-16", "replace")


def named(who: str) -> str:
    """Somebody's name, as much of it as is kept."""
    return storable(who)[:_LONGEST_NAME]
