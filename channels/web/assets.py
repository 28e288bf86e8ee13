"""The files that browsers load: the widget's script and the demo shop."""

import hashlib
from html import escape
from pathlib import Path
from string import Template
from typing import Final

from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

STATIC: Final = Path(__file__).parent / "static"
DEMO_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


def widget() -> Route:
    """The script that any page may embed."""
    return _route(
        "/widget.js",
        (STATIC / "widget.js").read_bytes(),
        "text/javascript",
        {
            "Cache-Control": "public, max-age=300",
            "Cross-Origin-Resource-Policy": "cross-origin",
        },
    )


def demo(account: str) -> list[Route]:
    """A small shop that embeds the widget, and its style sheet."""
    page = Template((STATIC / "demo.html").read_text("utf-8")).substitute(account=escape(account))
    policy = {"Cache-Control": "no-cache", "Content-Security-Policy": DEMO_POLICY}
    style = (STATIC / "demo.css").read_bytes()
    return [
        _route("/demo", page.encode(), "text/html", policy),
        _route("/demo.css", style, "text/css", {"Cache-Control": "no-cache"}),
    ]


def _route(path: str, content: bytes, media_type: str, headers: dict[str, str]) -> Route:
    # Weak, because a compressed copy has the same tag.
    tag = f'W/"{hashlib.sha256(content).hexdigest()[:20]}"'
    told = {"ETag": tag, "X-Content-Type-Options": "nosniff", **headers}

    async def serve(request: Request) -> Response:
        known = {each.strip() for each in request.headers.get("if-none-match", "").split(",")}
        if tag in known:
            return Response(status_code=304, headers=told)
        return Response(content, headers=told, media_type=media_type)

    return Route(path, serve, middleware=[Middleware(GZipMiddleware)])
