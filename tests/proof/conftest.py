"""Systems for histories and for interleavings, and what the proof found, told at the end.

Other histories than the usual ones: `pytest tests/proof --hypothesis-seed=7`.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from coverage import Coverage

from tests.proof.interleavings import STOPS
from tests.proof.layers import Layers
from tests.proof.report import Report
from tests.proof.system import System

_reports = pytest.StashKey[Report]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_reports] = Report(config.rootpath / "build" / "planted-bugs.md")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    report = terminalreporter.config.stash[_reports]
    if report.lines:
        terminalreporter.section("proof")
        for line in report.lines:
            terminalreporter.write_line(line)


@pytest.fixture(scope="module", autouse=True)
def untraced() -> Iterator[None]:
    """Tens of thousands of schedules take twice the time when every line is counted."""
    tracing = Coverage.current()
    if tracing is not None:
        tracing.stop()
    yield
    if tracing is not None:
        tracing.start()


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Report:
    """What is told at the end."""
    return request.config.stash[_reports]


@pytest.fixture
def histories_system(tmp_path: Path) -> Iterator[System]:
    system = System(tmp_path)
    yield system
    system.close()


@pytest.fixture(scope="module")
def orders_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """One for all scenarios."""
    system = System(tmp_path_factory.mktemp("orders"), STOPS)
    yield system
    system.close()


@pytest.fixture(scope="module")
def layers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Layers]:
    """One for all planted bugs."""
    layers = Layers(tmp_path_factory.mktemp("planted"))
    yield layers
    layers.close()
