"""The page /users: who may sign in, and what they may do."""

from collections.abc import Sequence
from dataclasses import dataclass

from jinja2 import Environment
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.errors import PeopleError
from bot.people import People
from bot.site import PersonRole
from bot.web.addresses import set_up_link
from bot.web.doors import number_of, text_of
from bot.web.site import WebSite


@dataclass(frozen=True, slots=True)
class UsersPage:
    """For admins: add people, give them links, change what they may do, remove them."""

    site: WebSite
    environment: Environment
    people: People
    public_url: str | None

    def routes(self) -> Sequence[BaseRoute]:
        """Where it is."""
        one = "/users/{person}"
        return (
            Route("/users", self.show),
            Route("/users", self.add, methods=["POST"]),
            Route(f"{one}/link", self.link, methods=["POST"]),
            Route(f"{one}/role", self.set_role, methods=["POST"]),
            Route(f"{one}/remove", self.remove, methods=["POST"]),
        )

    async def show(self, request: Request) -> Response:
        """Everybody."""
        self.site.require_admin(request)
        return await self._page(request)

    async def add(self, request: Request) -> Response:
        """Somebody new; the page shows their link, this once."""
        form = await self.site.form(request)
        admin = self.site.require_admin(request)
        name, role = text_of(form, "name"), _role(text_of(form, "role"))
        try:
            secret = await self.people.add(admin.name, name, role)
        except PeopleError as error:
            return await self._page(request, 422, error=str(error), name=name)
        return await self._page(request, link=self._link(request, secret), invited=name.strip())

    async def link(self, request: Request) -> Response:
        """A new link for somebody who lost theirs, or their password."""
        await self.site.form(request)
        admin = self.site.require_admin(request)
        person = number_of(request, "person")
        try:
            secret = await self.people.link(admin.name, person)
        except PeopleError as error:
            return await self._page(request, 422, error=str(error))
        names = {each.id: each.name for each in await self.people.everyone()}
        link = self._link(request, secret)
        return await self._page(request, link=link, invited=names.get(person, ""))

    async def set_role(self, request: Request) -> Response:
        """From viewer to admin, or back."""
        form = await self.site.form(request)
        admin = self.site.require_admin(request)
        role = _role(text_of(form, "role"))
        try:
            await self.people.set_role(admin.name, number_of(request, "person"), role)
        except PeopleError as error:
            return await self._page(request, 422, error=str(error))
        return RedirectResponse("/users", 303)

    async def remove(self, request: Request) -> Response:
        """They are out at once, in every browser."""
        await self.site.form(request)
        admin = self.site.require_admin(request)
        try:
            await self.people.remove(admin.name, number_of(request, "person"))
        except PeopleError as error:
            return await self._page(request, 422, error=str(error))
        return RedirectResponse("/users", 303)

    def _link(self, request: Request, secret: str) -> str:
        return set_up_link(self.public_url or str(request.base_url), secret)

    async def _page(self, request: Request, status: int = 200, **told: str) -> Response:
        return self.site.html(
            request,
            self.environment,
            "users.html",
            status=status,
            people=await self.people.everyone(),
            **{"error": "", "link": "", "invited": "", "name": "", **told},
        )


def _role(text: str) -> PersonRole:
    try:
        return PersonRole(text)
    except ValueError:
        raise HTTPException(422, "A role is admin or viewer.") from None
