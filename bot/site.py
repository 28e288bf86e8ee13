"""What pages are made with: the frame of the dashboard, who looks, and forms that are safe."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from gettext import NullTranslations
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from jinja2 import Environment
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response


class PersonRole(StrEnum):
    """What somebody may do in the dashboard: everything, or look."""

    ADMIN = "admin"
    VIEWER = "viewer"


@dataclass(frozen=True, slots=True)
class Person:
    """Who looks at a page, in which language and time zone."""

    name: str
    role: PersonRole
    language: str
    zone: ZoneInfo

    @property
    def is_admin(self) -> bool:
        """Whether this person may change things."""
        return self.role is PersonRole.ADMIN


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence on top of every page, a `phrase`, and the page where something can be done."""

    text: str
    path: str


class Site(Protocol):
    """The dashboard around a plugin's pages. Only who has signed in gets to them."""

    def environment(self, package: str) -> Environment:
        """The templates of that package's folder `templates`, over the shared `layout.html`.

        Its blocks are `title`, `main` and `scripts`. Texts in `_()` and `ngettext()` are looked up
        in the folder `locale` of the package, or of one around it, and then in the shared one.
        Filters: `moment` (a moment as the person's wall clock shows it, the exact one on focus),
        `left` (how long until then). `csrf()` gives the hidden field that a form needs.
        """
        ...

    def html(
        self,
        request: Request,
        environment: Environment,
        template: str,
        *,
        status: int = 200,
        **values: Any,
    ) -> Response:
        """The page, with the menu, for the person who asks; nothing foreign may run in it."""
        ...

    def words(self, request: Request, environment: Environment) -> NullTranslations:
        """The person's language, for texts that are put together outside of a template."""
        ...

    async def form(self, request: Request) -> FormData:
        """What was filled in. Raises HTTPException: 403 if it comes from a foreign page."""
        ...

    def person(self, request: Request) -> Person:
        """Who asks."""
        ...

    def require_admin(self, request: Request) -> Person:
        """The same. Raises HTTPException 403 for whoever may only look."""
        ...


def phrase(text: str) -> str:
    """That text; marks it for translation where it is written, and is looked up elsewhere."""
    return text


Menu = Mapping[str, str]
