"""The story against a Twilio that others wrote: PyPI's mockpost, in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.running import eventually
from tests.story.words import TEXTS, steps


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
    script = Path(__file__).with_name("post_office.py")
    command = [sys.executable, str(script), str(unused_tcp_port)]
    with subprocess.Popen(command, cwd=tmp_path) as process:  # noqa: S603  our own command
        server = Mockpost(unused_tcp_port)
        try:
            eventually(server.is_up, "the start of mockpost")
            yield server
        finally:
            process.terminate()


async def test_the_whole_story_on_a_server_that_others_wrote(
    business: Any, mockpost: Mockpost
) -> None:
    shop = await business(steps("4h", "24h", "48h"), base=f"{mockpost.url}/twilio")

    await shop.client_writes()
    await shop.wait("30h")
    await shop.client_writes("Still thinking")
    await shop.wait("5h")

    taken = mockpost.taken()
    assert [each.get("Body") for each in taken] == [
        "Yes, we do.",
        TEXTS[0],
        None,
        "Yes, we do.",
        TEXTS[2],
    ]
    assert json.loads(taken[2]["ContentVariables"]) == {
        "1": "Ann Client",
        "2": TEXTS[1],
    }
    assert {each["To"] for each in taken} == {"whatsapp:+491701112233"}
    assert {each["From"] for each in taken} == {"whatsapp:+14155238886"}


async def test_its_unsigned_callbacks_are_not_believed(business: Any, mockpost: Mockpost) -> None:
    shop = await business(steps("4h"), base=f"{mockpost.url}/twilio")

    await shop.client_writes()
    await shop.wait("5h")

    assert "/whatsapp/wa/status?message=" in mockpost.taken()[1]["StatusCallback"]
    assert await shop.fates() == ["s1 sent sent"]
