"""The parts of Telegram's updates that the channel looks at."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

# What a moment of Telegram's can plausibly be: until the year 2100.
Seconds = Annotated[int, Field(ge=0, le=4_102_444_800)]
Id = Annotated[int, Field(strict=True)]
Name = Annotated[str, StringConstraints(strip_whitespace=True)]


class Shape(BaseModel):
    """What is not named here is kept as it is: kinds of content are found there."""

    model_config = ConfigDict(extra="allow", frozen=True)

    @property
    def rest(self) -> dict[str, Any]:
        """Everything without a field of its own."""
        return self.model_extra or {}


class Person(Shape):
    """A user or a bot."""

    id: Id
    is_bot: bool = False
    first_name: Name = ""
    last_name: Name | None = None

    @property
    def name(self) -> str | None:
        """As the person wants to be called."""
        return " ".join(filter(None, [self.first_name, self.last_name])) or None


class Place(Shape):
    """A chat; only private ones are ours."""

    id: Id
    type: str


class Said(Shape):
    """A message, or what is left of one that a button belongs to (then `date` is 0)."""

    message_id: Id
    date: Seconds = 0
    chat: Place
    author: Person | None = Field(default=None, alias="from")
    text: str | None = None
    caption: str | None = None
    message_thread_id: int | None = None
    business_connection_id: str | None = None
    sender_business_bot: Person | None = None
    reply_to_message: "Said | None" = None


class Press(Shape):
    """A pressed button under a message of ours."""

    id: str
    author: Person = Field(alias="from")
    message: Said | None = None
    data: str | None = None


class Standing(Shape):
    """What somebody is in a chat."""

    status: str


class Change(Shape):
    """Somebody let the bot in, or put it out."""

    chat: Place
    date: Seconds
    new_chat_member: Standing


class Update(Shape):
    """The kinds of updates that matter here."""

    update_id: Id
    message: Said | None = None
    business_message: Said | None = None
    callback_query: Press | None = None
    my_chat_member: Change | None = None


KINDS = (
    "message",
    "business_message",
    "business_connection",
    "callback_query",
    "my_chat_member",
)
