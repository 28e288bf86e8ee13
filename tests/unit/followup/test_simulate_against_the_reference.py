"""The simulator and the slow reference tell the same story of every file of events."""

from datetime import datetime

from hypothesis import given

from tests.unit.followup.reference import Table, simulated
from tests.unit.followup.staff import run
from tests.unit.followup.strategies import event_files, examples


@examples(200)
@given(event_files())
def test_the_simulator_tells_what_the_page_of_rules_tells(
    made: tuple[dict[str, Table], list[Table | bytes], datetime],
) -> None:
    staff, lines, until = made

    reminders, faults = run(staff, lines, until)

    expected, bad = simulated(staff, lines, until)
    assert reminders == expected
    assert [fault.line for fault in faults] == bad
