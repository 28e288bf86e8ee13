"""The story on a Bot API that others wrote: PyPI's mockpost, in a process of its own.

It takes what is sent; updates are posted by us, since it knows no secret and polls badly.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.integration.telegram.conftest import Opened
from tests.integration.telegram.shop import ADMIN, SECRET, TOKEN
from tests.running import eventually
from tests.story.words import TEXTS, steps

SERVER = Path(__file__).parents[1] / "whatsapp" / "post_office.py"
WEBHOOK = {"mode": "webhook", "secret": SECRET}


class Mockpost:
    """The server, and what it has taken."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def is_up(self) -> bool:
        try:
            return httpx2.get(f"{self.url}/health").is_success
        except httpx2.HTTPError:
            return False

    def taken(self) -> list[dict[str, Any]]:
        """The fields of every message, in the order that they were sent."""
        found = httpx2.get(f"{self.url}/api/messages", params={"limit": 100}).json()
        listed = found if isinstance(found, list) else found["messages"]
        whole = [httpx2.get(f"{self.url}/api/messages/{each['id']}").json() for each in listed]
        whole.sort(key=lambda each: each["created_at"])
        raw = [each["raw_payload"] for each in whole]
        return [json.loads(each) if isinstance(each, str) else each for each in raw]


@pytest.fixture
def mockpost(tmp_path: Path, unused_tcp_port: int) -> Iterator[Mockpost]:
    command = [sys.executable, str(SERVER), str(unused_tcp_port)]
    with subprocess.Popen(command, cwd=tmp_path) as process:  # noqa: S603  our own command
        server = Mockpost(unused_tcp_port)
        try:
            eventually(server.is_up, "the start of mockpost")
            yield server
        finally:
            process.terminate()


async def test_the_whole_story_on_a_server_that_others_wrote(
    business: Opened, mockpost: Mockpost
) -> None:
    shop = await business(steps("4h", "24h", "48h"), base=f"{mockpost.url}/telegram", **WEBHOOK)

    await shop.posted(shop.update("Do you repair e-bikes?"))
    await shop.wait("30h")
    await shop.posted(shop.update("Still thinking"))
    await shop.wait("7d")

    taken = mockpost.taken()
    assert [each["text"] for each in taken] == [
        "Yes, <b>we do</b>.",
        *TEXTS[:2],
        "Yes, <b>we do</b>.",
        *TEXTS[2:5],
    ]
    assert {str(each["chat_id"]) for each in taken} == {"5"}


async def test_it_is_told_the_webhook(business: Opened, mockpost: Mockpost) -> None:
    shop = await business(steps("4h"), base=f"{mockpost.url}/telegram", **WEBHOOK)
    asked = f"{mockpost.url}/telegram/bot{TOKEN}/getWebhookInfo"

    shop.listen()
    await shop.until_seen(lambda: httpx2.get(asked).json()["result"]["url"])

    told = httpx2.get(asked).json()["result"]["url"]
    assert told == f"{shop.public}/telegram/tg/webhook"


async def test_an_admins_screen_is_changed_in_place(business: Opened, mockpost: Mockpost) -> None:
    shop = await business(steps("4h"), base=f"{mockpost.url}/telegram", **WEBHOOK)
    person = {"id": ADMIN, "type": "private", "first_name": "Boss"}
    message = {"message_id": 1000, "date": 0, "chat": person}
    press = {"id": "q1", "from": {**person, "is_bot": False}, "chat_instance": "x"}

    await shop.posted(shop.update("/followup", ADMIN, chat=person))
    await shop.posted({"callback_query": {**press, "message": message, "data": "/followup off"}})

    screen, edit = mockpost.taken()
    assert "inline_keyboard" in json.dumps(screen["reply_markup"])
    assert str(edit["message_id"]) == "1000"
