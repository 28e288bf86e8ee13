"""What Play it can begin with: the samples, and the chats of late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.api import Author, ChannelAccount, Chat, Employee, Message
from plugins.followup.occasions import HISTORY
from plugins.followup.ports import Plan, Ports
from plugins.followup.settings_tab.outlook import monday
from plugins.followup.settings_tab.play import Scene
from plugins.followup.settings_tab.samples import SAMPLES, scene_of

RECENT = 10
_PAGE, _PAGES = 100, 5
_DIGITS = 15
_SOON = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person can pick from, and what is picked."""

    samples: Sequence[tuple[str, str]]
    chats: Sequence[Chat]
    picked: str


async def choices(ports: Ports, employee: str, picked: str) -> Choices:
    """By key: that of a sample, or a chat's number."""
    recent = await _recent(ports, employee)
    samples = [(key, sample.title) for key, sample in SAMPLES.items()]
    return Choices(samples, recent, picked or samples[0][0])


async def scene(ports: Ports, employee: Employee, plan: Plan, picked: str) -> Scene | None:
    """What was picked; None if there is no such thing any more."""
    if picked in SAMPLES:
        start = monday(plan.hours, ports.runtime.clock.now())
        return scene_of(SAMPLES[picked], employee, _account(ports, employee.id), start)
    key = int(picked) if picked.isdecimal() and len(picked) <= _DIGITS else 0
    async with ports.runtime.database.read() as connection:
        chat = await ports.runtime.directory.chat(connection, key)
        record = await ports.silences.load(connection, key)
    if chat is None or record is None or chat.employee != employee.id:
        return None
    history = _until_silence(chat, await ports.runtime.chats.latest(chat.id, HISTORY))
    began = record.silence.began
    return Scene(
        employee, chat, history, began, _answered(history, began), used=record.silence.used
    )


async def _recent(ports: Ports, employee: str) -> Sequence[Chat]:
    """The chats of the employee among the newest of all; no more are looked through."""
    found: list[Chat] = []
    before: int | None = None
    async with ports.runtime.database.read() as connection:
        for _ in range(_PAGES):
            page = await ports.runtime.lists.newest(connection, before, _PAGE)
            found += [chat for _, chat in page if chat.employee == employee and chat.client_n]
            if len(found) >= RECENT or len(page) < _PAGE:
                break
            before = page[-1][0].id
    return found[:RECENT]


def accounts_of(ports: Ports, employee: str) -> Sequence[ChannelAccount]:
    """The channel accounts on which that employee answers, by name."""
    found = ports.runtime.accounts.values()
    return sorted((a for a in found if a.employee == employee), key=lambda a: a.name)


def _account(ports: Ports, employee: str) -> str:
    """The strictest channel of the employee's that works: there a sample shows the most."""
    working = [each for each in accounts_of(ports, employee) if each.fault is None]
    strict = [each for each in working if each.window is not None]
    return next((each.name for each in (*strict, *working)), "")


def _until_silence(chat: Chat, history: Sequence[Message]) -> Sequence[Message]:
    """What was said before the client fell silent, and the answers to it; no reminders since."""
    return [each for each in history if each.n <= chat.client_n or each.plugin is None]


def _answered(history: Sequence[Message], began: datetime) -> datetime:
    """When the client's last message was answered; at once, if nobody has yet."""
    answers = [each.at for each in history if each.author is not Author.CLIENT and each.at >= began]
    return max(answers, default=began + _SOON)
