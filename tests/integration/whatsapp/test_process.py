"""The real command with a WhatsApp account: it checks, listens and answers."""

import itertools
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.chaos.server import Chaos
from tests.chaos.twilio import signed, written
from tests.running import COMMAND, PATIENCE, Place, Running, eventually

SID, NUMBER = "AC" + "0a" * 16, "whatsapp:+14155238886"
TOKEN = "the-secret-token"  # noqa: S105  a test's
CLIENT = "whatsapp:+491701112233"


class Shop:
    """A settings file with one WhatsApp account, and a free port that the settings name."""

    def __init__(self, folder: Path, chaos: Chaos, port: int) -> None:
        self.place = Place(folder)
        self.public = f"http://127.0.0.1:{port}"
        self.chaos = chaos
        self.numbers: Iterator[int] = itertools.count(1)
        self.place.environment["FOLLOWUP_CHANNELS__WA__AUTH_TOKEN"] = TOKEN
        chaos.twilio.token = TOKEN
        (folder / "bot.toml").write_text(
            f'[web]\nport = {port}\npublic_url = "{self.public}"\n'
            '[employees.anna]\nname = "Anna"\n'
            '[channels.wa]\nkind = "whatsapp"\nemployee = "anna"\n'
            f'account_sid = "{SID}"\nfrom = "{NUMBER}"\napi_base = "{chaos.url}"\n'
        )

    def writes(self, **more: str) -> int:
        url = f"{self.public}/whatsapp/wa/messages"
        fields = written(next(self.numbers), SID, NUMBER, **more)
        return httpx2.post(url, data=fields, headers=signed(TOKEN, url, fields)).status_code

    def check(self) -> subprocess.CompletedProcess[str]:
        folder = self.place.folder
        return subprocess.run(  # noqa: S603  our own command
            [str(COMMAND), "check", "--config", str(folder / "bot.toml"), "--data", str(folder)],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            env={"PATH": "/usr/bin:/bin", "COLUMNS": "200", **self.place.environment},
        )

    def delivered(self) -> list[Any]:
        return list(self.chaos.log.entries())

    def arrivals(self) -> list[Any]:
        with closing(
            sqlite3.connect(f"file:{self.place.data}/followup.db?mode=ro", uri=True)
        ) as db:
            found = db.execute("SELECT arrival FROM messages WHERE author = 'employee'").fetchall()
        return [arrival for (arrival,) in found]


@pytest.fixture
def shop(tmp_path: Path, chaos: Chaos, unused_tcp_port: int) -> Iterator[Shop]:
    shop = Shop(tmp_path, chaos, unused_tcp_port)
    yield shop
    shop.place.close()


def test_a_client_of_the_real_command_is_answered_and_the_arrival_kept(shop: Shop) -> None:
    running: Running = shop.place.start()

    assert shop.writes(Body="Do you repair e-bikes?") == 200
    [answer] = eventually(shop.delivered, "the answer")
    url, fields, headers = shop.chaos.twilio.status(shop.chaos.twilio.sent[0], "delivered")
    told = httpx2.post(url, data=fields, headers=headers).status_code

    assert (answer.chat, told) == (CLIENT, 204)
    assert shop.arrivals() == ["delivered"]
    for secret in (TOKEN, "e-bikes", "491701112233"):
        assert secret not in running.printed()


def test_the_real_command_tells_what_is_wrong(shop: Shop) -> None:
    shop.chaos.twilio.token = "another"  # noqa: S105  a test's

    checked = shop.check()

    said = checked.stdout + checked.stderr
    assert checked.returncode != 0
    assert "channels.wa.auth_token: Twilio does not accept it" in said
    assert "web.public_url: should begin with https://" in said
    assert TOKEN not in said
