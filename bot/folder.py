"""The data folder: private, and in use by one application at a time."""

import fcntl
import os
from pathlib import Path
from typing import IO
from uuid import uuid4

from bot.errors import SettingsError


class DataFolder:
    """Where the embedded Redis, the SQLite database and the lock live."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: IO[str] | None = None

    @property
    def database_url(self) -> str:
        """The SQLite database that is used when no other is named."""
        return f"sqlite:///{self.path.resolve() / 'followup.db'}"

    def make(self) -> None:
        """Make it if it is not there; nobody else may read in it. Raises SettingsError.

        Nor may they read what this process writes from now on, wherever: a database outside it.
        """
        os.umask(0o077)
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path.chmod(0o700)
        except OSError as error:
            raise SettingsError(
                f"--data: the folder {self.path} cannot be used: {error.strerror}; name another one"
            ) from None

    def take(self) -> None:
        """Hold it until the process ends, however it ends. Raises SettingsError."""
        self.make()
        lock = (self.path / "lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            owner = lock.read().strip() or "unknown"
            lock.close()
            raise SettingsError(
                f"--data: the folder {self.path} is in use by another followup run "
                f"(process {owner}); stop that one, or name another folder with --data"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock

    def worker(self) -> str:
        """The name that every process which holds this folder works under, one after another."""
        file = self.path / "worker"
        if not file.is_file():
            file.write_text(uuid4().hex)
        return file.read_text().strip()
