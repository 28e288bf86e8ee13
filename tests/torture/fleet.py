"""The processes of one installation: started, killed, frozen, and started again."""

import os
import signal
import socket
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx2
import psutil

from bot.clock import SystemClock
from bot.embedded import EmbeddedRedis
from bot.redis_link import OUTAGE, connect
from tests.chaos.channel import installed
from tests.running import COMMAND, Running, _read, eventually
from tests.torture.store import Store

READY = "Stop with Ctrl-C"
PATIENCE = 120.0
OPEN_MINUTES = (0, 1)
"""Of every three minutes, those in which the employee with hours may send."""
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")

ALONE = {"run": "run"}
APART = {"desk": "run", "web": "web", "worker 1": "worker", "worker 2": "worker"}
"""The desk listens, serves and works; the others do one thing each, over the same Redis."""


@dataclass(frozen=True)
class Setting:
    """What one installation is like. `hurry` shortens leases to seconds."""

    folder: Path
    roles: Mapping[str, str]
    chaos: str
    database: str | None = None
    delays: Sequence[str] = ("1s", "2s", "1s")
    hurry: bool = False
    model: bool = True
    faked_clock: bool = False

    @property
    def data(self) -> Path:
        return self.folder / "data"


@dataclass
class Fleet:
    """Starts what the setting names; whatever dies is started again by `tend`, as a service is."""

    setting: Setting
    members: dict[str, Running] = field(default_factory=dict)
    ended: list[tuple[str, Running]] = field(default_factory=list)
    frozen: set[str] = field(default_factory=set)
    kills: int = 0
    crashes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.setting.data.mkdir(parents=True, exist_ok=True)
        (self.setting.folder / "bot.toml").write_text(_settings(self.setting))
        self._path = installed(self.setting.folder / "installed")
        self._ports = {name: _free_port() for name in self.setting.roles}
        shared = len(self.setting.roles) > 1
        self.redis = EmbeddedRedis(self.setting.folder) if shared else None
        own = f"sqlite:///{self.setting.data / 'followup.db'}"
        self.store = Store(self.setting.database or own)
        self.shift(timedelta())

    @property
    def bases(self) -> list[str]:
        """Where those that serve can be asked."""
        serving = [name for name, role in self.setting.roles.items() if role != "worker"]
        return [f"http://127.0.0.1:{self._ports[name]}" for name in serving]

    def up(self) -> None:
        if self.redis is not None:
            self.redis.start()
        for name in self.setting.roles:
            if name not in self.members:
                self._start(name)
                # One after another: the first one makes the tables.
                self.ready(name)

    def ready(self, *names: str) -> None:
        """Wait until these, or all, run and say so; those that gave up are started again."""

        def all_up() -> bool:
            self.tend()
            wanted = names or tuple(self.members)
            return all(READY in self.members[name].printed() for name in wanted)

        eventually(all_up, "the start of every process", PATIENCE)

    def tend(self) -> None:
        for name, running in list(self.members.items()):
            if running.process.poll() is not None:
                self.crashes.append(f"{name} ended with {running.process.returncode}")
                self._start(name)

    def kill(self, name: str) -> None:
        """SIGKILL, and a new one at once."""
        running = self.members[name]
        running.kill()
        self.frozen.discard(name)
        self.kills += 1
        self._start(name)

    def kill_redis(self) -> bool:
        """SIGKILL the Valkey server; its keeper starts another."""
        process = self.redis_process()
        if process is None:
            return False
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
            self.kills += 1
            return True
        return False

    def redis_process(self) -> int | None:
        server = self.redis or EmbeddedRedis(self.setting.data)
        with suppress(*OUTAGE), connect(server.url) as connection:
            return int(connection.info("server")["process_id"])
        return None

    def freeze(self, name: str) -> None:
        self.members[name].process.send_signal(signal.SIGSTOP)
        self.frozen.add(name)

    def thaw(self, name: str) -> None:
        self.members[name].process.send_signal(signal.SIGCONT)
        self.frozen.discard(name)

    def shift(self, offset: timedelta) -> None:
        """Move the clock of all processes, if theirs can be moved."""
        sign = "+" if offset >= timedelta() else "-"
        text = f"{sign}{abs(int(offset.total_seconds()))}s"
        (self.setting.folder / "offset").write_text(text)

    def memory(self) -> dict[str, float]:
        """Resident megabytes by process."""
        found: dict[str, float] = {}
        for name, running in self.members.items():
            with suppress(psutil.Error):
                rss = psutil.Process(running.process.pid).memory_info().rss
                found[name] = rss / 2**20
        if (valkey := self.redis_process()) is not None:
            with suppress(psutil.Error):
                found["valkey"] = psutil.Process(valkey).memory_info().rss / 2**20
        return found

    def close(self) -> None:
        for name, running in self.members.items():
            if running.process.poll() is None:
                if name in self.frozen:
                    self.thaw(name)
                running.kill()
            self.ended.append((name, running))
        self.members.clear()
        for _, running in self.ended:
            assert running.process.stdout is not None
            running.process.stdout.close()
        if self.redis is not None:
            self.redis.stop()

    def printed(self) -> str:
        """What every process said, in the order of their ends."""
        all_of_them = [*self.ended, *self.members.items()]
        return "\n".join(f"=== {name}\n{running.printed()}" for name, running in all_of_them)

    def _start(self, name: str) -> None:
        if name in self.members:
            self.ended.append((name, self.members[name]))
        files = ["--config", str(self.setting.folder / "bot.toml"), "--data"]
        process = subprocess.Popen(  # noqa: S603  our own command
            [str(COMMAND), self.setting.roles[name], *files, str(self.setting.data)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.setting.folder,
            env=self.environment() | {"FOLLOWUP_WEB__PORT": str(self._ports[name])},
        )
        running = Running(process, f"http://127.0.0.1:{self._ports[name]}")
        self.members[name] = running
        threading.Thread(target=_read, args=(running,), daemon=True).start()

    def environment(self) -> dict[str, str]:
        """What every command is given that works on this installation."""
        given = {"PATH": "/usr/bin:/bin", "PYTHONPATH": self._path}
        if self.redis is not None:
            given["REDIS_URL"] = self.redis.url
        if self.setting.database is not None:
            given["DATABASE_URL"] = self.setting.database
        if self.setting.faked_clock:
            given |= {
                "LD_PRELOAD": str(FAKETIME),
                "FAKETIME_TIMESTAMP_FILE": str(self.setting.folder / "offset"),
                "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            }
        return given


def answering(base: str) -> bool:
    with suppress(httpx2.HTTPError):
        return httpx2.get(f"{base}/healthz", timeout=5).is_success
    return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def _settings(setting: Setting) -> str:
    steps = {name: _steps(name, setting.delays) for name in ("anna", "ben")}
    model = f'[model]\nbase_url = "{setting.chaos}/v1"\nname = "m"\ntimeout = 2\n'
    hurry = f"hurry = {str(setting.hurry).lower()}"
    remote = "".join(
        f'[channels.{name}]\nkind = "chaos"\nemployee = "{employee}"\n'
        f'url = "{setting.chaos}"\ntoken = "{name}"\n{hurry}\n'
        for name, employee in (("wire", "anna"), ("night", "ben"))
    )
    return (
        f"{model if setting.model else ''}"
        f'[employees.anna]\nname = "Anna"\npersona = "Kind."\n{steps["anna"]}'
        f'[employees.ben]\nname = "Ben"\npersona = "Kind."\n{_hours()}{steps["ben"]}'
        f'[channels.site]\nkind = "web"\nemployee = "anna"\n{remote}'
    )


def _steps(employee: str, delays: Sequence[str]) -> str:
    steps = "".join(
        f'[[employees.{employee}.followup.steps]]\nid = "s{n}"\ndelay = "{delay}"\n'
        f'instruction = "Do thing {n}."\n'
        for n, delay in enumerate(delays, 1)
    )
    return f"[employees.{employee}.followup]\nenabled = true\n{steps}"


def _hours() -> str:
    """Two minutes open, one closed, for as long as a round can last; else always open."""
    now = SystemClock().now()
    days: dict[str, list[str]] = {}
    for minute in range(-60, 13 * 60):
        at = now.replace(second=0, microsecond=0) + timedelta(minutes=minute)
        if at.minute % 3 == OPEN_MINUTES[0]:
            end = f"{at:%H}:{at.minute + len(OPEN_MINUTES):02d}"
            days.setdefault(f"{at:%Y-%m-%d}", []).append(f'"{at:%H:%M}-{end}"')
    listed = "".join(f'"{day}" = [{", ".join(open_)}]\n' for day, open_ in days.items())
    week = "".join(f'{day} = ["00:00-24:00"]\n' for day in _WEEK)
    return f"[employees.ben.working_hours]\n{week}[employees.ben.special_days]\n{listed}"
