"""The OpenAPI document, made of the models that check and write what it describes."""

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib.metadata import version
from typing import Any, Final, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from bot.operations import Nothing, Operation, Operations, Scope, Told
from bot.web.api.problems import MEDIA, Problem

ROOT: Final = "/api/v1"
_TEMPLATE: Final = "#/components/schemas/{model}"
_JSON: Final = "application/json"
_Use = Literal["validation", "serialization"]
_INPUT: Final[_Use] = "validation"
_OUTPUT: Final[_Use] = "serialization"

_ABOUT: Final = (
    "Everything that the pages of the dashboard do. Send a token of yours with each request: "
    "`Authorization: Bearer fbt_…`. Moments are ISO 8601 in UTC. Unknown fields are refused. "
    "Later versions may add fields to answers."
)
_SCOPES: Final = {
    Scope.READ: "see everything that viewers see",
    Scope.CHATS: "pause, hand back, make quiet and erase chats",
    Scope.EMPLOYEES: (
        "add and change employees, their hours and their follow-ups; stop all reminders"
    ),
    Scope.USERS: "add, change and remove users",
    Scope.ADMIN: "see users and the status of the settings",
}
_ANYWHERE: Final = {
    401: "The token is missing, unknown, revoked, or has ended.",
    403: "The token lacks the scope that `detail` names.",
    406: "The header Accept allows no JSON.",
    422: "A field is not as it has to be; `errors` names it.",
    429: "Too many wrong tokens came from this address; `Retry-After` says how long to wait.",
    503: "The database is busy or away: nothing was stored, try again.",
}
_WITH_BODY: Final = {
    400: "The body is not JSON.",
    413: "The body is too long.",
    415: "The body is not declared as JSON.",
}
_NO_SUCH: Final = {404: "There is nothing of that name or number."}


class Index(Told):
    """Where everything else is."""

    name: str = "followup-bot"
    version: str = version("followup-bot")
    openapi: str = f"{ROOT}/openapi.json"
    tokens: str = "/account"


class Document:
    """Written once, when somebody asks for it first."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    @cached_property
    def text(self) -> str:
        """The document as JSON."""
        return json.dumps(self.tree, ensure_ascii=False)

    @cached_property
    def tree(self) -> Mapping[str, Any]:
        """OpenAPI 3.1."""
        keys, found = models_json_schema(list(self._models()), ref_template=_TEMPLATE)
        schemas = found.get("$defs", {})
        names = {key: schema["$ref"].rpartition("/")[2] for key, schema in keys.items()}
        paths: dict[str, dict[str, Any]] = {ROOT: {"get": _index(names)}}
        for each in self._operations:
            path = paths.setdefault(f"{ROOT}{each.path}", {})
            path[each.method.lower()] = _operation(each, names, schemas)
        hidden = {names[each.params, _INPUT] for each in self._operations}
        return {
            "openapi": "3.1.0",
            "info": {
                "title": "followup-bot",
                "version": version("followup-bot"),
                "description": _about(),
            },
            "servers": [{"url": "/"}],
            "paths": paths,
            "components": {
                "schemas": {key: each for key, each in schemas.items() if key not in hidden},
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            },
        }

    def _models(self) -> Iterator[tuple[type[BaseModel], _Use]]:
        yield Problem, _OUTPUT
        yield Index, _OUTPUT
        for each in self._operations:
            yield each.params, _INPUT
            if each.takes_body:
                yield each.body, _INPUT
            if each.answer is not None:
                yield each.answer, _OUTPUT


def _about() -> str:
    scopes = "\n".join(f"- `{scope}`: {text}" for scope, text in _SCOPES.items())
    return f"{_ABOUT}\n\nWhat a token may have:\n\n{scopes}"


def _index(names: Mapping[Any, str]) -> dict[str, Any]:
    good = {"description": "Where everything is.", "content": _content(names[Index, _OUTPUT])}
    refused = {406: _ANYWHERE[406]}
    return {
        "operationId": "index",
        "summary": "Where everything is.",
        "security": [],
        "responses": {"200": good, **_refusals(refused, names)},
    }


def _operation(
    operation: Operation[Any, Any], names: Mapping[Any, str], schemas: Mapping[str, Any]
) -> dict[str, Any]:
    good: dict[str, Any] = {"description": "Done."}
    if operation.answer is not None:
        good["content"] = _content(names[operation.answer, _OUTPUT])
    refusals = {
        **_ANYWHERE,
        **(_WITH_BODY if operation.takes_body else {}),
        **(_NO_SUCH if operation.places else {}),
        **operation.refusals,
    }
    told: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [_tag(operation.path)],
        "security": [{"token": [operation.scope]}],
        "parameters": list(_parameters(operation, schemas[names[operation.params, _INPUT]])),
        "responses": {str(_status(operation)): good, **_refusals(refusals, names)},
    }
    if operation.takes_body:
        content = _content(names[operation.body, _INPUT])
        told["requestBody"] = {"required": True, "content": content}
    return told


def _status(operation: Operation[Any, Any]) -> int:
    return operation.status if operation.answer is not None else 204


def _tag(path: str) -> str:
    return path.split("/")[1]


def _parameters(
    operation: Operation[Any, Any], model: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    if operation.params is Nothing:
        return
    path = operation.places
    required = set(model.get("required", ()))
    for name, schema in model["properties"].items():
        shown = {key: value for key, value in schema.items() if key not in {"title", "description"}}
        told: dict[str, Any] = {
            "name": name,
            "in": "path" if name in path else "query",
            "required": name in path or name in required,
            "schema": shown,
        }
        if "description" in schema:
            told["description"] = schema["description"]
        yield told


def _refusals(told: Mapping[int, str], names: Mapping[Any, str]) -> dict[str, Any]:
    content = _content(names[Problem, _OUTPUT], MEDIA)
    return {
        str(status): {"description": text, "content": content}
        for status, text in sorted(told.items())
    }


def _content(name: str, media: str = _JSON) -> dict[str, Any]:
    return {media: {"schema": {"$ref": _TEMPLATE.format(model=name)}}}
