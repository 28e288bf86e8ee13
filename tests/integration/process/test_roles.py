"""The web server and workers as processes of their own, over one Redis and one database."""

import pytest

from bot.embedded import EmbeddedRedis
from tests.running import Place, Visitor

pytestmark = pytest.mark.redis


def test_web_and_two_workers_share_the_work_and_send_once(place: Place) -> None:
    place.settings("2s", "2s")
    server = EmbeddedRedis(place.folder)
    server.start()
    place.environment["REDIS_URL"] = server.url
    try:
        visitor = Visitor(place.start("web").base)
        workers = [place.start("worker") for _ in range(2)]

        visitor.say("Hello")
        visitor.hears(1, "answers")
        workers[0].kill()
        visitor.hears(2)

        done = place.rows("SELECT step_id FROM followup_reminders WHERE state = 'sent'")
        assert [row["step_id"] for row in done] == ["s1", "s2"]
        assert len(visitor.heard()) == 3
    finally:
        place.close()
        server.stop()
