"""The pages of the tab: the form, what comes back from it, its history, and Play it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.api import DAYS, GROUPS, Employee, Person, SettingsError, Week
from plugins.followup.braking import used_today
from plugins.followup.commands.saving import Hand
from plugins.followup.planning import NAME, hours_for
from plugins.followup.ports import Plan, Ports
from plugins.followup.settings_tab.draft import MOST_STEPS, Draft, mark
from plugins.followup.settings_tab.history import entry, latest, versions
from plugins.followup.settings_tab.keeping import keep_unless_changed
from plugins.followup.settings_tab.scenes import choices, scene
from plugins.followup.settings_tab.screen import Screen
from plugins.followup.settings_tab.view import LIMIT_NAMES, outlook, spoken
from plugins.followup.words import WHY


class TabPages:
    """The employee's follow-ups, for people."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._site = ports.runtime.site
        self._environment = self._site.environment("plugins.followup.settings_tab")
        self._environment.globals.update(WHY=WHY, LIMITS=LIMIT_NAMES)

    def routes(self) -> Sequence[BaseRoute]:
        """Where they are."""
        path = f"/employees/{{employee}}/{NAME}"
        static = StaticFiles(directory=Path(__file__).parent / "static")
        return (
            Route(path, self.form, methods=["GET"]),
            Route(path, self.act, methods=["POST"]),
            Route(f"{path}/history", self.history, methods=["GET"]),
            Mount("/followup/tab", static, middleware=[Middleware(GZipMiddleware)]),
        )

    async def form(self, request: Request) -> Response:
        """What is saved now, or an earlier version to look at and save again."""
        employee, plan = await self._found(request)
        draft = Draft.of(plan.chain)
        wanted = request.query_params.get("version", "")
        if wanted:
            async with self._ports.runtime.database.read() as connection:
                found = await entry(self._ports, connection, employee.id, wanted)
            if found is None:
                raise HTTPException(404, "There is no such version.")
            old = Draft.of(found.chain)
            draft = replace(old, base=draft.base, restored=found.id)
            return await self._tab(request, employee, draft, restored=found)
        return await self._tab(request, employee, draft, saved="saved" in request.query_params)

    async def act(self, request: Request) -> Response:
        """A button of the form was pressed; only saving changes anything."""
        person = self._site.require_admin(request)
        form = await self._site.form(request)
        employee, plan = await self._found(request)
        if len(plan.chain.steps) > MOST_STEPS:
            raise HTTPException(409, "This chain is too long to be changed here.")
        draft = Draft.filled(form)
        verb, _, rest = str(form.get("do", "save")).partition(".")
        place = int(rest) if rest.isdecimal() and len(rest) < len("1000") else 0
        match verb:
            case "save":
                return await self._save(request, person, employee, draft)
            case "look":
                return await self._outlook(request, employee, draft)
            case "play":
                picked = str(form.get("scene", ""))
                return await self._play(request, employee, draft, picked)
            case "week":
                return await self._tab(request, employee, draft.timed(rest, form), focus="hours")
            case _:
                draft, focus = _edited(draft, verb, place)
                return await self._tab(request, employee, draft, focus=focus)

    async def _save(
        self, request: Request, person: Person, employee: Employee, draft: Draft
    ) -> Response:
        """Save, unless something is wrong or somebody else has saved meanwhile."""
        if draft.wrong:
            return await self._tab(request, employee, draft, status=422, checked=True)
        try:
            wish = draft.wish()
        except SettingsError as error:
            return await self._tab(request, employee, draft, status=422, fault=str(error))
        hand = Hand(person.name, "rollback" if draft.restored else "save", employee.id)
        try:
            theirs = await keep_unless_changed(self._ports, hand, wish, draft.base)
        except LookupError:
            raise HTTPException(404, "This employee is gone.") from None
        if theirs is not None:
            again = replace(draft, base=mark(theirs))
            return await self._tab(request, employee, again, status=409, theirs=theirs)
        return RedirectResponse(f"{request.url.path}?saved=1", status_code=303)

    async def _outlook(self, request: Request, employee: Employee, draft: Draft) -> Response:
        """What saving would mean; for the script alone, or with the whole page."""
        if "x-part" not in request.headers:
            return await self._tab(request, employee, draft, focus="outlook")
        language = self._site.person(request).language
        told = await outlook(self._ports, employee.id, draft, language)
        return self._site.html(
            request, self._environment, "outlook.html", outlook=told, employee=employee
        )

    async def _play(
        self, request: Request, employee: Employee, draft: Draft, picked: str
    ) -> Response:
        if draft.wrong:
            return await self._tab(request, employee, draft, status=422, checked=True)
        _, plan = await self._found(request)
        begun = await scene(self._ports, employee, plan, picked)
        if begun is None:
            raise HTTPException(404, "That chat is gone; go back and pick another one.")
        wish = draft.wish()
        terms = wish.terms or plan.chain.terms
        chain = replace(plan.chain, steps=wish.steps, terms=terms)
        wanted = replace(plan, chain=chain, hours=hours_for(employee, terms))
        screen = Screen(self._ports, self._environment, request, begun, wanted)
        if "x-part" in request.headers:
            return screen.streamed()
        played = await screen.whole()
        return await self._tab(request, employee, draft, focus="film", played=played, picked=picked)

    async def history(self, request: Request) -> Response:
        """Every version that somebody saved, the latest first."""
        employee, plan = await self._found(request)
        before = request.query_params.get("before", "")
        async with self._ports.runtime.database.read() as connection:
            found, more = await versions(self._ports, connection, employee.id, before)
        return self._site.html(
            request,
            self._environment,
            "history.html",
            **self._frame(employee),
            versions=found,
            more=more,
            now=mark(plan.chain),
            spoken=spoken,
        )

    async def _tab(
        self,
        request: Request,
        employee: Employee,
        draft: Draft,
        *,
        status: int = 200,
        **more: Any,
    ) -> Response:
        person = self._site.person(request)
        _, plan = await self._found(request)
        runtime = self._ports.runtime
        async with runtime.database.read() as connection:
            last = await latest(self._ports, connection, employee.id)
            used = await used_today(self._ports, connection, employee.id, plan)
        picked = await choices(self._ports, employee.id, more.pop("picked", ""))
        values: Mapping[str, Any] = {
            "saved": False,
            "checked": False,
            "fault": "",
            "focus": "",
            "theirs": None,
            "restored": None,
            "played": None,
            **more,
        }
        return self._site.html(
            request,
            self._environment,
            "tab.html",
            status=status,
            **self._frame(employee),
            draft=draft,
            week=draft.own or Week.of(employee, ""),
            days=DAYS,
            groups=GROUPS,
            dirty=draft.differs(plan.chain),
            outlook=await outlook(self._ports, employee.id, draft, person.language),
            last=last,
            used=used,
            choices=picked,
            spoken=spoken,
            most=MOST_STEPS,
            editable=person.is_admin and len(plan.chain.steps) <= MOST_STEPS,
            **values,
        )

    def _frame(self, employee: Employee) -> Mapping[str, Any]:
        return {"employee": employee, "part": NAME}

    async def _found(self, request: Request) -> tuple[Employee, Plan]:
        key = request.path_params["employee"]
        if not key.isprintable():
            raise HTTPException(404, "There is no such employee.")
        runtime = self._ports.runtime
        async with runtime.database.read() as connection:
            employee = await runtime.directory.employee(connection, key)
            plan = await self._ports.chains.load(connection, key)
        if employee is None or plan is None:
            raise HTTPException(404, "There is no such employee.")
        return employee, plan


def _edited(draft: Draft, verb: str, place: int) -> tuple[Draft, str]:
    """The draft after a button, and where the keyboard goes on."""
    match verb:
        case "add":
            return draft.added(), f"step.{len(draft.rows)}.hours"
        case "up":
            return draft.moved(place, -1), f"step.{max(place - 1, 0)}"
        case "down":
            return draft.moved(place, 1), f"step.{min(place + 1, len(draft.rows) - 1)}"
        case "delete":
            return draft.deleted(place), "undo"
        case "undo":
            where = draft.gone[0] if draft.gone is not None else 0
            return draft.undone(), f"step.{where}"
        case _:
            return draft, ""
