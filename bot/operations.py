"""The API under /api/v1 as values: what may be asked, by whom, and what is answered.

The models that check what comes in and write what goes out are also what the OpenAPI document is
made of, so that it cannot say anything else.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field
from starlette.responses import Response


class Scope(StrEnum):
    """What a token may be used for."""

    READ = "read"
    CHATS = "chats:write"
    EMPLOYEES = "employees:write"
    USERS = "users:write"
    ADMIN = "admin:read"


class Asked(BaseModel):
    """What a program sends; a field that is not known is refused."""

    # Built when they are first used: a process starts sooner.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Told(BaseModel):
    """What a program gets; later versions may tell more."""

    model_config = ConfigDict(frozen=True, defer_build=True)


class Nothing(Asked):
    """Neither parameters nor a body."""


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)


When = Annotated[AwareDatetime, AfterValidator(_utc)]
"""A moment, in UTC wherever it came from."""

Key = Annotated[int, Field(ge=1, le=10**15)]
"""A number that a database gave."""

Text = Annotated[str, Field(pattern=r"^[^\x00]*$")]
"""A text that every database takes."""

_HOUR = r"([01][0-9]|2[0-3]):[0-5][0-9]"
_Interval = Annotated[str, Field(pattern=rf"^{_HOUR}-({_HOUR}|24:00)$", examples=["09:00-18:00"])]
_Date = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", examples=["2026-12-25"])]
_Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

Hours = Mapping[_Weekday, Sequence[_Interval]]
"""Intervals of a week; a day that is left out is closed, and without any it is always open."""

SpecialDays = Mapping[_Date, Sequence[_Interval]]
"""Days with intervals of their own; without any the day is closed."""


class ProblemError(Exception):
    """The request cannot be done; the text says why and what to do.

    `faults` names fields, each with what is wrong there.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        faults: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.faults = faults
        self.headers = headers


Params = TypeVar("Params", bound=Asked)
Body = TypeVar("Body", bound=Asked)


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose token it is: `name` is the person's, `by` is what the audit log keeps."""

    account: int
    name: str
    by: str


@dataclass(frozen=True, slots=True)
class Call(Generic[Params, Body]):
    """A request that was let in and checked; `base` is the address of this site."""

    caller: Caller
    params: Params
    body: Body
    base: str


@dataclass(frozen=True, slots=True)
class Operation(Generic[Params, Body]):
    """One thing that programs may ask for.

    Fields of `params` that are named in the path stand there, the others in the query. Without an
    `answer` there is no content (204). `refusals` are the statuses that the handler itself refuses
    with (ProblemError), and why. A handler may give a Response for what is too long for one piece.
    """

    id: str
    method: str
    path: str
    scope: Scope
    summary: str
    params: type[Params]
    body: type[Body]
    answer: type[Told] | None
    handler: Callable[[Call[Params, Body]], Awaitable[Told | Response | None]]
    status: int = 200
    refusals: Mapping[int, str] = field(default_factory=dict)

    @property
    def places(self) -> Sequence[str]:
        """The names in the path."""
        return re.findall(r"{(\w+)}", self.path)

    @property
    def takes_body(self) -> bool:
        """Whether there is anything to send."""
        return self.body.model_fields != {}


Operations = Sequence[Operation[Any, Any]]
