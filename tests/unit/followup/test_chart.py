"""The bars of the chart."""

from datetime import date

from plugins.followup.counting import DayCount
from plugins.followup.figures.tallies import Tally
from plugins.followup.numbers.chart import Part, chart

DAYS = [
    DayCount(date(2026, 3, 1), Tally(sent=4, ripe=4, answered=1)),
    DayCount(date(2026, 3, 2), Tally()),
    DayCount(date(2026, 3, 3), Tally(sent=2, ripe=0)),
]


def test_bars_stand_on_the_ground_answered_first() -> None:
    drawn = chart(DAYS, direction="ltr")

    assert drawn.most == 4
    assert drawn.bars[0].parts == (Part("answered", 1.5, 75, 25), Part("silent", 1.5, 0, 75))
    assert drawn.bars[1].parts == ()
    assert drawn.bars[2].parts == (Part("open", 21.5, 50, 50),)


def test_time_runs_as_people_read() -> None:
    drawn = chart(DAYS, direction="rtl")

    assert [part.x for bar in drawn.bars for part in bar.parts] == [21.5, 21.5, 1.5]


def test_nothing_sent_is_an_empty_chart() -> None:
    assert [bar.parts for bar in chart(DAYS[1:2], direction="ltr").bars] == [()]
