"""The list of employees, and what can be set of each without a plugin."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.errors import SettingsError
from bot.model import Employee
from bot.site import Person, phrase
from bot.staff import Hand
from bot.web.employees.office import MeanwhileError, Office, Part, mark, plain
from bot.week import DAYS, GROUPS, Week

TABS: Mapping[str, str] = {
    phrase("Persona"): "persona",
    phrase("Working hours"): "hours",
    phrase("Channels"): "channels",
}
MENU: Mapping[str, str] = {phrase("Employees"): "/employees"}
_PERSONA = ("name", "persona")
_TWICE = phrase("is there twice")
_HOURS = ("timezone", "working_hours", "special_days")

State = Mapping[str, bool | int | datetime | None]


class EmployeePages:
    """Who there is, and how each of them is set up."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._site = office.site
        self._environment = office.site.environment("bot.web.look")

    def routes(self) -> Sequence[BaseRoute]:
        """Where they are."""
        one = "/employees/{employee}"
        return (
            Route("/employees", self.list, methods=["GET"]),
            Route("/employees", self.add, methods=["POST"]),
            Route(one, self.first, methods=["GET"]),
            Route(f"{one}/persona", self.persona, methods=["GET"]),
            Route(f"{one}/persona", self.save_persona, methods=["POST"]),
            Route(f"{one}/hours", self.hours, methods=["GET"]),
            Route(f"{one}/hours", self.change_hours, methods=["POST"]),
            Route(f"{one}/channels", self.channels, methods=["GET"]),
        )

    async def list(self, request: Request) -> Response:
        """Everyone, and how it stands with them."""
        return await self._list(request)

    async def add(self, request: Request) -> Response:
        """One more; what else there is to set has its pages."""
        person = self._site.require_admin(request)
        form = await self._site.form(request)
        name, given = _text(form.get("name")), _text(form.get("id"))
        key = given or await self._office.free_id(name)
        try:
            new = self._office.described(key, {"name": name})
        except SettingsError as error:
            return await self._list(request, faults=plain(error, key), name=name, given=given)
        if not await self._office.staff.hire(new, person.name):
            taken = phrase("There is an employee with that id already.")
            return await self._list(request, faults=[taken], name=name, given=given)
        return RedirectResponse(f"/employees/{key}/persona?new=1", status_code=303)

    async def first(self, request: Request) -> Response:
        """The first of an employee's pages."""
        employee = await self._found(request)
        return RedirectResponse(f"/employees/{employee.id}/persona", status_code=303)

    async def persona(self, request: Request) -> Response:
        """Who the employee is."""
        employee = await self._found(request)
        return await self._persona(request, employee, employee)

    async def save_persona(self, request: Request) -> Response:
        """Save name and persona."""
        person = self._site.require_admin(request)
        form = await self._site.form(request)
        employee = await self._found(request)
        name, persona = (_text(form.get(key)) for key in _PERSONA)
        typed = replace(employee, name=name, persona=persona)
        try:
            checked = self._office.described(employee.id, {"name": name, "persona": persona})
        except SettingsError as error:
            faults = plain(error, employee.id)
            return await self._persona(request, employee, typed, status=422, faults=faults)
        wanted = {"name": checked.name, "persona": checked.persona}
        base = str(form.get("base", ""))
        if await self._save(person, (employee.id, "persona", _PERSONA), base, wanted):
            return RedirectResponse(f"{request.url.path}?saved=1", status_code=303)
        theirs = await self._found(request)
        return await self._persona(request, theirs, typed, status=409, theirs=theirs)

    async def hours(self, request: Request) -> Response:
        """When the employee reaches out by itself."""
        employee = await self._found(request)
        return await self._hours(request, employee, Week.of(employee, mark(employee, _HOURS)))

    async def change_hours(self, request: Request) -> Response:
        """A button of the form was pressed; only saving changes anything."""
        person = self._site.require_admin(request)
        form = await self._site.form(request)
        employee = await self._found(request)
        week, verb = Week.filled(form), str(form.get("do", "save"))
        if verb != "save":
            return await self._hours(request, employee, week.after(verb, form), dirty=True)
        checked = self._checked(employee, week)
        if not isinstance(checked, Employee):
            return await self._hours(request, employee, week, status=422, faults=checked)
        wanted = {key: getattr(checked, key) for key in _HOURS}
        if await self._save(person, (employee.id, "hours", _HOURS), week.base, wanted):
            return RedirectResponse(f"{request.url.path}?saved=1", status_code=303)
        theirs = await self._found(request)
        again = replace(week, base=mark(theirs, _HOURS))
        other = Week.of(theirs, "")
        return await self._hours(request, theirs, again, status=409, theirs=other)

    def _checked(self, employee: Employee, week: Week) -> Employee | Sequence[str]:
        """The employee with those hours, or what is wrong with them."""
        twice = [f"special_days.{day}: {_TWICE}" for day in week.twice]
        table = {"name": employee.name, **week.table}
        try:
            checked = self._office.described(employee.id, table)
        except SettingsError as error:
            return [*twice, *plain(error, employee.id)]
        return twice or checked

    async def channels(self, request: Request) -> Response:
        """Where the employee answers; that is set in the settings file."""
        employee = await self._found(request)
        accounts = self._office.channels(employee.id)
        return self._page(request, employee, "channels", accounts=accounts)

    async def _save(
        self,
        person: Person,
        what: tuple[str, str, Sequence[str]],
        base: str,
        wanted: Mapping[str, Any],
    ) -> bool:
        """False if somebody else has saved the same fields meanwhile."""
        key, action, fields = what
        try:
            hand = Hand(person.name, f"employee.{action}")
            await self._office.save(hand, Part(key, fields, base), wanted)
        except MeanwhileError:
            return False
        return True

    async def _list(
        self, request: Request, *, faults: Sequence[str] = (), name: str = "", given: str = ""
    ) -> Response:
        people = [(each, await self._state(each)) for each in await self._office.staff.known()]
        labels = dict.fromkeys(label for _, state in people for label in state)
        return self._site.html(
            request,
            self._environment,
            "employees.html",
            status=422 if faults else 200,
            people=people,
            labels=list(labels),
            faults=faults,
            name=name,
            given=given,
            now=self._office.clock.now(),
        )

    async def _persona(
        self, request: Request, employee: Employee, typed: Employee, **more: Any
    ) -> Response:
        return self._page(
            request,
            employee,
            "persona",
            typed=typed,
            base=mark(employee, _PERSONA),
            new="new" in request.query_params,
            **more,
        )

    async def _hours(
        self, request: Request, employee: Employee, week: Week, **more: Any
    ) -> Response:
        return self._page(
            request,
            employee,
            "hours",
            week=week,
            days=DAYS,
            groups=GROUPS,
            zones=self._office.zones,
            state=await self._state(employee),
            now=self._office.clock.now(),
            **more,
        )

    def _page(
        self, request: Request, employee: Employee, part: str, status: int = 200, **more: Any
    ) -> Response:
        common = {
            "saved": "saved" in request.query_params,
            "faults": (),
            "theirs": None,
            "dirty": False,
        }
        return self._site.html(
            request,
            self._environment,
            f"employee_{part}.html",
            status=status,
            employee=employee,
            part=part,
            **{**common, **more},
        )

    async def _state(self, employee: Employee) -> State:
        return await self._office.staff.state(employee)

    async def _found(self, request: Request) -> Employee:
        found = await self._office.staff.find(request.path_params["employee"])
        if found is None:
            raise HTTPException(404, "There is no such employee.")
        return found


def _text(given: object) -> str:
    """Line breaks as everywhere else, and without the character that no database takes."""
    text = str(given or "").replace("\r\n", "\n").replace("\0", " ")
    return text.encode("utf-8", "replace").decode().strip()
