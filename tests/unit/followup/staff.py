"""Employees as the simulator takes them, from tables as the settings file has them."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from plugins.followup.events import Fault
from plugins.followup.hours import Hours
from plugins.followup.model import Chain
from plugins.followup.options import FollowupOptions
from plugins.followup.simulate import Simulation, simulate
from tests.unit.followup.reference import Table


def hours_of(table: Table) -> Hours:
    return Hours.of(
        table.get("timezone", "UTC"), table.get("working_hours", {}), table.get("special_days", {})
    )


def chain_of(followup: Table) -> Chain:
    options = FollowupOptions.model_validate(followup)
    return options.chain


def simulation_of(staff: Mapping[str, Table]) -> Simulation:
    return Simulation(
        {name: (chain_of(table["followup"]), hours_of(table)) for name, table in staff.items()}
    )


def run(
    staff: Mapping[str, Table], lines: Iterable[Table | bytes], until: datetime
) -> tuple[list[dict[str, Any]], list[Fault]]:
    """The reminders and the faults that the simulator tells."""
    raw = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    found = list(simulate(simulation_of(staff), raw, until))
    faults = [one for one in found if isinstance(one, Fault)]
    return [json.loads(one.line()) for one in found if not isinstance(one, Fault)], faults
