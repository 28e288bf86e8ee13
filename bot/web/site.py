"""Makes the pages of the dashboard: the frame, the languages, and what keeps them safe."""

from collections.abc import AsyncGenerator, Mapping
from contextvars import ContextVar
from datetime import datetime, timedelta
from gettext import NullTranslations
from typing import Any, Final

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import FormParser, MultiPartException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.clock import Clock
from bot.site import Person, phrase
from bot.web.cookies import Cookies
from bot.web.languages import LOOK, catalogue, direction, exact, left, shown
from bot.web.visitor import Visitor, visitor_of

_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_LARGEST = 256 * 1024
_FOREIGN = phrase(
    "This form is not from this page any more. Go back, load the page again, and repeat."
)


class WebSite:
    """The dashboard around all pages; `menu`, `admin_menu` and `tabs` are set when all is known."""

    def __init__(self, clock: Clock, cookies: Cookies) -> None:
        self.menu: Mapping[str, str] = {}
        self.admin_menu: Mapping[str, str] = {}
        self.tabs: Mapping[str, str] = {}
        self._clock = clock
        self.cookies = cookies
        self._catalogues: dict[tuple[str, str], NullTranslations] = {}
        self._packages: dict[Environment, str] = {}
        # Templates are rendered at one go; meanwhile this tells filters for whom.
        self._now: ContextVar[tuple[Visitor, NullTranslations]] = ContextVar("now")

    def environment(self, package: str) -> Environment:
        """As `Site.environment`; the same one for the same package."""
        for known, its in self._packages.items():
            if its == package:
                return known
        made = Environment(
            loader=ChoiceLoader([PackageLoader(package), PackageLoader(LOOK)]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        # The extension adds this method; the types do not know.
        install = made.install_gettext_callables  # type: ignore[attr-defined]
        install(self._gettext, self._ngettext, newstyle=True)
        made.globals["csrf"] = self._csrf
        made.globals["translate"] = self._translate
        made.filters["moment"] = self._moment
        made.filters["left"] = self._left
        self._packages[made] = package
        return made

    def html(
        self,
        request: Request,
        environment: Environment,
        template: str,
        *,
        status: int = 200,
        **values: Any,
    ) -> Response:
        """As `Site.html`."""
        visitor = visitor_of(request)
        token = self._now.set((visitor, self.words(request, environment)))
        try:
            text = environment.get_template(template).render(
                {**self._frame(request, visitor), **values}
            )
        finally:
            self._now.reset(token)
        response = HTMLResponse(text, status, HEADERS)
        self.cookies.meet(request, response, visitor)
        return response

    def words(self, request: Request, environment: Environment) -> NullTranslations:
        """As `Site.words`."""
        return self._catalogue(self._packages[environment], visitor_of(request))

    async def form(self, request: Request) -> FormData:
        """As `Site.form`."""
        visitor = visitor_of(request)
        if request.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
            raise HTTPException(403, _FOREIGN)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/x-www-form-urlencoded":
            raise HTTPException(415, "Only plain forms are taken here.")
        try:
            filled = await FormParser(request.headers, _limited(request)).parse()
        except MultiPartException as error:
            raise HTTPException(413, error.message) from None
        token = str(filled.get("csrf", ""))
        if not visitor.met or not visitor.knows(token):
            raise HTTPException(403, _FOREIGN)
        return filled

    def person(self, request: Request) -> Person:
        """As `Site.person`."""
        person = visitor_of(request).person
        if person is None:
            raise HTTPException(403, "Sign in first.")
        return person

    def require_admin(self, request: Request) -> Person:
        """As `Site.require_admin`."""
        person = self.person(request)
        if not person.is_admin:
            raise HTTPException(403, "Only admins may do this. You can look at everything.")
        return person

    def _frame(self, request: Request, visitor: Visitor) -> dict[str, Any]:
        """What the layout needs."""
        person = visitor.person
        entries: dict[str, str] = {}
        if person is not None:
            entries = {**self.menu, **(self.admin_menu if person.is_admin else {})}
        path = request.url.path
        over = [each for each in entries.values() if f"{path}/".startswith(f"{each}/")]
        return {
            "person": person,
            "visitor": visitor,
            "language": visitor.choice.language,
            "dir": direction(visitor.choice.language),
            "theme": visitor.choice.theme,
            "zone": visitor.choice.zone.key,
            "path": path,
            "menu": entries,
            "notices": getattr(request.state, "notices", ()) if person is not None else (),
            "tabs": self.tabs,
            "current": max(over, key=len, default=None),
        }

    def _gettext(self, text: str) -> str:
        return self._now.get()[1].gettext(text)

    def _translate(self, text: str) -> str:
        """A phrase that anybody's catalogue may have: labels of menus, errors."""
        visitor, own = self._now.get()
        found = own.gettext(text)
        for package in self._packages.values():
            if found != text:
                break
            found = self._catalogue(package, visitor).gettext(text)
        return found

    def _catalogue(self, package: str, visitor: Visitor) -> NullTranslations:
        key = (package, visitor.choice.language)
        if key not in self._catalogues:
            self._catalogues[key] = catalogue(*key)
        return self._catalogues[key]

    def _ngettext(self, one: str, many: str, count: int) -> str:
        return self._now.get()[1].ngettext(one, many, count)

    def _csrf(self) -> Markup:
        return Markup('<input type="hidden" name="csrf" value="{}">').format(
            self._now.get()[0].form_token()
        )

    def _moment(self, at: datetime) -> Markup:
        choice = self._now.get()[0].choice
        whole = exact(at, choice.zone, choice.language)
        return Markup(
            '<time datetime="{}" tabindex="0" title="{}" data-exact="{}">{}</time>'
        ).format(
            at.isoformat(timespec="seconds"),
            whole,
            whole,
            shown(at, self._clock.now(), choice.zone, choice.language),
        )

    def _left(self, length: timedelta) -> str:
        return left(length, self._gettext)


async def _limited(request: Request) -> AsyncGenerator[bytes, None]:
    """The body, as long as it is no longer than a form of ours."""
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > _LARGEST:
            raise HTTPException(413, "That is too long.")
        yield chunk
