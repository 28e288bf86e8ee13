"""How a film is shown: at once, or piece by piece while it is made."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from bot.api import Site
from plugins.followup.ports import Plan, Ports
from plugins.followup.settings_tab.play import Coming, End, Scene, Shot, film
from plugins.followup.settings_tab.view import clock_of

CUT: Final = "\x1e"
"""Ends each piece; it is a character that no page shows."""


@dataclass(frozen=True, slots=True)
class Screen:
    """Shows films to one request, on the employee's wall clock."""

    ports: Ports
    environment: Environment
    request: Request
    scene: Scene
    plan: Plan

    @property
    def _site(self) -> Site:
        return self.ports.runtime.site

    async def whole(self) -> dict[str, Any]:
        """All of it, when it is done: for a page without a script."""
        shots: list[tuple[str, Shot]] = []
        end: End | None = None
        async for each in self._frames():
            if isinstance(each, Shot):
                shots.append((self._clock(each.at), each))
            elif isinstance(each, End):
                end = each
        tokens = sum(_tokens(shot) for _, shot in shots)
        return {**self._opening(), "shots": shots, "end": end, "tokens": tokens}

    def streamed(self) -> Response:
        """The same as it is made, for the script that runs the clock: a proxy may not wait."""
        opening = self._site.html(
            self.request, self.environment, "film.html", played={**self._opening(), "live": True}
        )
        # Not compressed: that would hold pieces back until there are enough of them.
        headers = {**opening.headers, "X-Accel-Buffering": "no", "Content-Encoding": "identity"}
        del headers["content-length"]
        return StreamingResponse(self._pieces(bytes(opening.body)), headers=headers)

    async def _pieces(self, opening: bytes) -> AsyncIterator[bytes]:
        yield opening + CUT.encode()
        tokens = 0
        async for each in self._frames():
            if isinstance(each, Coming):
                yield self._piece("coming.html", coming=each, at=self._clock(each.at))
            elif isinstance(each, Shot):
                tokens += _tokens(each)
                yield self._piece("shot.html", shot=each, at=self._clock(each.at))
            else:
                yield self._piece("end.html", end=each)
        demo = self._opening()["demo"]
        yield self._piece("sum.html", played={"tokens": tokens, "demo": demo})

    def _piece(self, template: str, **values: Any) -> bytes:
        made = self._site.html(self.request, self.environment, template, **values)
        return bytes(made.body).replace(CUT.encode(), b"") + CUT.encode()

    def _frames(self) -> AsyncIterator[Coming | Shot | End]:
        return film(self.ports, self.scene, self.plan.chain, self.plan.hours)

    def _opening(self) -> dict[str, Any]:
        return {
            "scene": self.scene,
            "start": self._clock(self.scene.began),
            "live": False,
            "shots": (),
            "end": None,
            "tokens": 0,
            "demo": self.ports.runtime.model is None,
        }

    def _clock(self, at: datetime) -> str:
        return clock_of(at, self.plan, self._site.person(self.request).language)


def _tokens(shot: Shot) -> int:
    return shot.verdict.tokens or 0 if shot.verdict is not None else 0
