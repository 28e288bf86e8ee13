"""An application for commands: the same build, without jobs; the running one sees what changed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from bot.app import App, Outside, build
from bot.folder import DataFolder
from bot.news import LocalNews
from config.settings import Settings


class NoJobs:
    """Wakes nothing: the sweep of the running application finds what is due."""

    def wake(self, kind: str, key: int, at: datetime, turn: int = 0) -> None:
        """As `ports.Jobs.wake`."""


def quiet_app(settings: Settings, folder: DataFolder) -> App:
    """An application that sends nothing. Raises SettingsError."""
    url = settings.database.url or folder.database_url
    return build(settings, Outside(database_url=url, jobs=NoJobs(), news=LocalNews()))


@asynccontextmanager
async def office(settings: Settings, folder: DataFolder) -> AsyncIterator[App]:
    """The same with its tables up to date, closed at the end."""
    folder.make()
    app = quiet_app(settings, folder)
    try:
        await app.prepare()
        yield app
    finally:
        await app.close()
