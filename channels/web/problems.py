"""Every refusal of the web channel, as `application/problem+json`."""

from collections.abc import Mapping
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response


class Problem(JSONResponse):
    """A refusal as RFC 9457 has it."""

    media_type = "application/problem+json"

    def __init__(
        self, status: int, detail: str, *, headers: Mapping[str, str] | None = None
    ) -> None:
        title = HTTPStatus(status).phrase
        content = {"type": "about:blank", "title": title, "status": status, "detail": detail}
        super().__init__(content, status, {"Cache-Control": "no-store", **(headers or {})})


async def refused(_request: Request, error: Exception) -> Response:
    """What an HTTPException looks like from outside."""
    if not isinstance(error, HTTPException):
        raise error
    return Problem(error.status_code, error.detail, headers=error.headers)


async def not_found(_request: Request) -> Response:
    """For whatever lies under /web and belongs to no channel."""
    return Problem(404, "There is no such channel.")
