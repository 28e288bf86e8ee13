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
_SOON = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person can pick from, and what is picked."""

    samples: Sequence[tuple[str, str]]
    chats: Sequence[Chat]
    picked: str


async def choices(ports: Ports, employee: str, picked: str) -> Choices:
    """By key: that of a sample, or a chat's number."""
    async with ports.runtime.database.read() as connection:
        recent = await ports.overview.recent(connection, employee, RECENT)
    samples = [(key, sample.title) for key, sample in SAMPLES.items()]
    return Choices(samples, recent, picked or samples[0][0])


async def scene(ports: Ports, employee: Employee, plan: Plan, picked: str) -> Scene | None:
    """What was picked; None if there is no such thing any more."""
    if picked in SAMPLES:
        start = monday(plan.hours, ports.runtime.clock.now())
        return scene_of(SAMPLES[picked], employee, _account(ports, employee.id), start)
    async with ports.runtime.database.read() as connection:
        recent = await ports.overview.recent(connection, employee.id, RECENT)
        chat = next((each for each in recent if str(each.id) == picked), None)
        record = await ports.silences.load(connection, chat.id) if chat is not None else None
    if chat is None or record is None:
        return None
    history = _until_silence(chat, await ports.runtime.chats.latest(chat.id, HISTORY))
    began = record.silence.began
    return Scene(
        employee, chat, history, began, _answered(history, began), used=record.silence.used
    )


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
