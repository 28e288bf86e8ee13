"""A program that uses the API: every answer it gets must be one that the document promises."""

import re
from collections.abc import Collection
from types import TracebackType
from typing import Any, Self

import httpx2
from jsonschema import Draft202012Validator
from starlette.applications import Starlette

from bot.operations import Scope
from bot.site import PersonRole
from bot.tokens import Wanted
from tests.story.world import World

HERE = "http://127.0.0.1:8080"
ROOT = "/api/v1"


async def token_of(
    w: World,
    name: str = "Olga",
    scopes: Collection[Scope] = tuple(Scope),
    *,
    role: PersonRole = PersonRole.ADMIN,
    called: str = "crm",
    days: int | None = None,
) -> str:
    """A token of that person, who is made if there is none."""
    if await w.app.keys.people.named(name) is None:
        await w.app.keys.people.add("test", name, role)
    account = await w.app.keys.people.named(name)
    assert account is not None
    return await w.app.keys.tokens.make("test", account.id, Wanted(called, scopes, days))


class Program:
    """`async with Program(world.app.web, token) as program`; without a token it has none."""

    def __init__(self, web: Starlette, token: str | None = None, **headers: str) -> None:
        given = {"authorization": f"Bearer {token}"} if token else {}
        self._client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=web),
            base_url=HERE,
            headers={**given, **headers},
        )
        self.document: dict[str, Any] = {}
        self.seen: set[tuple[str, str, int]] = set()

    async def __aenter__(self) -> Self:
        self.document = (await self._client.get(f"{ROOT}/openapi.json")).json()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.aclose()

    async def ask(self, method: str, path: str, **more: Any) -> httpx2.Response:
        answer = await self._client.request(method, f"{ROOT}{path}", **more)
        self._check(method, path, answer)
        return answer

    async def get(self, path: str, **params: Any) -> Any:
        """What is there, which has to be something."""
        answer = await self.ask("GET", path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def send(self, method: str, path: str, body: object = None, status: int = 200) -> Any:
        """What came of it, which has to have that status."""
        more = {} if body is None else {"json": body}
        answer = await self.ask(method, path, **more)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    def _check(self, method: str, path: str, answer: httpx2.Response) -> None:
        """The status, the kind and the content are those of the document."""
        assert answer.headers["cache-control"] == "no-store"
        place = self._place(path.partition("?")[0])
        if method == "HEAD":
            assert not answer.content
            return
        if place is None or method.lower() not in self.document["paths"][place]:
            assert answer.status_code == (404 if place is None else 405)
            return
        operation = self.document["paths"][place][method.lower()]
        self.seen.add((method, place, answer.status_code))
        promised = operation["responses"].get(str(answer.status_code))
        assert promised is not None, (method, path, answer.status_code, answer.text)
        if "content" not in promised:
            assert not answer.content
            return
        kind = answer.headers["content-type"].partition(";")[0]
        schema = {
            **promised["content"][kind]["schema"],
            "components": self.document["components"],
        }
        Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(
            answer.json()
        )

    def _place(self, path: str) -> str | None:
        """The path of the document that this one is; whole words before what stands for any."""
        for place in sorted(self.document["paths"], key=lambda each: each.count("{")):
            pattern = re.sub(r"{\w+}", "[^/]+", place)
            if re.fullmatch(pattern, f"{ROOT}{path}"):
                return str(place)
        return None
