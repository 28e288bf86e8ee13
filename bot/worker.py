"""Where jobs start. `bot.worker.run` is the one function path ever written to Redis.

The worker never imports what a job names: it compares the path and calls `run_job` here, with
the kind and the key that the job carries.
"""

import logging

from bot.alarms import ALARM
from bot.app import App
from bot.desk import COMMAND
from bot.erasing import COMPACT, overwrite
from bot.inbox import ANSWER
from bot.telemetry.logs import working_on
from bot.telemetry.tracing import span

log = logging.getLogger(__name__)

SWEEP = "sweep"
RETENTION = "retention"


async def run_job(app: App, kind: str, key: int) -> None:
    """Do one job; whatever goes wrong is logged, and the sweep finds what is left to do."""
    with working_on(kind, key if _is_of_a_chat(app, kind) else None):
        try:
            with span(f"job {kind}", key=key):
                await _run(app, kind, key)
        except Exception:
            log.exception("the job %s %d failed", kind, key)


def _is_of_a_chat(app: App, kind: str) -> bool:
    return kind == ANSWER or any(plugin.name == kind for plugin in app.plugins)


async def _run(app: App, kind: str, key: int) -> None:
    if kind == ANSWER:
        await app.answers.job(key)
    elif kind == COMMAND:
        await app.desk.job(key)
    elif kind == ALARM:
        await app.alarm.job(key)
    elif kind == COMPACT:
        await overwrite(app.database, app.outside.jobs, app.outside.clock)
    elif kind == SWEEP:
        await app.sweep()
    elif kind == RETENTION:
        await app.forget()
    else:
        plugin = next((each for each in app.plugins if each.name == kind), None)
        if plugin is None:
            log.warning("a job for '%s', which is not loaded, was dropped", kind)
            return
        await plugin.job(key)
