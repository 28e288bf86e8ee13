"""Looks whether the settings, the database, Redis, the model and the channels are usable."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import redis
from sqlalchemy.exc import SQLAlchemyError

from bot.app import App, model_of
from bot.embedded import EmbeddedRedis
from bot.errors import ModelError, SettingsError
from bot.findings import Finding
from bot.folder import DataFolder
from bot.office import quiet_app
from bot.redis_link import connect
from config.settings import Settings, check_references, load

_OTHERS = 0o077


async def check(config: Path, folder: DataFolder) -> AsyncIterator[Finding]:
    """A finding for each thing looked at; it changes nothing and starts nothing that stays."""
    try:
        settings = load(config)
        app = quiet_app(settings, folder)
        # Its pages too: two operations of the API may be in one place.
        _ = app.web
    except SettingsError as error:
        for line in str(error).splitlines():
            yield Finding("settings", line, fault=True)
        return
    yield Finding("settings", f"{config}{_exposed(config)}")
    try:
        yield await _database(app)
        yield _redis(settings)
        yield await _model(settings)
        async for finding in _channels(app, settings):
            yield finding
    finally:
        await app.close()


async def look_at(config: Path, folder: DataFolder) -> Sequence[Finding]:
    """All of them, looked at beside the caller's loop: some things are asked without awaiting."""

    async def look() -> Sequence[Finding]:
        return [finding async for finding in check(config, folder)]

    return await asyncio.to_thread(asyncio.run, look())


def _exposed(config: Path) -> str:
    """A word about a file with secrets that others on this machine can read."""
    if not load(config, {}).secrets or not config.stat().st_mode & _OTHERS:
        return ""
    return f", which holds secrets, and others on this machine can read it: chmod 600 {config}"


async def _database(app: App) -> Finding:
    if _is_new(app):
        return Finding("database", f"SQLite, will be made as {app.database.url.database}")
    try:
        await app.database.reach()
    except SettingsError as error:
        return Finding("database", str(error), fault=True)
    return Finding("database", app.database.url.get_backend_name())


def _redis(settings: Settings) -> Finding:
    """A server of its own proves that the embedded one can run here."""
    if settings.redis.url is None:
        with tempfile.TemporaryDirectory() as folder:
            embedded = EmbeddedRedis(Path(folder))
            try:
                embedded.start()
            except SettingsError as error:
                return Finding("redis", str(error), fault=True)
            embedded.stop()
        return Finding("redis", "embedded")
    try:
        with connect(settings.redis.url) as connection:
            connection.ping()
    except SettingsError as error:
        return Finding("redis", str(error), fault=True)
    except (redis.RedisError, OSError) as error:
        kind = type(error).__name__
        return Finding("redis", f"redis.url: cannot be reached ({kind})", fault=True)
    return Finding("redis", "answers")


async def _model(settings: Settings) -> Finding:
    model = model_of(settings)
    if model is None:
        return Finding("model", "none is connected: the demo voice answers")
    try:
        await model.ping()
    except ModelError as error:
        advice = "look at base_url, api_key and name in [model]"
        return Finding("model", f"model: {error}; {advice}", fault=True)
    finally:
        await model.close()
    return Finding("model", f"{settings.model.name} answers")


async def _channels(app: App, settings: Settings) -> AsyncIterator[Finding]:
    if not settings.channels:
        yield Finding("channels", "channels: there are none; add a [channels.NAME]", fault=True)
    faults = check_references(settings, await _employees(app))
    for line in faults:
        yield Finding("channels", line, fault=True)
    for text in app.broken.values():
        for line in text.splitlines():
            yield Finding("channels", line, fault=True)
    for name in app.channels:
        account = settings.channels[name]
        lines = await _probed(app, name)
        for line in lines:
            yield Finding("channels", line, fault=True)
        if not lines and not any(line.startswith(f"channels.{name}.") for line in faults):
            yield Finding("channels", f"{name}: {account.kind}, employee {account.employee}")


async def _probed(app: App, name: str) -> Sequence[str]:
    """What the account's own network says of it."""
    channel = app.channels[name]
    return await channel.probe() if channel.probe is not None else ()


async def _employees(app: App) -> list[str]:
    """Whom the database knows, if it has its tables yet."""
    if _is_new(app):
        return []
    try:
        return [employee.id for employee in await app.staff.known()]
    except SQLAlchemyError:
        return []


def _is_new(app: App) -> bool:
    """Whether it is SQLite in a file that is not there yet; to connect would make it."""
    url = app.database.url
    return url.get_backend_name() == "sqlite" and not Path(url.database or "").exists()
