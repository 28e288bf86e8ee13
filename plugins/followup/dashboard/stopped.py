"""The page that tells whether everything stands still, and lets it go on."""

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.api import Notice, phrase
from plugins.followup.ports import Ports
from plugins.followup.stopping import BY_HAND, release, stop

PATH = "/followup/stopped"
_NOTICE = phrase("All reminders are stopped: nothing goes out until an admin lets them go on.")


class Stopped:
    """One page, two buttons; the breaker stops by itself, people both stop and release."""

    def __init__(self, ports: Ports, environment: Environment) -> None:
        self._ports = ports
        self._environment = environment

    async def page(self, request: Request) -> Response:
        """Since when, and why."""
        async with self._ports.runtime.database.read() as connection:
            latch = await self._ports.breaker.latched(connection)
        rates = self._ports.watch.rates
        return self._ports.runtime.site.html(
            request, self._environment, "stopped.html", latch=latch, rates=rates
        )

    async def act(self, request: Request) -> Response:
        """Stop, or let go on."""
        site = self._ports.runtime.site
        person = site.require_admin(request)
        if (await site.form(request)).get("do") == "release":
            await release(self._ports, person.name)
        else:
            await stop(self._ports, BY_HAND, person.name)
        return RedirectResponse(PATH, 303)


async def notices(ports: Ports) -> list[Notice]:
    """What every page says while everything is stopped."""
    async with ports.runtime.database.read() as connection:
        latch = await ports.breaker.latched(connection)
    return [] if latch is None else [Notice(_NOTICE, PATH)]
