"""What the page promises, from its empty file to its last command."""

import json
import re
import shlex
import tomllib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

import bot.api
from bot import errors
from bot.app import App, Outside, build
from bot.check import check
from bot.errors import SettingsError
from bot.folder import DataFolder
from bot.news import LocalNews
from bot.testing import FakeClock, FakeJobs
from bot.worker import run_job
from config.settings import Settings
from tests.contract.channel.hooked import PAGE, Network, blocks, installed

STEP = {"id": "s1", "delay": "4h", "instruction": "Ask whether the client still needs it."}


@pytest.fixture
async def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Network]:
    installed(tmp_path / "site-packages", monkeypatch)
    network = Network()
    await network.server.start_server()
    yield network
    await network.server.close()


def table(network: Network) -> str:
    """The page's settings, for a network that listens elsewhere."""
    return blocks("toml")[1].replace("127.0.0.1:9000", f"127.0.0.1:{network.server.port}")


@pytest.fixture
async def app(network: Network, tmp_path: Path) -> AsyncIterator[App]:
    settings = Settings(
        employees={"anna": {"name": "Anna", "followup": {"steps": [STEP]}}},
        **tomllib.loads(table(network)),
    )
    url = f"sqlite:///{tmp_path}/page.db"
    app = build(settings, Outside(url, FakeJobs(), LocalNews(), FakeClock()))
    await app.prepare()
    yield app
    await app.close()


async def curl(app: App) -> int:
    """The page's own command."""
    (command,) = blocks("sh")
    _, url, _, header, _, body = shlex.split(command.replace("\\\n", ""))
    json.loads(body)
    transport = httpx2.ASGITransport(app=app.web)
    async with httpx2.AsyncClient(transport=transport) as client:
        name, _, text = header.partition(": ")
        return (await client.post(url, content=body, headers={name: text})).status_code


async def run(app: App, hours: int = 0) -> None:
    clock, jobs = app.outside.clock, app.outside.jobs
    assert isinstance(clock, FakeClock)
    assert isinstance(jobs, FakeJobs)
    clock.advance(timedelta(hours=hours))
    await app.sweep()
    while (job := jobs.pop(clock.now())) is not None:
        await run_job(app, job[1], job[2])


async def test_a_client_of_the_page_is_answered_and_reminded_once(
    app: App, network: Network
) -> None:
    for _ in range(2):
        assert await curl(app) == 204
        await run(app)
    await run(app, hours=4)

    answer, reminder = [text for who, text in network.posts if who == "kim"]
    assert "Do you repair e-bikes?" in answer
    assert "reminder 1 of 1" in reminder


async def test_the_check_says_what_the_page_says(network: Network, tmp_path: Path) -> None:
    config = tmp_path / "bot.toml"
    config.write_text('[employees.anna]\nname = "Anna"\n' + table(network))

    found = [each async for each in check(config, DataFolder(tmp_path / "data"))]

    assert ("shop: hook, employee anna", False) in [(each.text, each.fault) for each in found]
    assert "`shop: hook, employee anna`" in PAGE.read_text("utf-8")


@pytest.mark.parametrize(
    ("slip", "line"),
    [
        ({"secret": "short"}, r"channels\.shop\.secret: "),
        ({"url": "chat.example"}, r"channels\.shop\.url: "),
        ({"url": None}, r"channels\.shop\.url: "),
        ({"urll": "http://x"}, r"channels\.shop\.urll: .*'url'"),
    ],
    ids=str,
)
async def test_slips_in_the_settings_of_the_page_are_told_by_name(
    network: Network, tmp_path: Path, slip: dict[str, object], line: str
) -> None:
    shop = tomllib.loads(table(network))["channels"]["shop"] | slip
    settings = Settings(employees={"anna": {"name": "Anna"}}, channels={"shop": shop})

    with pytest.raises(SettingsError, match=line) as caught:
        build(settings, Outside(f"sqlite:///{tmp_path}/x.db", FakeJobs(), LocalNews()))

    assert "short" not in str(caught.value)


def test_the_page_imports_only_what_channels_may() -> None:
    (code,) = blocks("python")
    (names,) = re.findall(r"from bot\.api import \(\n(.*?)\)", code, re.DOTALL)

    assert set(names.replace(",", "").split()) <= set(bot.api.__all__)
    assert re.findall(r"(?:from|import) (bot|channels|plugins|config)\b", code) == ["bot"]


def test_the_page_explains_every_error_of_a_channel() -> None:
    page = PAGE.read_text("utf-8")
    kinds = (errors.ChannelError, errors.UnknownDeliveryError, errors.SettingsError)
    known = [each for each in vars(errors).values() if isinstance(each, type)]
    wanted = [each.__name__ for each in known if issubclass(each, kinds)]

    assert len(wanted) == 7
    assert [name for name in wanted if not re.search(rf"^\| `{name}[`(]", page, re.MULTILINE)] == []


def test_the_page_names_what_exists() -> None:
    page, here = PAGE.read_text("utf-8"), Path(__file__).parent

    assert "`class TestMine(ChannelContract)`" in page
    assert "class ChannelContract" in (here / "contract.py").read_text("utf-8")
    assert "`hooked.py`" in page
    assert (here / "hooked.py").is_file()
