"""What the benchmark writes of what it measured."""

from xml.etree import ElementTree as ET

import pytest

from benchmarks.ground import Size
from benchmarks.peers import NAMES
from benchmarks.plot import plot
from benchmarks.report import OURS, WITHOUT, report, value

SQLITE, POSTGRES = OURS
CELLS = {
    "rearm": {
        SQLITE: [{"rate": 900.0, "p99": 4.0}, {"rate": 1000.0, "p99": 5.0}],
        POSTGRES: [{"rate": 450.0, "p99": 9.0}, {"rate": 500.0, "p99": 9.0}],
        "bullmq": [{"rate": 450.0, "p99": 1.0}, {"rate": 2000.0, "p99": 2.0}],
        "rq": ["failed: no workers", "failed: no workers"],
    },
    "kill": {
        SQLITE: [{"lost": 0, "twice": 0, "in flight": 50, "back": 1.5}],
        "rq": [{"lost": 23, "twice": 0, "in flight": 23, "back": None}],
        "ptb": [{"lost": 50, "twice": 0, "in flight": 0, "back": None}],
    },
}


@pytest.fixture
def text() -> str:
    return report(CELLS, ["machine"], Size(patience=10))


def test_a_figure_is_the_median_of_the_passes_that_have_one() -> None:
    assert value(CELLS, "rearm", SQLITE, "rate") == 950
    assert value(CELLS, "rearm", "rq", "rate") is None


def test_ours_is_compared_pass_by_pass(text: str) -> None:
    assert "| bullmq | 1,225 | 1.5 | - | - | - | - | 2, 0.5 |" in text


def test_a_peer_that_failed_says_so_in_its_row(text: str) -> None:
    assert (
        "| rq | - | - | - | - | - | - | - | failed: no workers; failed: no workers; Redis only"
        in text
    )


def test_what_was_not_seen_is_no_figure(text: str) -> None:
    assert "| rq | 23 | 0 | 23 | - | not within 10 |" in text
    assert "| ptb | 50 | 0 | 0 | - | - |" in text


def test_what_is_wanted_stands_beside_what_was_reached(text: str) -> None:
    assert "| a | at least 1.3 times BullMQ | ours, SQLite: 1.25 | **not reached** |" in text
    assert "| f | taken up again within 5 s | ours, SQLite: 1.5 | reached |" in text


def test_everybody_who_is_measured_tells_what_they_do_not_do() -> None:
    assert set(WITHOUT) == {*OURS, *NAMES}


def test_the_plot_has_a_bar_for_each_figure() -> None:
    drawn = ET.fromstring(plot(CELLS))  # noqa: S314  our own

    bars = [each for each in drawn.iter() if each.tag.endswith("rect")]
    assert len(bars) == 1 + 3
