"""A real browser, and the web channel behind a real server on this machine.

Everything asynchronous here lives on one event loop for the whole session, so tests that use it
are marked `asyncio(loop_scope="session")`.
"""

import asyncio
import importlib.util
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, async_playwright
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

HERE = Path(__file__).parent
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's program; installed if there is none."""
    found = subprocess.run(  # noqa: S603 - our own script beside this file
        [sys.executable, str(HERE / "chromium.py")], capture_output=True, text=True, check=False
    )
    if found.returncode:
        pytest.fail(found.stderr.strip().splitlines()[-1], pytrace=False)
    return found.stdout.strip()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        await browser.close()


class Server(uvicorn.Server):
    """A server inside the test's own loop; signals stay with pytest."""

    def __init__(self, app: Starlette) -> None:
        super().__init__(
            uvicorn.Config(
                app, log_level="warning", lifespan="off", ws="none", timeout_graceful_shutdown=1
            )
        )
        self.ready = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


def bound(port: int = 0) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    return listening


@asynccontextmanager
async def serving(app: Starlette, listening: socket.socket) -> AsyncIterator[str]:
    """The address at which the app is served meanwhile."""
    server = Server(app)
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    task = asyncio.create_task(server.serve([listening]))
    try:
        async with asyncio.timeout(20):
            await server.ready.wait()
        yield address
    finally:
        server.should_exit = True
        await task


@pytest.fixture(scope="session")
def worlds() -> ModuleType:
    """The in-memory runtime that the contract tests use."""
    path = HERE.parent / "contract" / "web" / "world.py"
    spec = importlib.util.spec_from_file_location("web_channel_world_e2e", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@dataclass
class Site:
    """The server of the widget; it can be stopped and started again at the same address."""

    worlds: ModuleType
    world: Any
    origins: list[str] = field(default_factory=list)
    address: str = ""
    _running: Any = None

    async def start(self) -> None:
        listening = bound(int(self.address.rpartition(":")[2] or 0))
        host = self.world.host(f"http://127.0.0.1:{listening.getsockname()[1]}")
        channel = self.worlds.channel("site", {"origins": self.origins}, host)
        self._running = serving(self.worlds.app(channel), listening)
        self.address = await self._running.__aenter__()

    async def stop(self) -> None:
        if self._running is not None:
            running, self._running = self._running, None
            await running.__aexit__(None, None, None)

    @property
    def chat(self) -> int:
        """The only chat's number."""
        [chat] = self.world.chats.values()
        return chat.id

    def texts(self) -> list[str]:
        return [message.text for said in self.world.said.values() for message in said]


@pytest_asyncio.fixture(loop_scope="session")
async def site(worlds: ModuleType) -> AsyncIterator[Site]:
    site = Site(worlds, worlds.World())
    site.world.voice = lambda text: f"You said: {text}"
    await site.start()
    yield site
    await site.stop()


@dataclass
class Visit:
    """One browser profile on its way through pages, and what the browser complained about."""

    context: BrowserContext
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    async def open(self, url: str) -> Page:
        page = await self.context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda m: m.type == "error" and self.complaints.append(m.text))
        page.on("request", lambda request: self.requests.append(request.url))
        await page.goto(url)
        await page.locator("followup-chat .launcher").wait_for()
        return page


@pytest_asyncio.fixture(loop_scope="session")
async def visiting(browser: Browser, site: Site) -> AsyncIterator[Any]:
    """Makes visits; goes before the server, so that no stream holds it up."""
    contexts: list[BrowserContext] = []

    async def visiting(**options: Any) -> Visit:
        contexts.append(await browser.new_context(**options))
        return Visit(contexts[-1])

    yield visiting
    for context in contexts:
        await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def visit(visiting: Any) -> Visit:
    return await visiting()


@pytest_asyncio.fixture(loop_scope="session")
async def page(visit: Visit, site: Site) -> Page:
    """The demo shop."""
    return await visit.open(f"{site.address}/web/site/demo")


@pytest_asyncio.fixture(loop_scope="session")
async def elsewhere() -> AsyncIterator[Any]:
    """Serves a page of another origin, given as HTML, under a policy if there is one."""
    html = {"page": "", "policy": "default-src *"}

    async def show(_request: Request) -> HTMLResponse:
        return HTMLResponse(html["page"], headers={"Content-Security-Policy": html["policy"]})

    async with serving(Starlette(routes=[Route("/{rest:path}", show)]), bound()) as address:
        yield address, html
