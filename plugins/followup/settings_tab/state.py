"""How it stands with an employee, in a row of the list."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.api import phrase
from plugins.followup.hours import next_open
from plugins.followup.ports import Ports


async def standing(
    ports: Ports, connection: AsyncConnection, employee: str
) -> Mapping[str, bool | int | datetime | None]:
    """Label to value, as `Plugin.employee_state`."""
    plan = await ports.chains.load(connection, employee)
    if plan is None:
        return {}
    waiting, _ = await ports.overview.waiting(connection, employee)
    return {
        phrase("Auto Follow-up"): plan.chain.enabled,
        phrase("Steps"): len(plan.chain.steps),
        phrase("Chats waiting"): waiting,
        phrase("Next opening"): next_open(ports.runtime.clock.now(), plan.hours),
    }
