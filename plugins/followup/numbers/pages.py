"""The page at /followup/numbers, and the button that ends a comparison."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

from babel.dates import format_date
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.api import Employee
from plugins.followup.commands.saving import Hand
from plugins.followup.counting import Wanted, numbers
from plugins.followup.figures.days import PERIODS
from plugins.followup.figures.statistics import FEWEST
from plugins.followup.lots import A, B
from plugins.followup.numbers.chart import HEIGHT, chart
from plugins.followup.numbers.keeping import keep_one
from plugins.followup.ports import Ports

PATH = "/followup/numbers"
_USUAL = 30


@dataclass(frozen=True, slots=True)
class Question:
    """What the address asks for."""

    days: int = _USUAL
    employee: str = ""

    @classmethod
    def of(cls, request: Request, people: Sequence[Employee]) -> "Question":
        """What is not known counts as not asked."""
        given = request.query_params
        days = {str(period): period for period in PERIODS}.get(given.get("days", ""), _USUAL)
        employee = given.get("employee", "")
        return cls(days, employee if employee in {each.id for each in people} else "")

    def address(self, days: int) -> str:
        """The same over another time."""
        other = replace(self, days=days)
        pairs = {"days": str(other.days), "employee": other.employee}
        return f"{PATH}?{urlencode({key: text for key, text in pairs.items() if text})}"


class NumbersPages:
    """What reminders lead to, for everybody who may look."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._site = ports.runtime.site
        self._environment = self._site.environment("plugins.followup.numbers")

    def routes(self) -> Sequence[BaseRoute]:
        """Where they are."""
        static = StaticFiles(directory=Path(__file__).parent / "static")
        zipped = [Middleware(GZipMiddleware)]
        return (
            Route(PATH, self.page),
            Route(f"{PATH}/keep", self.keep, methods=["POST"]),
            Mount("/followup/figures", static, middleware=zipped),
        )

    async def keep(self, request: Request) -> Response:
        """One of two compared instructions stays: an ordinary save, unless they have changed."""
        person = self._site.require_admin(request)
        form = {key: str(text) for key, text in (await self._site.form(request)).items()}
        employee, which = form.get("employee", ""), form.get("keep", "")
        if which not in {A, B}:
            raise HTTPException(400, "One of the two instructions can be kept.")
        hand = Hand(person.name, "keep", employee)
        if not await keep_one(self._ports, hand, form.get("mark", ""), which):
            raise HTTPException(409, "These instructions were changed meanwhile; look again.")
        days = form.get("days", "")
        query = urlencode({"days": days, "employee": form.get("shown", ""), "kept": "1"})
        return RedirectResponse(f"{PATH}?{query}", 303)

    async def page(self, request: Request) -> Response:
        """The numbers of the days that are asked for, as this person's clock cuts them."""
        person = self._site.person(request)
        async with self._ports.runtime.database.read() as connection:
            people = await self._ports.runtime.lists.people(connection)
        asked = Question.of(request, people)
        counted = await numbers(
            self._ports, Wanted(asked.days, person.zone, asked.employee or None)
        )

        def day(at: date) -> str:
            return format_date(at, "EEE d MMM", locale=person.language)

        return self._site.html(
            request,
            self._environment,
            "numbers.html",
            asked=asked,
            periods=PERIODS,
            people=people,
            numbers=counted,
            chart=lambda direction: chart(counted.days, direction=direction),
            height=HEIGHT,
            fewest=FEWEST,
            day=day,
            kept="kept" in request.query_params,
        )
