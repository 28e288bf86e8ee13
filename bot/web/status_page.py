"""The page /status: what `followup check` finds, for admins."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.findings import Finding, Look
from bot.web.site import WebSite

_PATIENCE: Final = 20


@dataclass(frozen=True, slots=True)
class StatusPage:
    """Looks anew each time it is asked, but never twice at once: networks are asked too."""

    site: WebSite
    environment: Environment
    look: Look
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def routes(self) -> Sequence[BaseRoute]:
        """Where it is."""
        return (Route("/status", self.show),)

    async def show(self, request: Request) -> Response:
        """A line for each thing looked at."""
        self.site.require_admin(request)
        found = await self.findings()
        return self.site.html(request, self.environment, "status.html", findings=found)

    async def findings(self) -> Sequence[Finding] | None:
        """What was found; None if that took too long."""
        async with self.turn:
            try:
                async with asyncio.timeout(_PATIENCE):
                    return await self.look()
            except TimeoutError:
                return None
