"""Takes apart what an admin typed: the word, the employee, and the rest."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.api import Command, Employee, nearest
from plugins.followup.commands.replies import RefusedError, Row, button, home
from plugins.followup.ports import Ports

# Where the employee's name may stand: anywhere, or only first because free text follows.
_ANYWHERE = (
    "status",
    "on",
    "off",
    "steps",
    "once",
    "move",
    "remove",
    "undo",
    "preview",
    "hours",
    "holdout",
)
_QUIET = ("mute", "snooze", "unmute", "never", "allow")
_FIRST = ("add", "edit", "chats")
_OF_CHATS = ("why", "now", "skip", "pause", "resume", *_QUIET)
_OF_ALL = ("stop", "release")
WORDS = (*_ANYWHERE, *_FIRST, *_OF_CHATS, *_OF_ALL, "help")


@dataclass(frozen=True, slots=True)
class Staff:
    """Everyone whom a command may mean."""

    people: Sequence[Employee]

    @property
    def several(self) -> bool:
        """Whether a command has to tell whom it means."""
        return len(self.people) > 1

    def tag(self, employee: Employee) -> str:
        """How the commands of buttons name them: not at all where there is nobody else."""
        return employee.id if self.several else ""

    def begins(self, words: Sequence[str]) -> tuple[Employee, int] | None:
        """Whom these words name at their beginning, and with how many words; the longest wins."""
        for count in range(len(words), 0, -1):
            said = " ".join(words[:count]).casefold()
            found = [each for each in self.people if each.id == said]
            found = found or [each for each in self.people if _plain(each.name) == said]
            if len(found) == 1:
                return found[0], count
        return None


@dataclass(frozen=True, slots=True)
class Request:
    """The word, whom it is for if that was said, and what follows."""

    command: Command
    word: str
    rest: str
    named: Employee | None
    staff: Staff

    @property
    def employee(self) -> Employee:
        """Whom it is for. Asks where several could be meant."""
        if self.named is not None:
            return self.named
        if len(self.staff.people) == 1:
            return self.staff.people[0]
        if not self.staff.people:
            raise nobody_yet()
        raise RefusedError(self._which(), *self._choices(), home())

    @property
    def tag(self) -> str:
        """How the buttons of the answer name the employee."""
        return self.staff.tag(self.employee)

    def of(self, employee: Employee) -> str:
        """How texts show a command's employee: not at all where there is nobody else."""
        return f" {employee.id}" if self.staff.several else ""

    def _which(self) -> str:
        names = "\n".join(f"{each.id}: {each.name}" for each in self.staff.people)
        return f"Which employee?\n{names}\nLike this: /followup {self.word} {self._typed()}"

    def _typed(self) -> str:
        first = self.staff.people[0].id
        return f"{first} …" if self.rest else first

    def _choices(self) -> Sequence[Row]:
        # One button a row, and none where the whole command does not fit into one.
        return [
            [button(each.name, self.word, each.id, self.rest)] for each in self.staff.people[:20]
        ]


def nobody_yet() -> RefusedError:
    """Nothing can be done without an employee."""
    return RefusedError("There is no employee yet: the settings file has to name one.", home())


async def staff_of(ports: Ports, command: Command) -> Staff:
    """Everyone; who has the admin's own account comes first."""
    async with ports.runtime.database.read() as connection:
        people = await ports.overview.employees(connection)
    return Staff(sorted(people, key=lambda each: each.id != command.employee))


def request_of(command: Command, staff: Staff) -> Request:
    """What is asked for. Refuses a word that there is not, with the nearest one."""
    text = _cleaned(command.text)
    if text.startswith("/"):
        text = after(text, 1)
    words = text.split()
    named = None
    if words and words[0].casefold() not in WORDS and (begun := staff.begins(words)):
        named, count = begun
        text = after(text, count)
        words = text.split()
    word = words[0].casefold() if words else "status"
    if word not in WORDS:
        raise RefusedError(_unknown(words[0]), home())
    rest = after(text, 1)
    if named is None:
        named, rest = _employee_in(word, rest, staff)
    return Request(command, word, rest, named, staff)


def after(text: str, count: int) -> str:
    """What follows that many words; its own line breaks are kept."""
    parts = text.split(None, count)
    return parts[count].strip() if len(parts) > count else ""


def number(word: str) -> int | None:
    """A number that places, pages and chats can have."""
    plain = word.isascii() and word.isdigit() and len(word) <= len("1234567890123")
    return int(word) if plain else None


def _employee_in(word: str, rest: str, staff: Staff) -> tuple[Employee | None, str]:
    words = rest.split()
    if word in _ANYWHERE:
        for place, each in enumerate(words):
            found = staff.begins(words[place:]) if number(each) is None else None
            if found is not None:
                left = [*words[:place], *words[place + found[1] :]]
                return found[0], " ".join(left)
    # With one employee only, "Anna …" may as well begin an instruction.
    if (
        word in _FIRST
        and (begun := staff.begins(words))
        and _is_name(word, words[begun[1] :], staff)
    ):
        return begun[0], after(rest, begun[1])
    return None, rest


def _is_name(word: str, following: Sequence[str], staff: Staff) -> bool:
    if staff.several or word != "add":
        return True
    return not following or following[0][:1].isdigit()


def _cleaned(text: str) -> str:
    """Without what no database takes: the NUL character and halves of surrogate pairs."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode().strip()


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _unknown(word: str) -> str:
    hint = nearest(word, WORDS)
    return f"There is no command “{word[:40]}”{hint or '.'}\n/followup help lists them."
