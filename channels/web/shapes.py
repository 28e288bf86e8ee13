"""What goes over the wire: bodies that are read, messages that are shown, cursors."""

import json
import re
import unicodedata
from datetime import UTC
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, StringConstraints, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from bot.api import Author, Message, is_zone

BODY_LIMIT = 64 * 1024
# The largest number that every database takes for a message's number.
LAST_N = 2**31 - 1

Shape = TypeVar("Shape", bound=BaseModel)


def _one_line(text: str) -> str:
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise ValueError("must not contain control characters")
    return text


def _sayable(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    if "\0" in text:
        raise ValueError("must not contain the NUL character")
    return text


def _known_zone(told: object) -> str | None:
    """A device's idea of its zone; one that we do not know is no reason to lose the message."""
    return told if isinstance(told, str) and is_zone(told) else None


class NewVisitor(BaseModel):
    """The body of POST visitors."""

    name: (
        Annotated[
            str,
            StringConstraints(strip_whitespace=True, min_length=1, max_length=120),
            AfterValidator(_one_line),
        ]
        | None
    ) = None


class NewMessage(BaseModel):
    """The body of POST messages."""

    id: Annotated[str, StringConstraints(min_length=1, max_length=128), AfterValidator(_one_line)]
    text: Annotated[str, StringConstraints(min_length=1, max_length=4000), AfterValidator(_sayable)]
    zone: Annotated[str | None, BeforeValidator(_known_zone)] = None


async def read_body(request: Request) -> bytes:
    """The body, never more of it in memory than is allowed. Raises HTTPException 413."""
    told = request.headers.get("content-length", "0")
    if told.isdecimal() and (len(told) > len(str(BODY_LIMIT)) or int(told) > BODY_LIMIT):
        raise _too_large()
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_LIMIT:
                raise _too_large()
    except ClientDisconnect:
        raise HTTPException(400, "The body ended early.") from None
    return bytes(body)


def parsed(body: bytes, shape: type[Shape]) -> Shape:
    """The body as `shape`. Raises HTTPException: 400 for no JSON, 422 for other JSON."""
    try:
        table = json.loads(body or b"{}")
    # Deeply nested brackets exhaust the parser's stack.
    except (ValueError, RecursionError):
        raise HTTPException(400, "The body is not JSON.") from None
    try:
        return shape.model_validate(table)
    except ValidationError as error:
        raise HTTPException(422, _faults(error)) from None


def cursor(request: Request) -> int:
    """The number after which messages are wanted. Raises HTTPException 422."""
    told = request.headers.get("last-event-id") or request.query_params.get("after", "0")
    if not re.fullmatch(r"[0-9]{1,10}", told) or int(told) > LAST_N:
        raise HTTPException(422, "'after' and 'Last-Event-ID' take a message's number, 0 or more.")
    return int(told)


def shown(message: Message) -> dict[str, Any]:
    """A message as visitors see it; a human colleague speaks for the employee, and shows as one."""
    client = message.author is Author.CLIENT
    human = {"human": True} if message.author is Author.MANAGER else {}
    return {
        "n": message.n,
        "id": message.external_id if client and message.external_id else str(message.id),
        "from": "client" if client else "employee",
        "text": message.text,
        "at": message.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        **human,
    }


def _too_large() -> HTTPException:
    return HTTPException(413, f"The body is larger than {BODY_LIMIT // 1024} KiB.")


def _faults(error: ValidationError) -> str:
    """The faults without what was sent: a problem's text may end up in a log."""
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(
        ": ".join([*map(str, fault["loc"]), fault["msg"].removeprefix("Value error, ")])
        for fault in faults
    )
