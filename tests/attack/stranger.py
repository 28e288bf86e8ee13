"""A plugin of somebody's that fails in every hook, quotes clients, and has libraries talk."""

import asyncio
import logging
import threading

from bot.api import Author, Chat, Message, Plugin, Runtime, Transaction

ENTRY = "[followup_bot.plugins]\nclumsy = tests.attack.stranger:plugin\n"


class Clumsy(Plugin):
    name = "clumsy"

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._tasks: set[asyncio.Task[None]] = set()

    async def started(self) -> None:
        _loudly()

    async def client_wrote(self, tx: Transaction, chat: Chat, message: Message) -> None:
        _loudly()
        tx.after_commit(lambda: self._later(chat.id, message.text))
        self._later(chat.id, message.text)
        try:
            int(message.text)
        except ValueError as error:
            error.add_note(message.text)
            raise RuntimeError(f"{chat.name} at {chat.ref}: {message!r}") from error

    async def employee_wrote(self, tx: Transaction, chat: Chat, message: Message) -> None:
        raise ExceptionGroup(message.text, [KeyError(message.text), ValueError(chat.ref.address)])

    async def job(self, key: int) -> None:
        messages = await self._runtime.chats.messages(key)
        raise LookupError([each.text for each in messages if each.author is Author.CLIENT])

    def _later(self, chat: int, text: str) -> None:
        self._runtime.jobs.wake(self.name, chat, self._runtime.clock.now())
        # A task that fails and whose end nobody awaits, and a thread of the same kind.
        self._tasks.add(asyncio.get_running_loop().create_task(_fail(text)))
        self._tasks = {task for task in self._tasks if not task.done()}
        threading.Thread(target=int, args=(text,)).start()


async def _fail(text: str) -> None:
    raise ValueError(text)


def _loudly() -> None:
    """Every library says all that it can."""
    logging.getLogger().setLevel(logging.DEBUG)
    for name in list(logging.root.manager.loggerDict):
        logging.getLogger(name).setLevel(logging.DEBUG)


def plugin(runtime: Runtime) -> Plugin:
    return Clumsy(runtime)
