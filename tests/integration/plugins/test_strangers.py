"""A channel and a plugin written by others do all that ours do; nobody here knows their names."""

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from bot.app import App, Outside, build
from bot.errors import SettingsError
from bot.listening import listen
from bot.model import ChatRef
from bot.news import LocalNews
from bot.testing import FakeClock, FakeJobs
from bot.worker import run_job
from config.settings import Settings

ROOT = Path(__file__).parents[3]
COMMAND = Path(sys.executable).with_name("followup")
REF = ChatRef("loft", "north")
Built = Callable[..., Awaitable[App]]


@pytest.fixture
def settings() -> Callable[..., Settings]:
    def made(counter: dict[str, Any] | None = None, **options: Any) -> Settings:
        step = {"id": "s1", "delay": "4h", "instruction": "Ask."}
        person = {"name": "Anna", "followup": {"steps": [step]}}
        if counter is not None:
            person["counter"] = counter
        carrier = {"kind": "carrier", "employee": "anna", "loft": "north", **options}
        return Settings.model_validate(
            {"employees": {"anna": person}, "channels": {"loft": carrier}}
        )

    return made


@pytest.fixture
async def built(
    installed: Path, settings: Callable[..., Settings], tmp_path: Path
) -> AsyncIterator[Built]:
    apps: list[App] = []

    async def made(**more: Any) -> App:
        url = f"sqlite:///{tmp_path}/test.db"
        outside = Outside(url, FakeJobs(), LocalNews(), FakeClock())
        apps.append(build(settings(**more), outside))
        await apps[-1].prepare()
        return apps[-1]

    yield made
    for app in apps:
        await app.close()


class Alone:
    """Leads always: there is no other process."""

    async def lead(self, _name: str, work: Callable[[], Awaitable[None]]) -> None:
        await work()


async def heard(app: App) -> int:
    """Listens until the channel has told all it has; how many messages there are then."""
    (keep,) = listen(app, Alone())  # type: ignore[arg-type]  # it fits
    task = asyncio.create_task(keep())
    async with asyncio.timeout(20):
        while not (found := await app.runtime.chats.find(REF)) or found.last_n < _birds(app):
            await asyncio.wait([task], timeout=0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return found.last_n


def _birds(app: App) -> int:
    return int(app.settings.channels["loft"].options.get("birds", 1))


async def counts(app: App) -> list[tuple[int, ...]]:
    async with app.database.read() as connection:
        query = text("SELECT chat_id, messages FROM counter_counts")
        return [tuple(row) for row in (await connection.execute(query)).all()]


async def get(app: App, path: str) -> httpx2.Response:
    transport = httpx2.ASGITransport(app=app.web)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        return await client.get(path)


async def test_what_its_listener_hears_is_stored_and_told_to_its_plugin(built: Built) -> None:
    app = await built(birds=3)

    assert await heard(app) == 3

    chat = await app.runtime.chats.find(REF)
    assert chat is not None
    assert (chat.name, chat.employee) == ("Kim", "anna")
    assert await counts(app) == [(chat.id, 3)]


async def test_a_channel_that_tells_again_after_a_restart_tells_nothing_twice(
    built: Built,
) -> None:
    app = await built(birds=2)
    await heard(app)

    again = await built(birds=2)

    assert await heard(again) == 2


async def test_answers_and_reminders_leave_by_its_sender(built: Built) -> None:
    app = await built()
    await heard(app)
    clock, jobs = app.outside.clock, app.outside.jobs
    assert isinstance(clock, FakeClock)
    assert isinstance(jobs, FakeJobs)

    for hours in (0, 4):
        clock.advance(timedelta(hours=hours))
        await app.sweep()
        while (job := jobs.pop(clock.now())) is not None:
            await run_job(app, job[1], job[2])

    sent = sys.modules["strangers"].SENT
    assert [ref for ref, _ in sent] == [REF, REF]
    assert "Coo 0" in sent[0][1]
    assert "reminder 1 of 1" in sent[1][1]
    messages = await app.runtime.chats.messages(1)
    assert [message.external_id for message in messages] == ["bird-0", "ring-1", "ring-2"]


async def test_a_plugin_that_refuses_is_undone_alone(
    built: Built, caplog: pytest.LogCaptureFixture
) -> None:
    app = await built(counter={"most": 1}, birds=3)

    assert await heard(app) == 3

    assert await counts(app) == [(1, 1)]
    assert "plugin counter failed" in caplog.text
    assert "Coo" not in caplog.text


async def test_its_page_is_served_beside_ours(built: Built) -> None:
    app = await built(birds=2)
    await heard(app)

    assert (await get(app, "/counter")).text == "2 messages"
    assert (await get(app, "/followup")).status_code == 200
    assert (await get(app, "/nothing")).status_code == 404


async def test_its_table_of_an_employee_is_exported_as_it_was_written(built: Built) -> None:
    app = await built(counter={"most": 7})

    tables = await app.staff.tables()

    assert tables["anna"]["counter"] == {"most": 7}
    assert tables["anna"]["followup"]["enabled"] is True


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"counter": {"msot": 1}}, r"employees\.anna\.counter\.msot: .*did you mean 'most'"),
        ({"counter": {"most": "many"}}, r"employees\.anna\.counter\.most: should be a whole"),
        ({"counter": {}}, r"employees\.anna\.counter\.most: is required"),
        ({"bird": 1}, r"channels\.loft\.bird: .*did you mean 'birds'"),
        ({"loft": 5}, r"channels\.loft\.loft: should be text"),
    ],
    ids=str,
)
async def test_its_settings_are_checked_like_ours(
    built: Built, given: dict[str, Any], line: str
) -> None:
    with pytest.raises(SettingsError, match=line):
        await built(**given)


async def test_without_the_package_its_kind_and_its_table_are_unknown(
    settings: Callable[..., Settings], tmp_path: Path
) -> None:
    outside = Outside(f"sqlite:///{tmp_path}/test.db", FakeJobs(), LocalNews())

    with pytest.raises(SettingsError, match="no such channel is installed"):
        build(settings(), outside)
    with pytest.raises(SettingsError, match=r"employees\.anna\.counter: unknown key"):
        build(settings(counter={"most": 1}), outside)


def test_the_command_finds_what_is_installed(installed: Path, tmp_path: Path) -> None:
    config = tmp_path / "bot.toml"
    config.write_text(
        "[employees.anna.counter]\nmost = 3\n"
        '[channels.loft]\nkind = "carrier"\nemployee = "anna"\nloft = "north"\n'
    )
    command = [COMMAND, "check", "--config", config, "--data", tmp_path / "d"]

    done = subprocess.run(  # noqa: S603  our own command
        command,
        cwd=ROOT,
        env={"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "loft: carrier, employee anna" in done.stdout, done.stderr
    assert done.returncode == 0


@pytest.mark.parametrize("name", ["carrier", "pigeon"])
def test_the_runtime_knows_none_of_them_by_name(name: str) -> None:
    folders = ("bot", "channels", "config", "plugins")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]

    assert files
    assert [path for path in files if re.search(rf"(?i)\b{name}", path.read_text("utf-8"))] == []
