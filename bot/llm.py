"""The one place that talks to a model: any server with the chat completions API."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from openai import (
    APIError,
    AsyncOpenAI,
    BadRequestError,
    DefaultAioHttpClient,
    OpenAIError,
    UnprocessableEntityError,
)
from pydantic import BaseModel

from bot.errors import ModelError
from bot.model import Reply

_ATTEMPTS = 3


class _Said(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    message: _Said


class _Usage(BaseModel):
    total_tokens: int | None = None


class _Completion(BaseModel):
    """As much of the answer as is used; the rest differs from server to server."""

    choices: list[_Choice]
    usage: _Usage | None = None


class OpenAiModel:
    """A client that is shared by everything in the process."""

    def __init__(
        self, name: str, timeout: timedelta, base_url: str | None, api_key: str | None
    ) -> None:
        self._name = name
        self._timeout = timeout
        # Local servers ask for no key, and the library insists on one.
        self._client = AsyncOpenAI(
            base_url=base_url,
            api_key=api_key or "none",
            timeout=timeout.total_seconds(),
            max_retries=_ATTEMPTS - 1,
            # What clients wrote and the key go where the settings say, and nowhere else.
            http_client=DefaultAioHttpClient(follow_redirects=False),
        )

    async def complete(
        self, messages: Sequence[tuple[str, str]], schema: dict[str, object] | None = None
    ) -> Reply:
        """The completion; within the timeout, the library's own retries included."""
        try:
            async with asyncio.timeout(self._timeout.total_seconds()):
                return await self._complete(messages, schema)
        except TimeoutError:
            raise ModelError(f"the model did not answer within {self._timeout}") from None
        except APIError as error:
            raise ModelError(_plain(error)) from None
        except (OpenAIError, ValueError) as error:
            raise ModelError(f"the model's answer is unusable ({type(error).__name__})") from None

    async def ping(self) -> None:
        """One word from the model, to see that name and key are right. Raises ModelError."""
        await self.complete([("user", "Say hello.")])

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _complete(
        self, messages: Sequence[tuple[str, str]], schema: dict[str, object] | None
    ) -> Reply:
        try:
            return await self._ask(messages, _format(schema))
        except (BadRequestError, UnprocessableEntityError):
            if schema is None:
                raise
            # Not every server knows schemas; the prompt asks for JSON as well.
            return await self._ask(messages, {})

    async def _ask(self, messages: Sequence[tuple[str, str]], extra: dict[str, Any]) -> Reply:
        # The library's types want each role's own class; the names on the wire are the same.
        wire: list[Any] = [{"role": role, "content": text} for role, text in messages]
        # Raw, because the library believes whatever comes: a page of HTML, a list, nothing.
        raw = await self._client.chat.completions.with_raw_response.create(
            model=self._name, messages=wire, **extra
        )
        answer = _Completion.model_validate_json(raw.content)
        text = (answer.choices[0].message.content or "").strip() if answer.choices else ""
        if not text:
            raise ModelError("the model's answer is empty")
        return Reply(text, answer.usage.total_tokens if answer.usage else None)


def _format(schema: dict[str, object] | None) -> dict[str, Any]:
    if schema is None:
        return {}
    named = {"name": "verdict", "strict": True, "schema": schema}
    return {"response_format": {"type": "json_schema", "json_schema": named}}


def _plain(error: APIError) -> str:
    """What went wrong, without the request: it holds what clients wrote."""
    status = getattr(error, "status_code", None)
    name = type(error).__name__
    return f"the model's server says {status} ({name})" if status else f"no model there ({name})"
