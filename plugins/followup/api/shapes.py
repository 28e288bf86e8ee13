"""What several operations ask or tell."""

from collections.abc import Sequence
from typing import Annotated, Final

from pydantic import Field

from bot.api import Asked, Chat, Employee, Key, ProblemError, Text, Told, When, nearest
from plugins.followup.dashboard.finding import Wish
from plugins.followup.dashboard.timeline import Label
from plugins.followup.folding import asked
from plugins.followup.model import Reason
from plugins.followup.ports import Ports
from plugins.followup.words import WHY, Wait

NO_CHAT: Final = "There is no such chat."
NO_EMPLOYEE: Final = "There is no such employee."


class Why(Told):
    """A reason of the closed list, and the same in words."""

    code: Reason
    text: str

    @classmethod
    def of(cls, reason: Reason) -> "Why":
        """That reason."""
        return cls(code=reason, text=WHY[reason])

    @classmethod
    def waiting(cls, reason: Reason, wait: Wait) -> "Why":
        """That reason, and what it is in this case."""
        return cls(code=reason, text=wait.text)


class EmployeeBrief(Told):
    """An employee's id and name."""

    id: str
    name: str


class ChatTold(Told):
    """A chat; `paused_since` is set while a colleague has it."""

    id: int
    name: str
    account: str
    employee: EmployeeBrief
    client_wrote_at: When | None
    waiting_since: When | None = Field(description="Since when the client waits for an answer.")
    paused_since: When | None
    held_by: str | None = Field(description="Who has the chat, if that is known.")

    @classmethod
    def of(cls, chat: Chat, employee: str) -> "ChatTold":
        """As the runtime knows it; `employee` is a name."""
        return cls(
            id=chat.id,
            name=chat.title,
            account=chat.ref.account,
            employee=EmployeeBrief(id=chat.employee, name=employee),
            client_wrote_at=chat.client_at,
            waiting_since=chat.waiting_since,
            paused_since=chat.paused_since,
            held_by=chat.held_by,
        )


class Step(Told):
    """Which reminder: its place in today's chain, 0 if that step is gone."""

    place: int
    of: int
    instruction: str

    @classmethod
    def named(cls, label: Label) -> "Step":
        """That one."""
        return cls(place=label.place, of=label.of, instruction=label.instruction)


class ChatKey(Asked):
    """Which chat."""

    chat: Key


class EmployeeKey(Asked):
    """Which employee."""

    employee: Text


Cursor = Annotated[str, Field(pattern=r"^[0-9]{1,17}\.[0-9]{1,9}$")]


class Looked(Asked):
    """What is looked for: beginnings of words in the names of chat and employee."""

    q: Text = Field(default="", max_length=200)
    employee: str | None = Field(default=None, description="The id of an employee.")


async def wish_of(ports: Ports, looked: Looked) -> tuple[Wish, Sequence[Employee]]:
    """The same for the queries, and everybody. Raises ProblemError for an unknown employee."""
    people = await people_of(ports, looked.employee)
    return Wish(asked(looked.q), looked.employee), people


async def people_of(ports: Ports, employee: str | None) -> Sequence[Employee]:
    """Everybody. Raises ProblemError if that employee is none of them."""
    async with ports.runtime.database.read() as connection:
        people = await ports.runtime.lists.people(connection)
    known = [each.id for each in people]
    if employee is not None and employee not in known:
        told = f"is no employee{nearest(employee, known)}"
        raise ProblemError(422, NO_EMPLOYEE, [("employee", told)])
    return people
