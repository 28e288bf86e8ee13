"""The runtime's own part of the dashboard: who comes in, and pages about that."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.findings import Look
from bot.keys import Keys
from bot.operations import Operations
from bot.site import Menu, phrase
from bot.web.api.employees import EmployeesApi
from bot.web.api.entrance import Entrance
from bot.web.api.people import PeopleApi
from bot.web.api.server import Api
from bot.web.cookies import Cookies
from bot.web.doors import PUBLIC, Doors
from bot.web.employees.office import Office
from bot.web.guard import Gate
from bot.web.languages import LOOK
from bot.web.own_page import OwnPage
from bot.web.site import WebSite
from bot.web.status_page import StatusPage
from bot.web.users_page import UsersPage

# What the library says by itself, in words for people.
_BARE: Final = {
    HTTPStatus.NOT_FOUND.phrase: phrase("There is no such page."),
    HTTPStatus.METHOD_NOT_ALLOWED.phrase: phrase("This page cannot be used like that."),
}


class Web(Protocol):
    """The settings of the web server, as far as pages go by them."""

    @property
    def host(self) -> str:
        """Where it listens."""
        ...

    @property
    def public_url(self) -> str | None:
        """How the outside reaches it."""
        ...


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The site, the gate before it, and the pages that belong to no plugin."""

    site: WebSite
    cookies: Cookies
    keys: Keys
    settings: Web
    status: StatusPage | None = None

    @classmethod
    def of(cls, site: WebSite, keys: Keys, *, settings: Web, look: Look | None) -> "Dashboard":
        """With a page of the status, if somebody can look at that."""
        texts = site.environment(LOOK)
        status = StatusPage(site, texts, look) if look is not None else None
        return cls(site, site.cookies, keys, settings, status)

    @property
    def gate(self) -> Gate:
        """What the guard goes by."""
        return Gate(self.cookies, self.settings.host, self.keys.sessions, PUBLIC)

    def problem(self, request: Request, status: int, detail: str) -> Response:
        """A page that says what went wrong, for whoever came past the guard."""
        texts = self.site.environment(LOOK)
        values = {"title": _BARE.get(detail, detail), "detail": ""}
        return self.site.html(request, texts, "problem.html", status=status, **values)

    def routes(self, menu: Menu) -> Sequence[BaseRoute]:
        """The pages; `menu` is what plugins have in it, and admins more."""
        texts, keys = self.site.environment(LOOK), self.keys
        doors = Doors(self.site, texts, keys.people, keys.sessions, keys.signing_in, self.cookies)
        users = UsersPage(self.site, texts, keys.people, self.settings.public_url)
        pages = [
            *doors.routes(),
            *OwnPage(self.site, texts, doors, keys.tokens).routes(),
            *users.routes(),
        ]
        self.site.menu, more = menu, {phrase("Users"): "/users"}
        if self.status is not None:
            pages += self.status.routes()
            more[phrase("Settings status")] = "/status"
        self.site.admin_menu = more
        return pages

    def api(self, office: Office, others: Operations) -> Api:
        """What programs may ask; `others` is what plugins bring."""
        keys = self.keys
        people = PeopleApi(keys.people, keys.tokens, self.settings.public_url, self.status)
        own = [*people.operations(), *EmployeesApi(office).operations()]
        return Api([*own, *others], Entrance(keys.tokens, keys.wrong))
