"""The cookies of the dashboard: a secret for each browser, and what it prefers."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from bot.web.languages import LANGUAGES, preferred
from bot.web.visitor import VISIT, Choice, Visitor

LANGUAGE = "followup_language"
THEME = "followup_theme"
ZONE = "followup_zone"
THEMES = ("light", "dark")
_YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Cookies:
    """`public_url` tells whether a proxy in front of us speaks https."""

    public_url: str | None = None

    def secret(self, request: Request, name: str) -> str | None:
        """What that cookie of ours says."""
        return request.cookies.get(self._named(request, name))

    def keep(self, request: Request, response: Response, name: str, secret: str) -> None:
        """Give the browser a secret that only it and we know, until it is closed or told to."""
        response.set_cookie(
            self._named(request, name),
            secret,
            httponly=True,
            samesite="lax",
            secure=self.is_secure(request),
        )

    def drop(self, request: Request, response: Response, name: str) -> None:
        """Have the browser forget it."""
        response.delete_cookie(
            self._named(request, name),
            httponly=True,
            samesite="lax",
            secure=self.is_secure(request),
        )

    def meet(self, request: Request, response: Response, visitor: Visitor) -> None:
        """Give a new visitor the secret that their forms will be known by."""
        if not visitor.met:
            self.keep(request, response, VISIT, visitor.secret)

    def prefer(self, request: Request, response: Response, choice: Choice) -> None:
        """Remember in this browser how pages shall look."""
        wanted = {LANGUAGE: choice.language, THEME: choice.theme, ZONE: choice.zone.key}
        for name, value in wanted.items():
            response.set_cookie(
                name,
                value,
                max_age=int(_YEAR.total_seconds()),
                samesite="lax",
                secure=self.is_secure(request),
            )

    def choice(self, request: Request) -> Choice:
        """What this browser prefers."""
        language = request.cookies.get(LANGUAGE, "")
        if language not in LANGUAGES:
            language = preferred(request.headers.get("accept-language", ""))
        theme = request.cookies.get(THEME, "")
        zone = zone_of(request.cookies.get(ZONE, "")) or ZoneInfo("UTC")
        return Choice(language, zone, theme if theme in THEMES else "")

    def is_secure(self, request: Request) -> bool:
        """Whether the browser sees https, here or at the proxy of the public address."""
        public = urlsplit(self.public_url or "")
        proxied = public.scheme == "https" and request.headers.get("host") == public.netloc
        return proxied or request.url.scheme == "https"

    def _named(self, request: Request, name: str) -> str:
        # With that prefix a browser takes it from this host alone, and never without https.
        return f"__Host-{name}" if self.is_secure(request) else name


def zone_of(key: str) -> ZoneInfo | None:
    """The zone of that name, if there is one."""
    try:
        return ZoneInfo(key) if key else None
    except (KeyError, ValueError, OSError):
        return None
