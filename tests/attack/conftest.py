"""The worlds of the stories, for those who attack them."""

from tests.story.conftest import tables, visits, world

__all__ = ["tables", "visits", "world"]
