"""A whole installation with canaries in every field, and everything that it lets out."""

import itertools
import json
import os
import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import psutil
from redis import Redis

from bot.clock import SystemClock
from bot.embedded import EmbeddedRedis
from bot.redis_link import OUTAGE, connect
from tests.attack.canaries import WORDS, found_in
from tests.attack.stranger import ENTRY
from tests.chaos.model import Model
from tests.chaos.server import Chaos
from tests.chaos.twilio import signed, written
from tests.chaos.wire import Answer, Request, said
from tests.running import Place, Running, eventually
from tests.story.filling import Fields

SID, NUMBER = "AC" + "0a" * 16, "whatsapp:+14155238886"
CLIENT = f"whatsapp:+{WORDS['a phone number']}"
ADMIN = 900
TEXT, NAME, TOKEN = WORDS["a client's text"], WORDS["a client's name"], WORDS["the Telegram token"]
_EVERY = 0.1


class Parrot(Model):
    """Says canaries, also where it breaks down."""

    def answer(self, request: Request) -> Answer:
        answer = super().answer(request)
        if answer.status >= 400:
            return said({"error": {"message": json.dumps(dict(request.fields))}}, answer.status)
        return answer

    def _text(self, mood: str, request: Request) -> str:
        if mood == "wrong" and request.fields.get("response_format"):
            return json.dumps({"verdict": TEXT, "text": WORDS["an employee's text"]})
        return super()._text(mood, request).replace("take", WORDS["an employee's text"])


class Collector:
    """An OpenTelemetry collector that keeps what it is sent."""

    def __init__(self) -> None:
        self.heard = b""
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                collector.heard += self.rfile.read(length)
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self._thread.join()
        self.server.server_close()


