"""The pages at which people come in and go out: sign-in, set-up link, sign-out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from jinja2 import Environment
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.errors import PeopleError
from bot.people import VOID, Account, People
from bot.sessions import Sessions
from bot.signing_in import SigningIn, TooOftenError
from bot.web.addresses import address_of
from bot.web.cookies import Cookies
from bot.web.site import WebSite
from bot.web.visitor import SESSION, VISIT, visitor_of

PUBLIC: Final = ("/sign-in", "/set-up")
_NOBODYS: Final = 0


@dataclass(frozen=True, slots=True)
class Doors:
    """Nobody gets in without a password of their own; there is none to begin with."""

    site: WebSite
    environment: Environment
    people: People
    sessions: Sessions
    signing_in: SigningIn
    cookies: Cookies

    def routes(self) -> Sequence[BaseRoute]:
        """Where they are."""
        return (
            Route("/sign-in", self.ask),
            Route("/sign-in", self.enter, methods=["POST"]),
            Route("/sign-out", self.leave, methods=["POST"]),
            Route("/first-user", self.first, methods=["POST"]),
            Route("/set-up/{secret}", self.invite),
            Route("/set-up/{secret}", self.accept, methods=["POST"]),
        )

    async def ask(self, request: Request) -> Response:
        """The form; whoever is in already goes on."""
        wanted = _inside(request.query_params.get("next", "/"))
        if visitor_of(request).account is not None:
            return RedirectResponse(wanted, 303)
        return self._sign_in(request, wanted=wanted)

    async def enter(self, request: Request) -> Response:
        """Name and password; the session is a new one, whatever the browser had before."""
        form = await self.site.form(request)
        name, wanted = text_of(form, "name"), _inside(text_of(form, "next"))
        try:
            account = await self.signing_in.enter(
                name, text_of(form, "password"), address_of(request)
            )
        except TooOftenError as error:
            page = self._sign_in(request, 429, name=name, wanted=wanted, error=str(error))
            page.headers["Retry-After"] = str(int(error.wait.total_seconds()) + 1)
            return page
        except PeopleError as error:
            return self._sign_in(request, 422, name=name, wanted=wanted, error=str(error))
        return await self.welcome(request, account.id, wanted)

    async def leave(self, request: Request) -> Response:
        """Sign out of this browser."""
        await self.site.form(request)
        session = self.cookies.secret(request, SESSION)
        if session is not None:
            await self.sessions.end(session)
        return self.goodbye(request)

    async def first(self, request: Request) -> Response:
        """From the hint that nobody has to sign in yet, to the form of the first user."""
        await self.site.form(request)
        self.site.require_admin(request)
        secret = await self.people.first_link()
        return RedirectResponse("/sign-in" if secret is None else f"/set-up/{secret}", 303)

    async def invite(self, request: Request) -> Response:
        """Choose a password; the very first person chooses a name too."""
        invited = await self.people.invitation(request.path_params["secret"])
        if invited is None:
            return self._void(request)
        return self._set_up(request, invited.person)

    async def accept(self, request: Request) -> Response:
        """The password is chosen: come in."""
        form = await self.site.form(request)
        secret = request.path_params["secret"]
        invited = await self.people.invitation(secret)
        if invited is None:
            return self._void(request)
        name, password = text_of(form, "name"), text_of(form, "password")
        try:
            person = await self.people.accept(secret, name, password)
        except PeopleError as error:
            return self._set_up(request, invited.person, 422, name=name, error=str(error))
        return await self.welcome(request, person, "/")

    async def welcome(self, request: Request, person: int, wanted: str) -> Response:
        """In with a new session; the one that this browser had ends."""
        before = self.cookies.secret(request, SESSION)
        if before is not None:
            await self.sessions.end(before)
        response = RedirectResponse(wanted, 303)
        self.cookies.keep(request, response, SESSION, await self.sessions.open(person))
        self.cookies.drop(request, response, VISIT)
        return response

    def goodbye(self, request: Request) -> Response:
        """Out: nothing of the session stays in the browser."""
        response = RedirectResponse("/sign-in", 303)
        for name in (SESSION, VISIT):
            self.cookies.drop(request, response, name)
        return response

    def _sign_in(
        self, request: Request, status: int = 200, *, name: str = "", wanted: str, error: str = ""
    ) -> Response:
        values = {"name": name, "wanted": wanted, "error": error}
        return self.site.html(request, self.environment, "sign_in.html", status=status, **values)

    def _set_up(
        self,
        request: Request,
        person: Account | None,
        status: int = 200,
        *,
        name: str = "",
        error: str = "",
    ) -> Response:
        values = {"invited": person, "name": name, "error": error}
        return self.site.html(request, self.environment, "set_up.html", status=status, **values)

    def _void(self, request: Request) -> Response:
        values = {"title": VOID, "detail": ""}
        return self.site.html(request, self.environment, "problem.html", status=410, **values)


def text_of(form: FormData, field: str) -> str:
    """What was typed there. Raises HTTPException if that field is no text."""
    value = form.get(field, "")
    if not isinstance(value, str):
        raise HTTPException(415, "Only plain forms are taken here.")
    return value


def number_of(request: Request, place: str) -> int:
    """The number in the address; none of ours for what is no number, or beyond all of them."""
    told = request.path_params[place]
    return int(told) if re.fullmatch(r"[0-9]{1,15}", told) else _NOBODYS


def _inside(path: str) -> str:
    """That path, if it is one of this site."""
    inside = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if inside and path.isprintable() else "/"
