"""Reads a request: its parameters and its body, checked by the models of the operation."""

from typing import Any, Final, TypeVar

from pydantic import ValidationError
from starlette.requests import ClientDisconnect, Request

from bot.operations import Asked, Operation, ProblemError
from bot.options import faults

LARGEST: Final = 256 * 1024
JSON: Final = "application/json"
_TAKEN: Final = {"*/*", "application/*", JSON, "application/problem+json"}
_FITS: Final = "A field is not as it has to be; `errors` says which, and what is wrong."

Model = TypeVar("Model", bound=Asked)


def check_accept(request: Request) -> None:
    """Raises ProblemError 406 for who cannot read JSON."""
    wanted = request.headers.get("accept", "")
    kinds = {each.partition(";")[0].strip().lower() for each in wanted.split(",")} - {""}
    if kinds and not kinds & _TAKEN:
        raise ProblemError(406, f"Answers are {JSON}; leave the header Accept out, or name that.")


def params_of(request: Request, operation: Operation[Any, Any]) -> Asked:
    """What stands in path and query. Raises ProblemError 404 or 422."""
    path = {name: request.path_params[name] for name in operation.places}
    query = request.query_params.multi_items()
    names = [name for name, _ in query]
    twice = [(name, "may be given once") for name in sorted(set(names)) if names.count(name) > 1]
    misplaced = [(name, "is part of the path") for name in names if name in path]
    if twice or misplaced:
        raise ProblemError(422, _FITS, [*twice, *misplaced])
    try:
        made: Asked = operation.params.model_validate_strings({**dict(query), **path})
    except ValidationError as error:
        wrong = _named(operation.params, error)
        if any(name in path for name, _ in wrong):
            raise ProblemError(404, "There is nothing of that name or number.", wrong) from None
        raise ProblemError(422, _FITS, wrong) from None
    return made


async def body_of(request: Request, model: type[Model]) -> Model:
    """What was sent. Raises ProblemError: 400, 413, 415 or 422."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != JSON:
        raise ProblemError(415, f"Send {JSON}, and say so in the header Content-Type.")
    text = await _limited(request)
    try:
        return model.model_validate_json(text, strict=True)
    except ValidationError as error:
        wrong = _named(model, error)
        if any(each["type"] == "json_invalid" for each in error.errors(include_input=False)):
            raise ProblemError(400, f"The body is not JSON: {wrong[0][1]}.") from None
        raise ProblemError(422, _FITS, wrong) from None


async def _limited(request: Request) -> bytes:
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST:
                raise ProblemError(413, f"A body has at most {LARGEST // 1024} KiB.")
    except ClientDisconnect:
        raise ProblemError(400, "The body broke off.") from None
    return body


def _named(model: type[Asked], error: ValidationError) -> list[tuple[str, str]]:
    return [(".".join(path), text) for path, text in faults(model, error)]
