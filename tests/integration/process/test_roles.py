"""The web server and workers as processes of their own, over one Redis and one database."""

import pytest

from bot.embedded import EmbeddedRedis
from tests.running import Place, Visitor, eventually

pytestmark = pytest.mark.redis

UNUSED = {
    *("alembic", "bot.front", "bot.web.dashboard", "mako", "openai", "pygments", "rich"),
    *("aiogram", "plugins.followup.front", "telegram", "tomlkit", "twilio", "uvicorn"),
}
"""What takes long to load, and a worker on tables that are up to date has no use for."""


def test_web_and_two_workers_share_the_work_and_send_once(place: Place) -> None:
    place.settings("2s", "2s")
    server = EmbeddedRedis(place.folder)
    server.start()
    place.environment["REDIS_URL"] = server.url
    try:
        visitor = Visitor(place.start("web").base)
        # Its process then tells what it loads.
        place.environment["PYTHONPROFILEIMPORTTIME"] = "1"
        workers = [place.start("worker") for _ in range(2)]

        visitor.say("Hello")
        visitor.hears(1, "answers")
        workers[0].kill()
        visitor.hears(2)

        done = "SELECT step_id FROM followup_reminders WHERE state = 'sent'"
        eventually(lambda: len(place.rows(done)) > 1, "the settling of the second")
        assert [row["step_id"] for row in place.rows(done)] == ["s1", "s2"]
        assert len(visitor.heard()) == 3
        loaded = {line.rpartition("|")[2].strip() for line in workers[1].lines}
        assert "plugins.followup.gate" in loaded
        assert loaded & UNUSED == set()
    finally:
        place.close()
        server.stop()
