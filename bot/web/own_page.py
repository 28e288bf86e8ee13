"""The page /account: language, look and time zone; password, sessions and tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.errors import PeopleError
from bot.operations import Scope
from bot.site import phrase
from bot.tokens import ALLOWED, LONGEST_NAME, Tokens, Wanted
from bot.web.addresses import address_of
from bot.web.cookies import THEMES, zone_of
from bot.web.doors import Doors, number_of, text_of
from bot.web.languages import LANGUAGES, zones
from bot.web.site import WebSite
from bot.web.visitor import Choice, visitor_of


@dataclass(frozen=True, slots=True)
class OwnPage:
    """What everybody may change: their own."""

    site: WebSite
    environment: Environment
    doors: Doors
    tokens: Tokens

    def routes(self) -> Sequence[BaseRoute]:
        """Where it is."""
        return (
            Route("/account", self.show),
            Route("/account", self.prefer, methods=["POST"]),
            Route("/account/password", self.change_password, methods=["POST"]),
            Route("/account/everywhere", self.leave_everywhere, methods=["POST"]),
            Route("/account/tokens", self.make_token, methods=["POST"]),
            Route("/account/tokens/{token}/revoke", self.revoke, methods=["POST"]),
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
        """Sign out of every browser, this one too; tokens count no more."""
        await self.site.form(request)
        account, name = self._own(request)
        await self.tokens.revoke_all(name, account)
        await self.doors.sessions.end_all(account)
        return self.doors.goodbye(request)

    async def make_token(self, request: Request) -> Response:
        """A token for a program; the page shows it, this once."""
        form = await self.site.form(request)
        account, name = self._own(request)
        called, days = text_of(form, "name"), text_of(form, "days")
        chosen = [scope for scope in Scope if scope in form.getlist("scope")]
        try:
            wanted = Wanted(called, chosen, _days(days))
            secret = await self.tokens.make(name, account, wanted)
        except PeopleError as error:
            told = {"token_error": str(error), "token_name": called, "chosen": chosen}
            return await self._page(request, 422, **told)
        return await self._page(request, secret=secret)

    async def revoke(self, request: Request) -> Response:
        """A token of one's own counts no more."""
        await self.site.form(request)
        account, name = self._own(request)
        try:
            await self.tokens.revoke(name, account, number_of(request, "token"))
        except PeopleError as error:
            return await self._page(request, 422, token_error=str(error))
        return RedirectResponse("/account?saved=1", 303)

    def _own(self, request: Request) -> tuple[int, str]:
        visitor = visitor_of(request)
        if visitor.account is None or visitor.name is None:
            raise HTTPException(404, "There is nobody yet whose password could be changed.")
        return visitor.account, visitor.name

    async def _page(self, request: Request, status: int = 200, **told: Any) -> Response:
        visitor = visitor_of(request)
        account = visitor.account
        values = {
            "zone_error": "",
            "password_error": "",
            "token_error": "",
            "token_name": "",
            "chosen": [Scope.READ],
            "secret": "",
            **told,
        }
        return self.site.html(
            request,
            self.environment,
            "account.html",
            status=status,
            languages=LANGUAGES,
            zones=zones(),
            saved="saved" in request.query_params,
            browsers=await self.doors.sessions.count(account) if account is not None else 0,
            tokens=await self.tokens.of(account) if account is not None else (),
            now=self.tokens.clock.now(),
            scopes=[(scope, _SCOPES[scope]) for scope in Scope if scope in ALLOWED[visitor.role]],
            longest=LONGEST_NAME,
            **values,
        )


_SCOPES = {
    Scope.READ: phrase("look at everything"),
    Scope.CHATS: phrase("pause, hand back, make quiet and erase chats"),
    Scope.EMPLOYEES: phrase("add and change employees and their follow-ups"),
    Scope.USERS: phrase("add, change and remove users"),
    Scope.ADMIN: phrase("look at users and the status of the settings"),
}
_DIGITS = 5


def _days(text: str) -> int | None:
    """Nothing: it does not end; what is no number is refused like a wrong one."""
    plain = text.strip()
    if not plain:
        return None
    return int(plain) if plain.isdecimal() and len(plain) <= _DIGITS else 0
