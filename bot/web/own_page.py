"""The page /account: language, look and time zone; password and sessions."""

from collections.abc import Sequence
from dataclasses import dataclass

from jinja2 import Environment
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.errors import PeopleError
from bot.site import phrase
from bot.web.addresses import address_of
from bot.web.cookies import THEMES, zone_of
from bot.web.doors import Doors, text_of
from bot.web.languages import LANGUAGES, zones
from bot.web.site import WebSite
from bot.web.visitor import Choice, visitor_of


@dataclass(frozen=True, slots=True)
class OwnPage:
    """What everybody may change: their own."""

    site: WebSite
    environment: Environment
    doors: Doors

    def routes(self) -> Sequence[BaseRoute]:
        """Where it is."""
        return (
            Route("/account", self.show),
            Route("/account", self.prefer, methods=["POST"]),
            Route("/account/password", self.change_password, methods=["POST"]),
            Route("/account/everywhere", self.leave_everywhere, methods=["POST"]),
        )

    async def show(self, request: Request) -> Response:
        """The page as it stands."""
        return await self._page(request)

    async def prefer(self, request: Request) -> Response:
        """Keep how pages shall look: with the person, or in the browser of who is none."""
        form = await self.site.form(request)
        visitor = visitor_of(request)
        zone = zone_of(text_of(form, "zone").strip())
        language, theme = text_of(form, "language"), text_of(form, "theme")
        if zone is None:
            error = phrase("There is no such time zone. Write it like Europe/Berlin.")
            return await self._page(request, 422, zone_error=error)
        if language not in LANGUAGES or theme not in {"", *THEMES}:
            raise HTTPException(422, "There is no such language or theme.")
        response = RedirectResponse("/account?saved=1", 303)
        if visitor.account is not None:
            await self.doors.people.prefer(visitor.account, language, zone.key, theme)
        else:
            self.doors.cookies.prefer(request, response, Choice(language, zone, theme))
        return response

    async def change_password(self, request: Request) -> Response:
        """A new one for the old one; every other browser is signed out."""
        form = await self.site.form(request)
        account, name = self._own(request)
        new = text_of(form, "new")
        try:
            await self.doors.signing_in.enter(name, text_of(form, "old"), address_of(request))
            await self.doors.people.set_password(account, name, new)
        except PeopleError as error:
            return await self._page(request, 422, password_error=str(error))
        return await self.doors.welcome(request, account, "/account?saved=1")

    async def leave_everywhere(self, request: Request) -> Response:
        """Sign out of every browser, this one too."""
        await self.site.form(request)
        account, _ = self._own(request)
        await self.doors.sessions.end_all(account)
        return self.doors.goodbye(request)

    def _own(self, request: Request) -> tuple[int, str]:
        visitor = visitor_of(request)
        if visitor.account is None or visitor.name is None:
            raise HTTPException(404, "There is nobody yet whose password could be changed.")
        return visitor.account, visitor.name

    async def _page(self, request: Request, status: int = 200, **errors: str) -> Response:
        account = visitor_of(request).account
        return self.site.html(
            request,
            self.environment,
            "account.html",
            status=status,
            languages=LANGUAGES,
            zones=zones(),
            saved="saved" in request.query_params,
            browsers=await self.doors.sessions.count(account) if account is not None else 0,
            **{"zone_error": "", "password_error": "", **errors},
        )
