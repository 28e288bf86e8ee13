"""One HTTP server on loopback that plays a model, Telegram and Twilio."""

import json
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from bot.clock import SystemClock
from tests.chaos.dice import Dice
from tests.chaos.model import Model
from tests.chaos.telegram import Telegram
from tests.chaos.twilio import PATHS, Twilio
from tests.chaos.wire import Answer, Log, Request, said

_POLL = 0.02


@dataclass
class Chaos:
    """Everything behind one address; /chaos tells and changes how it goes."""

    seed: int = 7
    log: Log = field(default_factory=Log)
    over: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def __post_init__(self) -> None:
        self.dice = Dice(self.seed)
        self.model = Model(self.dice)
        self.telegram = Telegram(self.dice, self.log)
        self.twilio = Twilio(self.dice, self.log)

    def answer(self, request: Request) -> Answer:
        if request.path.startswith("/bot"):
            return self.telegram.answer(request)
        if request.path.startswith(PATHS):
            return self.twilio.answer(request)
        if request.path.endswith("/chat/completions"):
            return self.model.answer(request)
        if request.path.startswith("/chaos/"):
            return self._asked(request)
        return said({"error": "nothing here"}, 404)

    def _asked(self, request: Request) -> Answer:
        """For drivers in another process: what was delivered, faults off and on, a client's words.

        `was_sent` is what no network offers: whether the message with that number arrived.
        """
        match request.path.removeprefix("/chaos/"):
            case "delivered":
                return said([asdict(each) | {"at": str(each.at)} for each in self.log.entries()])
            case "was_sent":
                wanted = str(request.fields["ref"])
                return said({"sent": any(each.ref == wanted for each in self.log.entries())})
            case "calm":
                self.dice.calm = bool(int(request.fields["calm"]))
                return said({"calm": self.dice.calm})
            case "write":
                chat, text = int(request.fields["chat"]), str(request.fields["text"])
                now = SystemClock().now().timestamp()
                return said({"id": self.telegram.write(request.fields["token"], chat, text, now)})
        return said({"error": "nothing here"}, 404)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    chaos: Chaos

    def handle_error(self, *_: object) -> None:
        """Whoever is killed while it asks leaves a broken connection behind; that is the point."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, *_: object) -> None:
        return

    def _serve(self) -> None:
        chaos = self.server.chaos
        answer = chaos.answer(self._request())
        if answer.pause:
            chaos.over.wait(answer.pause)
        if answer.reset:
            self._reset()
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("content-type", answer.kind)
        self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def _request(self) -> Request:
        parts = urlsplit(self.path)
        fields: dict[str, object] = dict(parse_qsl(parts.query))
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:
            raise ConnectionError("whoever asked was gone before the question was complete")
        if "json" in self.headers.get("content-type", ""):
            fields |= json.loads(body or b"{}")
        else:
            fields |= dict(parse_qsl(body.decode()))
        headers = {name.lower(): text for name, text in self.headers.items()}
        return Request(self.command, parts.path, fields, headers)

    def _reset(self) -> None:
        """Not a polite end: the other side's next read fails."""
        linger = struct.pack("ii", 1, 0)
        self.close_connection = True
        with suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        # The streams hold the socket open for as long as they live.
        self.rfile.close()
        with suppress(OSError, ValueError):
            self.wfile.close()
        self.connection.close()


@contextmanager
def serving(chaos: Chaos, port: int = 0) -> Iterator[Chaos]:
    """Listen on loopback until the block ends."""
    server = _Server(("127.0.0.1", port), _Handler)
    server.chaos = chaos
    chaos.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(_POLL,), daemon=True)
    thread.start()
    try:
        yield chaos
    finally:
        chaos.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
