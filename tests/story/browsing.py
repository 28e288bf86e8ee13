"""A browser without a screen: it keeps cookies, and fills in forms as the pages have them."""

import html
import re
from types import TracebackType
from typing import Any, Self

import httpx2
from starlette.applications import Starlette

HERE = "http://127.0.0.1:8080"


class Browsing:
    """One browser on this machine; `async with Browsing(world.app.web) as browser`.

    What `post` sends carries the form token of the page that was loaded last.
    """

    def __init__(self, web: Starlette, base: str = HERE, **headers: str) -> None:
        self._client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=web),
            base_url=base,
            headers={"accept": "text/html", **headers},
            follow_redirects=True,
        )
        self.csrf = ""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.aclose()

    @property
    def cookies(self) -> httpx2.Cookies:
        return self._client.cookies

    async def get(self, path: str, **more: Any) -> httpx2.Response:
        return self._seen(await self._client.get(path, **more))

    async def post(self, path: str, form: dict[str, Any] | None = None, **more: Any) -> Any:
        """Send a form; values that are lists are fields that come several times."""
        filled = {"csrf": self.csrf, **(form or {})}
        return self._seen(await self._client.post(path, data=filled, **more))

    async def send(self, path: str, body: str) -> httpx2.Response:
        """Bytes of a form, as no page would fill it in."""
        headers = {"content-type": "application/x-www-form-urlencoded"}
        return self._seen(await self._client.post(path, content=body, headers=headers))

    def _seen(self, page: httpx2.Response) -> httpx2.Response:
        found = re.search(r'name="csrf" value="([^"]+)"', page.text)
        if found:
            self.csrf = html.unescape(found[1])
        return page
