"""The benchmark's own part goes through: real processes, few chats."""

from benchmarks.ground import Size, ground
from benchmarks.ours import Ours

TINY = Size(seconds=0.5, patience=30, due=20)


def test_what_is_due_at_one_second_is_sent_and_marked() -> None:
    with ground() as place:
        found = Ours("ours, SQLite", place, TINY).herd()

    assert (found["ran"], found["early"], found["twice"]) == (20, 0, 0)


def test_messages_are_counted_with_their_commits() -> None:
    with ground() as place:
        found = Ours("ours, SQLite", place, TINY).rearm()

    assert float(str(found["rate"])) > 0
