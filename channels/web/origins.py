"""Which pages may talk to a web channel."""

import re
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from channels.web.problems import Problem

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
DEFAULT_PORTS = {"http": ":80", "https": ":443"}
ORIGIN = re.compile(r"([a-z][a-z0-9+.-]*)://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")


def origin(written: str) -> str:
    """The origin as a browser would send it. Raises ValueError."""
    if "*" in written:
        raise ValueError("'*' is not accepted: name each page that may embed the widget")
    match = ORIGIN.fullmatch(written.lower())
    if match is None:
        raise ValueError(
            f"'{written}' is not an origin: write scheme://host or scheme://host:port, "
            "nothing after it, a host with other letters as xn--…"
        )
    scheme, host, port = match.groups(default="")
    return f"{scheme}://{host}{'' if port == DEFAULT_PORTS.get(scheme) else port}"


def own_origins(public_url: str) -> frozenset[str]:
    """The server's own origin; on this machine, by whatever name the machine calls itself."""
    own = origin("://".join(urlsplit(public_url)[:2]))
    parts = urlsplit(own)
    if parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
        return frozenset({own})
    port = "" if parts.port is None else f":{parts.port}"
    return frozenset(f"{parts.scheme}://{host}{port}" for host in LOOPBACK)


class OriginGuard(CORSMiddleware):
    """Lets in who sends no Origin (an app) or a known one; browsers are told so by CORS."""

    def __init__(self, app: ASGIApp, known: Collection[str]) -> None:
        super().__init__(
            app,
            allow_origins=known,
            allow_methods=("GET", "POST"),
            allow_headers=("authorization", "content-type", "last-event-id"),
            expose_headers=("retry-after",),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a stranger at once, before anything of the request is read."""
        asked = Headers(scope=scope).get("origin")
        if scope["type"] == "http" and asked is not None and not self.is_allowed_origin(asked):
            stranger = Problem(
                403, "This page may not use the channel; its origin is not in the settings."
            )
            stranger.headers["Vary"] = "Origin"
            await stranger(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    def preflight_response(self, request_headers: Headers) -> Response:
        """As the library's, with a refusal in our own form."""
        response = super().preflight_response(request_headers)
        if response.status_code < 400:  # noqa: PLR2004 - where HTTP's errors begin
            return response
        return Problem(400, "The channel takes GET and POST, without headers of your own.")
