"""Serves operations: one door for all of them, and an answer that is what the document says."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.errors import SettingsError
from bot.operations import Call, Nothing, Operation, Operations, ProblemError, Told
from bot.web.api.document import ROOT, Document, Index
from bot.web.api.entrance import Entrance
from bot.web.api.problems import HEADERS, broken, overloaded, refused, unknown
from bot.web.api.reading import JSON, body_of, check_accept, params_of

Endpoint = Callable[[Request], Awaitable[Response]]
_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Api:
    """All operations, those of the runtime and those of plugins.

    Raises SettingsError if two of them are in one place.
    """

    def __init__(self, operations: Operations, entrance: Entrance) -> None:
        self._operations = operations
        self._entrance = entrance
        self._document = Document(operations)
        _check(operations)

    def routes(self) -> Sequence[BaseRoute]:
        """Everything under /api/v1, with refusals of its own."""
        app = self._app()
        return (Route(ROOT, app), Route(f"{ROOT}/{{path:path}}", app))

    def _app(self) -> Starlette:
        paths: dict[str, dict[str, Operation[Any, Any]]] = {}
        for each in self._operations:
            paths.setdefault(each.path, {})[each.method] = each
        # Whole words before what stands for any.
        ordered = sorted(paths, key=lambda path: [part.startswith("{") for part in _parts(path)])
        routes = [
            Route(ROOT, self._index),
            Route(f"{ROOT}/openapi.json", self._openapi),
            *(
                Route(f"{ROOT}{path}", self._endpoint(paths[path]), methods=list(paths[path]))
                for path in ordered
            ),
        ]
        handlers: Mapping[Any, Any] = {
            ProblemError: refused,
            HTTPException: unknown,
            OperationalError: overloaded,
            Exception: broken,
        }
        app = Starlette(routes=routes, exception_handlers=handlers)
        app.router.redirect_slashes = False
        return app

    def _endpoint(self, operations: Mapping[str, Operation[Any, Any]]) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            method = "GET" if request.method == "HEAD" else request.method
            return await self._serve(request, operations[method])

        return endpoint

    async def _serve(self, request: Request, operation: Operation[Any, Any]) -> Response:
        caller = await self._entrance.enter(request, operation.scope)
        check_accept(request)
        params = params_of(request, operation)
        body = await body_of(request, operation.body) if operation.takes_body else Nothing()
        base = str(request.base_url).rstrip("/")
        answer = await operation.handler(Call(caller, params, body, base))
        if isinstance(answer, Response):
            answer.headers.update(HEADERS)
            return answer
        return _written(answer, operation.status)

    async def _index(self, request: Request) -> Response:
        check_accept(request)
        return _written(Index(), 200)

    async def _openapi(self, _request: Request) -> Response:
        return Response(self._document.text, 200, {"X-Content-Type-Options": "nosniff"}, JSON)


def _written(answer: Told | None, status: int) -> Response:
    if answer is None:
        return Response(None, 204, HEADERS)
    return Response(answer.model_dump_json(), status, HEADERS, JSON)


def _parts(path: str) -> Sequence[str]:
    return path.split("/")


def _check(operations: Operations) -> None:
    for key in (lambda each: each.id, lambda each: (each.method, each.path)):
        seen = [key(each) for each in operations]
        twice = sorted({str(each) for each in seen if seen.count(each) > 1})
        if twice:
            raise SettingsError(f"two plugins bring the same operation of the API: {twice[0]}")
    wrong = [each.id for each in operations if each.method not in _METHODS]
    if wrong:
        raise SettingsError(f"operations of the API with an unknown method: {', '.join(wrong)}")
