"""Rules 1 to 5: start, chain, reset, run once, done."""

from datetime import timedelta

from tests.story.conftest import Worlds, steps

HOUR = timedelta(hours=1)


async def test_the_manuals_example_reminds_after_4_then_24_then_48_hours(world: Worlds) -> None:
    w = await world(steps("4h", "24h", "48h"))

    await w.client("Do you have the blue one?")
    await w.wait(80 * HOUR)

    assert await w.reminders() == ["s1 +4:00:00", "s2 +1 day, 4:00:00", "s3 +3 days, 4:00:00"]
    assert await w.why() == "done"
