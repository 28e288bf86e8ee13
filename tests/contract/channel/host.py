"""A runtime in memory that keeps what it is told, and may have a bad moment."""

from dataclasses import replace

from bot.api import ChannelHost, ChatRef, Incoming, Receipt
from bot.testing import FakeDesk, FakeReports
from tests.contract.web.world import World

ACCOUNT = "shop"


class FullDiskError(Exception):
    """Nothing was stored."""


class Host(World):
    """Receiver, Chats and News for one account; `full` breaks the next message it is given."""

    def __init__(self, *admins: str) -> None:
        super().__init__()
        self.desk = FakeDesk(*admins)
        self.heard: list[Incoming] = []
        self.full = False

    def host(self, public_url: str = "http://127.0.0.1:8080") -> ChannelHost:
        return replace(
            super().host(public_url),
            desk=self.desk,
            reports=FakeReports(),
            admins=self.desk.admins,
            commands={"followup": "Follow-up reminders"},
        )

    async def receive(self, incoming: Incoming) -> Receipt:
        if self.full:
            self.full = False
            raise FullDiskError
        self.heard.append(incoming)
        receipt = await super().receive(incoming)
        chat = replace(receipt.chat, client_at=incoming.at, route=incoming.route)
        self.chats[incoming.ref] = chat
        return replace(receipt, chat=chat)

    async def move(self, ref: ChatRef, address: str) -> None:
        self.chats[replace(ref, address=address)] = self.chats.pop(ref)
