"""procrastinate: a job scheduled in PostgreSQL; the earlier one is cancelled."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from procrastinate import App, PsycopgConnector

from benchmarks.peers.note import POSTGRES, work_async

ALONE = False
IN_FLIGHT = 32

app = App(connector=PsycopgConnector(conninfo=POSTGRES, min_size=4, max_size=32))
task = app.task(name="work")(work_async)


class Peer:
    """Keeps which job a chat has, as an application would in its database."""

    def __init__(self) -> None:
        self._jobs: dict[int, int] = {}

    async def open(self) -> None:
        """Connect; make the tables if there are none."""
        await app.open_async()
        if not await app.check_connection_async():
            await app.schema_manager.apply_schema_async()

    async def arm(self, key: int, due: float, seconds: float) -> None:
        """Cancel, then defer."""
        earlier = self._jobs.get(key)
        if earlier is not None:
            await app.job_manager.cancel_job_by_id_async(earlier, delete_job=True)
        made = task.configure(schedule_at=datetime.fromtimestamp(due, UTC))
        self._jobs[key] = await made.defer_async(key=key, due=due, seconds=seconds)

    async def fill(self, rows: Sequence[tuple[int, float, float]]) -> None:
        """Many in one statement."""
        made = task.configure(schedule_at=datetime.fromtimestamp(rows[0][1], UTC))
        names = ("key", "due", "seconds")
        await made.batch_defer_async(*(dict(zip(names, row, strict=True)) for row in rows))


def commands(width: int) -> Sequence[Sequence[str]]:
    """Two workers that ask fifty times a second; by default it is once in five."""
    program = str(Path(sys.executable).with_name("procrastinate"))
    command = [program, "--app", "benchmarks.peers.procrastinate.app", "--log-level", "error"]
    command += ["worker", "-p", "0.02"]
    return [[*command, "-c", str(max(20, width // 2)), "--delete-jobs", "always"]] * 2
