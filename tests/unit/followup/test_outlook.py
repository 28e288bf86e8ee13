"""What a chain would do, before it is saved: an example, and the effect on chats that wait."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from plugins.followup.chain import answered, client_wrote, due, saved, sent
from plugins.followup.hours import Hours
from plugins.followup.model import Chain, Due, Reason, Silence, Step
from plugins.followup.ports import Plan
from plugins.followup.settings_tab.outlook import MANY, effect, example

HOUR = timedelta(hours=1)
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
ALWAYS = Hours(ZoneInfo("UTC"))


def chain(*hours: float, enabled: bool = True) -> Chain:
    steps = tuple(Step(f"s{n}", h * HOUR, "Do it.") for n, h in enumerate(hours, 1))
    return Chain(steps, enabled)


def silent(hours: float) -> Silence:
    """A client who was answered so many hours ago, and says nothing since."""
    at = NOW - hours * HOUR
    return answered(client_wrote(None, at), at)


def test_the_example_begins_next_monday_at_ten_whatever_day_it_is() -> None:
    zone = ZoneInfo("Asia/Kolkata")
    hours = Hours(zone)

    for day in range(14):
        start = example(chain(4), hours, NOW + timedelta(days=day)).start
        assert (start.weekday(), start.hour, start.tzinfo) == (0, 10, zone)
        assert timedelta() < start - (NOW + timedelta(days=day)) <= timedelta(days=7, hours=14)


def test_the_example_ignores_when_the_chain_was_saved_or_switched_on() -> None:
    late = saved(chain(4), chain(4).steps, NOW + timedelta(days=90), enabled=True)

    assert example(late, ALWAYS, NOW).moments == example(chain(4), ALWAYS, NOW).moments


def test_the_example_keeps_the_wall_clock_over_a_clock_change() -> None:
    berlin = Hours(ZoneInfo("Europe/Berlin"))
    friday = datetime(2026, 3, 20, 12, tzinfo=UTC)

    shown = example(chain(4, 143), berlin, friday)

    assert [each.at.isoformat() for each in shown.moments] == [
        "2026-03-23T14:00:00+01:00",
        "2026-03-29T14:00:00+02:00",
    ]


def test_a_reminder_a_week_later_has_a_date_and_one_of_the_same_day_no_weekday() -> None:
    shown = example(chain(1, 1, 22, 144), ALWAYS, NOW)

    assert [(each.new_day, each.dated) for each in shown.moments] == [
        *((False, False), (False, False), (True, False), (True, True)),
    ]


@pytest.mark.parametrize(
    ("told", "hours", "ends"),
    [
        (chain(4), ALWAYS, Reason.DONE),
        (chain(), ALWAYS, Reason.NO_STEPS),
        (chain(4), Hours.of("UTC", {"mon": []}, {}), Reason.NEVER_OPENS),
    ],
)
def test_the_example_tells_why_it_ends(told: Chain, hours: Hours, ends: Reason) -> None:
    assert example(told, hours, NOW).ends is ends


def planned(told: Chain, hours: Hours = ALWAYS) -> Plan:
    return Plan(told, hours, 1)


def test_a_save_that_makes_reminders_due_gives_them_ten_minutes_or_half_the_delay() -> None:
    plan = planned(chain(8))

    hours = effect([silent(3), silent(5), silent(1)], plan, planned(chain(2)), NOW)
    seconds = effect([silent(3)], plan, planned(chain(1 / 60)), NOW)

    assert (hours.waiting, hours.hurried, hours.grace) == (3, 2, timedelta(minutes=10))
    assert seconds.grace == timedelta(seconds=30)


def test_the_effect_is_what_the_rules_do_then() -> None:
    plan, wanted = planned(chain(8, 24)), chain(2, 3)
    silences = [silent(h) for h in (0.5, 1, 2, 3, 7)]
    silences.append(sent(silent(9), "s1", NOW - HOUR))

    told = effect(silences, plan, planned(wanted), NOW)
    after = saved(plan.chain, wanted.steps, NOW, enabled=True)
    found = [due(each, after, ALWAYS) for each in silences]

    graced = [d for d in found if isinstance(d, Due) and d.wanted == NOW + timedelta(minutes=10)]
    assert told.hurried == len(graced) == 2


def test_chats_that_are_done_join_when_a_step_is_added_and_leave_when_it_goes() -> None:
    done = sent(silent(9), "s1", NOW - HOUR)

    more = effect([done], planned(chain(4)), planned(chain(4, 24)), NOW)
    less = effect([done, silent(1)], planned(chain(4, 24)), planned(chain(4)), NOW)
    off = effect([silent(1)], planned(chain(4)), planned(chain(4, enabled=False)), NOW)

    assert (more.waiting, more.joining, more.leaving) == (0, 1, 0)
    assert (less.waiting, less.joining, less.leaving) == (2, 0, 1)
    assert (off.waiting, off.leaving, off.hurried) == (1, 1, 0)


def test_switching_on_counts_nothing_that_was_silent_before() -> None:
    before = chain(4, enabled=False)

    told = effect([silent(1), silent(90)], planned(before), planned(chain(4)), NOW)

    assert (told.waiting, told.joining, told.hurried) == (0, 0, 0)


def test_beyond_some_thousand_chats_it_says_more_than() -> None:
    plan = planned(chain(8))

    exact = effect([silent(1)] * MANY, plan, planned(chain(4)), NOW)
    more = effect([silent(1)] * (MANY + 1), plan, planned(chain(4)), NOW)

    assert (exact.waiting, exact.more) == (MANY, False)
    assert (more.waiting, more.more) == (MANY, True)
