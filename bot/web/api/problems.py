"""Refusals as problems (RFC 9457): what is wrong, in which field, and what to do."""

import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Literal

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.operations import ProblemError, Told

log = logging.getLogger(__name__)

MEDIA = "application/problem+json"
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_BARE = {
    404: "There is nothing at this address; /api/v1/openapi.json lists what there is.",
    405: "This address does not take that method; the header Allow lists those that it takes.",
}


class FieldFault(Told):
    """What is wrong with one field; `field` is its dotted name, with places of lists from 0."""

    field: str
    problem: str


class Problem(Told):
    """Why a request was refused, and what to do."""

    type: Literal["about:blank"] = "about:blank"
    title: str
    status: int
    detail: str
    errors: Sequence[FieldFault] = ()


async def refused(_request: Request, error: Exception) -> Response:
    """A refusal of ours."""
    assert isinstance(error, ProblemError)  # noqa: S101  it is registered for these alone
    return _problem(error)


async def unknown(_request: Request, error: Exception) -> Response:
    """What the library refuses by itself: an address, or a method."""
    assert isinstance(error, HTTPException)  # noqa: S101  it is registered for these alone
    told = _BARE.get(error.status_code, error.detail)
    return _problem(ProblemError(error.status_code, told, headers=error.headers))


async def overloaded(_request: Request, error: Exception) -> Response:
    """The database is locked, full or away."""
    log.error("the database failed: %s", type(error).__name__)
    told = "The database is busy or away. Nothing was stored; try again."
    return _problem(ProblemError(503, told, headers={"Retry-After": "5"}))


async def broken(_request: Request, _error: Exception) -> Response:
    """A fault of ours; the log has it."""
    return _problem(ProblemError(500, "Something went wrong here; the log tells more."))


def _problem(error: ProblemError) -> Response:
    problem = Problem(
        title=HTTPStatus(error.status).phrase,
        status=error.status,
        detail=error.detail,
        errors=[FieldFault(field=where, problem=text) for where, text in error.faults],
    )
    headers = {**HEADERS, **(error.headers or {})}
    return Response(problem.model_dump_json(), error.status, headers, media_type=MEDIA)
