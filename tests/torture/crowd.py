"""Clients that write at random, and insist until what they wrote was accepted."""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

import httpx2

from bot.clock import SystemClock
from tests.chaos.server import Chaos
from tests.running import eventually

WEB, WIRE, NIGHT = 12, 10, 4
_WRITERS = 4
_ASK_WITHIN = 15.0


@dataclass
class Said:
    """One message of a client, and when it was told that it is stored."""

    id: str
    accepted: datetime | None = None


@dataclass
class Client:
    """Somebody in one chat; `chat` is its address on the wire, its number on the web."""

    account: str
    chat: str
    token: str = ""
    said: list[Said] = field(default_factory=list)


class Crowd:
    """Clients of all channels in a few threads; `per_second` is what they all write together."""

    def __init__(self, chaos: Chaos, bases: Sequence[str], seed: int, per_second: float) -> None:
        self._chaos = chaos
        self._bases = bases
        self._seed = seed
        self._pause = _WRITERS / per_second
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self.clients: list[Client] = []

    def gather(self, web: int = WEB, wire: int = WIRE, night: int = NIGHT) -> None:
        """Everybody opens a chat."""
        for _ in range(web):
            answer = eventually(self._visit, "a visitor's welcome")
            self.clients.append(Client("site", answer["chat"], answer["token"]))
        for account, count in (("wire", wire), ("night", night)):
            self.clients += [Client(account, str(100 + n)) for n in range(count)]

    def start(self) -> None:
        for number in range(_WRITERS):
            chance = Random(self._seed * 100 + number)  # noqa: S311  a repeatable test
            mine = self.clients[number::_WRITERS]
            work = threading.Thread(target=self._write, args=(mine, chance), daemon=True)
            self._threads.append(work)
            work.start()

    def stop(self) -> None:
        """Nobody writes anything new; what was not accepted yet is said until it is."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        with httpx2.Client(timeout=_ASK_WITHIN) as http:
            for client in self.clients:
                if client.said and client.said[-1].accepted is None:
                    eventually(self._says(http, client), "an accepted message", 120)
        for account in ("wire", "night"):
            eventually(self._read(account), "the last update", 150)

    def _read(self, account: str) -> Callable[[], bool]:
        return lambda: not self._chaos.telegram.unconfirmed(account)

    def _says(self, http: httpx2.Client, client: Client) -> Callable[[], bool]:
        return lambda: self._say(http, client, self._bases[0])

    def _visit(self) -> dict | None:
        with suppress(httpx2.HTTPError):
            url = f"{self._bases[0]}/web/site/visitors"
            answer = httpx2.post(url, json={}, timeout=_ASK_WITHIN)
            return answer.json() if answer.status_code == 201 else None
        return None

    def _write(self, mine: list[Client], chance: Random) -> None:
        with httpx2.Client(timeout=_ASK_WITHIN) as http:
            while not self._stop.wait(self._pause * chance.uniform(0.2, 1.8)):
                client = chance.choice(mine)
                if not client.said or client.said[-1].accepted is not None:
                    self._think(client)
                if client.account == "site":
                    self._say(http, client, chance.choice(self._bases))

    def _think(self, client: Client) -> None:
        """Something new to say; on the wire, saying it is all that a client can do."""
        if client.account == "site":
            client.said.append(Said(f"{client.chat}-{len(client.said) + 1}"))
            return
        text, now = f"Word {len(client.said) + 1}", SystemClock().now()
        number = self._chaos.telegram.write(client.account, int(client.chat), text, now.timestamp())
        client.said.append(Said(str(number), now))

    def _say(self, http: httpx2.Client, client: Client, base: str) -> bool:
        message = client.said[-1]
        headers = {"Authorization": f"Bearer {client.token}"}
        body = {"id": message.id, "text": f"Word {len(client.said)}"}
        try:
            answer = http.post(f"{base}/web/site/messages", json=body, headers=headers)
        except httpx2.HTTPError:
            return False
        if answer.is_success:
            message.accepted = SystemClock().now()
        return answer.is_success
