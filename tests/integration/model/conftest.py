"""A model's server on this machine, which answers as it is told."""

import json
import socket
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.llm import OpenAiModel

KEY = "sk-very-private-key"
PROMPT = "a very private question"


def completion(text: object = "Hello!", **more: Any) -> dict[str, Any]:
    """What a server says when all is well."""
    message = {"role": "assistant", "content": text}
    return {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 30, "completion_tokens": 12, "total_tokens": 42},
        **more,
    }


@dataclass(frozen=True)
class Answer:
    """What the server says once; the last one is said for ever."""

    body: object = field(default_factory=completion)
    status: int = 200
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    hangs: bool = False


class ModelServer:
    """Keeps what it was asked: bodies and keys."""

    def __init__(self) -> None:
        self.answers: deque[Answer] = deque([Answer()])
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.open = threading.Event()
        app = Starlette(routes=[Route("/v1/chat/completions", self._complete, methods=["POST"])])
        self._socket = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}/v1"

    def says(self, *answers: Answer) -> None:
        self.answers = deque(answers)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()

    async def _complete(self, request: Request) -> Response:
        self.asked.append(await request.json())
        self.keys.append(request.headers.get("authorization"))
        answer = self.answers.popleft() if len(self.answers) > 1 else self.answers[0]
        if answer.hangs:
            # Until whoever asked has hung up.
            while (await request.receive())["type"] != "http.disconnect":
                pass
        body = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
        return Response(body, answer.status, answer.headers, answer.kind)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    server = ModelServer()
    server.start()
    yield server
    server.stop()


Connected = Callable[..., OpenAiModel]


@pytest.fixture
async def model(server: ModelServer) -> AsyncIterator[Connected]:
    """Clients of that server; closed at the end."""
    made: list[OpenAiModel] = []

    def connected(timeout: float = 20, url: str | None = None) -> OpenAiModel:
        made.append(OpenAiModel("m", timedelta(seconds=timeout), url or server.url, KEY))
        return made[-1]

    yield connected
    for each in made:
        await each.close()