@dataclass
class Aviary:
    """The processes, their surroundings, and what was seen from outside of them."""

    place: Place
    chaos: Chaos
    port: int
    collector: Collector
    server: EmbeddedRedis | None = None
    seen: bytes = b""
    made: dict[str, str] = field(default_factory=dict)
    """Secrets that were made meanwhile."""
    running: list[Running] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *roles: str) -> None:
        self.running = [self.place.start(role) for role in roles]

    # What people do, and what comes from anywhere.

    def telegram(self, text: str, chat: int = int(WORDS["a Telegram chat"])) -> None:
        self.chaos.telegram.write(TOKEN, chat, text, SystemClock().now().timestamp(), NAME)

    def admin(self, text: str) -> None:
        self.telegram(text, ADMIN)

    def whatsapp(self, path: str = "messages", token: str | None = None, **more: str) -> int:
        url = f"{self.base}/whatsapp/wa/{path}"
        fields = written(next(self._numbers), SID, NUMBER, ProfileName=NAME, From=CLIENT)
        fields |= {"WaId": WORDS["a phone number"], "Body": TEXT, **more}
        headers = signed(WORDS["the Twilio token"] if token is None else token, url, fields)
        return httpx2.post(url, data=fields, headers=headers, timeout=30).status_code

    def posts(self, path: str, **more: Any) -> httpx2.Response:
        """Whatever somebody may send, without a right to."""
        return httpx2.post(self.base + path, timeout=30, **more)

    def fills(self, path: str, action: str, **fields: str) -> httpx2.Response:
        """A form of a page, from this machine."""
        with httpx2.Client(base_url=self.base, headers={"accept": "text/html"}) as browser:
            form = Fields(action)
            form.feed(browser.get(path).text)
            return browser.post(action, data={**form.values, **fields})

    def moves_in(self) -> None:
        """The first user: a link, a password, a session, and a token for a program."""
        headers = {"accept": "text/html"}
        with httpx2.Client(base_url=self.base, headers=headers, follow_redirects=True) as browser:
            hint = browser.post("/first-user", data={"csrf": csrf(browser.get("/chats").text)})
            link = hint.url.path
            password = {"password": WORDS["a password"], "name": WORDS["a user"]}
            browser.post(link, data={"csrf": csrf(hint.text), **password})
            wanted = {"name": "till", "days": "", "scope": "read"}
            page = browser.get("/account")
            page = browser.post("/account/tokens", data={"csrf": csrf(page.text), **wanted})
            token = re.search(r"fbt_[A-Za-z0-9_-]{20,}", page.text)
            assert token, page.text
            self.made["an API token"] = token[0]
            self.made["a set-up link"] = link.rpartition("/")[2]
            self.made |= {
                f"the cookie {each.name}": each.value or "" for each in browser.cookies.jar
            }
        for path in ("/api/v1/chats", "/api/v1/nothing", "/api/v1/chats/x"):
            bearer = {"authorization": f"Bearer {token[0]}"}
            httpx2.get(self.base + path, headers=bearer, timeout=30)

    # What it lets out.

    def redis(self) -> Redis:
        return self.place.redis() if self.server is None else connect(self.server.url)

    def look(self) -> None:
        """Every key and value of Redis, and the measures, as they are now."""
        with suppress(*OUTAGE), self.redis() as redis:
            for key in redis.scan_iter(count=1000):
                self.seen += key + b"\n" + (redis.dump(key) or b"") + _plainly(redis, key)
        token = WORDS["the measures' token"]
        headers = {"authorization": f"Bearer {token}"}
        for path in ("/metrics", "/healthz", "/readyz"):
            with suppress(httpx2.HTTPError):
                self.seen += httpx2.get(self.base + path, headers=headers, timeout=10).content

    def kill_redis(self) -> None:
        with self.redis() as redis:
            os.kill(int(redis.info("server")["process_id"]), signal.SIGKILL)

    def leaks(self) -> list[str]:
        """Everything that it let out, with whose words stand there; the processes have ended."""
        printed = "\n".join(each.printed() for each in self.place.started)
        home = self.place.data if self.server is None else self.place.folder
        places = {
            "the log": printed.encode(),
            "Redis and the measures": self.seen,
            "the spans": self.collector.heard,
            **{
                f"Redis's {path.name}": path.read_bytes()
                for path in (home / "redis").rglob("*")
                if path.is_file() and not path.is_socket()
            },
        }
        words = {**WORDS, **self.made}
        return [
            f"{where}: {whose}" for where, what in places.items() for whose in found_in(what, words)
        ]

    def arguments(self) -> bytes:
        """What anybody on the machine sees of the processes."""
        processes = [psutil.Process(each.process.pid) for each in self.running]
        family = [one for each in processes for one in (each, *each.children(recursive=True))]
        return "\n".join(" ".join(each.cmdline()) for each in family).encode()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look at Redis all the time: a hint lives for moments only."""
        over = threading.Event()

        def watch() -> None:
            while not over.wait(_EVERY):
                self.look()

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def stop(self) -> None:
        for each in reversed(self.running):
            each.stop()

    def states(self) -> set[str]:
        return {row["state"] for row in self.place.rows("SELECT state FROM followup_reminders")}

    def close(self) -> None:
        self.place.close()
        if self.server is not None:
            self.server.stop()
        self.collector.close()


def _plainly(redis: Redis, key: bytes) -> bytes:
    """A dump is compressed where that is shorter."""
    match redis.type(key):
        case b"string":
            return redis.get(key) or b""
        case b"hash":
            return b"\n".join(part for pair in redis.hgetall(key).items() for part in pair)
        case b"list":
            return b"\n".join(redis.lrange(key, 0, -1))
        case b"set":
            return b"\n".join(redis.smembers(key))
        case b"zset":
            return b"\n".join(redis.zrange(key, 0, -1))
    return b""


def built(folder: Path, chaos: Chaos, port: int, *, form: str, apart: bool) -> Aviary:
    """Canaries in the settings, half of them by the environment, and a clumsy plugin."""
    place, collector = Place(folder), Collector()
    server = EmbeddedRedis(folder) if apart else None
    package = folder / "installed" / "clumsy-1.dist-info"
    package.mkdir(parents=True)
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: clumsy\nVersion: 1\n")
    (package / "entry_points.txt").write_text(ENTRY)
    place.environment |= {
        "PYTHONPATH": f"{package.parent}:{Path(__file__).resolve().parents[2]}",
        "FOLLOWUP_CHANNELS__TG__TOKEN": TOKEN,
        "FOLLOWUP_CHANNELS__WA__AUTH_TOKEN": WORDS["the Twilio token"],
        "FOLLOWUP_MODEL__API_KEY": WORDS["the model's key"],
        "FOLLOWUP_METRICS__TOKEN": WORDS["the measures' token"],
    }
    if server is not None:
        server.start()
        place.environment["REDIS_URL"] = server.url
    chaos.model = Parrot(chaos.dice, {"ok": 1})
    chaos.twilio.token = WORDS["the Twilio token"]
    (folder / "bot.toml").write_text(_SETTINGS.format(**_values(chaos, port, form, collector)))
    return Aviary(place, chaos, port, collector, server)


def _values(chaos: Chaos, port: int, form: str, collector: Collector) -> dict[str, Any]:
    return {
        "port": port,
        "form": form,
        "collector": collector.url,
        "chaos": chaos.url,
        "persona": WORDS["a persona"],
        "instruction": WORDS["an instruction"],
        "sid": SID,
        "number": NUMBER,
        "admin": ADMIN,
    }


_SETTINGS = """
[web]
port = {port}
public_url = "http://127.0.0.1:{port}"
[logs]
format = "{form}"
[tracing]
endpoint = "{collector}"
[model]
name = "m"
base_url = "{chaos}/v1"
timeout = 5
[admins]
telegram = [{admin}]
[employees.anna]
name = "Anna"
persona = "{persona}."
[employees.anna.followup]
enabled = true
[[employees.anna.followup.steps]]
id = "s1"
delay = "1s"
instruction = "{instruction}."
[[employees.anna.followup.steps]]
id = "s2"
delay = "2s"
instruction = "{instruction}!"
[channels.site]
kind = "web"
employee = "anna"
[channels.tg]
kind = "telegram"
employee = "anna"
api_base = "{chaos}"
[channels.wa]
kind = "whatsapp"
employee = "anna"
account_sid = "{sid}"
from = "{number}"
api_base = "{chaos}"
"""


def delivered(aviary: Aviary, count: int) -> None:
    eventually(lambda: len(aviary.chaos.log.entries()) >= count, f"{count} deliveries")


def csrf(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    return found[1] if found else ""
