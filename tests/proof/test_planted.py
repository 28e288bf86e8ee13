"""Every planted bug is caught; the table is written by the run."""

from datetime import timedelta
from time import perf_counter

import pytest

from tests.proof.bugs import BUGS, Bug
from tests.proof.layers import Layers
from tests.proof.report import Catch, Report


@pytest.mark.parametrize("bug", BUGS, ids=lambda each: each.name)
def test_it_is_caught_when(
    bug: Bug, layers: Layers, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    bug.plant(monkeypatch)

    catch = first_catch(bug, layers)

    report.catches.append(catch)
    report.write()
    assert catch.layer is not None, f"nobody of {', '.join(bug.layers)} noticed"


def first_catch(bug: Bug, layers: Layers) -> Catch:
    start = perf_counter()
    for layer in bug.layers:
        seen = layers.by_name[layer](bug.scenario)
        if seen is not None:
            return Catch(bug.name, layer, timedelta(seconds=perf_counter() - start), seen)
    return Catch(bug.name, None, timedelta(seconds=perf_counter() - start), "nothing")
