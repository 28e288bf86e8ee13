"""Finds pages by links, and every form on them, as somebody who looks for a way in would."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from starlette.applications import Starlette
from starlette.routing import Mount, Route

from tests.story.browsing import Browsing

START = ("/followup", "/followup?view=attention", "/chats", "/employees", "/users", "/account")
_NUMBER = re.compile(r"(?<=[/.=])\d+")


@dataclass
class Form:
    """Where it sends what: all fields as the page fills them in, and the buttons with a name."""

    page: str
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    @property
    def shape(self) -> tuple[object, ...]:
        return (_shape(self.action), tuple(sorted(self.fields)), tuple(self.buttons))


class _Reader(HTMLParser):
    """The links of a page, and its forms that post."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._page = page
        self._form: Form | None = None
        self._name = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "form" and given.get("method", "").lower() == "post":
            action = urljoin(self._page, given.get("action", ""))
            self._form = Form(self._page, action)
            self.forms.append(self._form)
        elif self._form is not None:
            self._field(self._form, tag, given)

    def _field(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name = given.get("name", "")
        if tag in {"select", "textarea"}:
            self._name, form.fields[name] = name, ""
        elif tag == "option" and self._name and not form.fields[self._name]:
            form.fields[self._name] = given.get("value", "")
        elif tag == "button" and name:
            form.buttons.append((name, given.get("value", "")))
        elif tag == "input" and name:
            form.fields[name] = given.get("value", "on")

    def handle_data(self, data: str) -> None:
        if self._form is not None and self._name and self.lasttag == "textarea":
            self._form.fields[self._name] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if tag in {"select", "textarea"}:
            self._name = ""


async def forms(browser: Browsing) -> AsyncIterator[Form]:
    """Every form of every page that links lead to; of those that are alike one."""
    seen: set[str] = set()
    known: set[tuple[object, ...]] = set()
    waiting = list(START)
    while waiting:
        path = waiting.pop(0)
        if urlsplit(path).netloc or _shape(path) in seen:
            continue
        seen.add(_shape(path))
        page = await browser.get(path)
        if not page.headers.get("content-type", "").startswith("text/html"):
            continue
        reader = _Reader(path)
        reader.feed(page.text)
        for each in reader.forms:
            if each.shape not in known:
                known.add(each.shape)
                yield each
        waiting += [urljoin(path, each).partition("#")[0] for each in reader.links]


def dashboard_routes(web: Starlette) -> Iterator[Route]:
    """The routes behind the guard."""
    for each in web.routes:
        if isinstance(each, Mount) and not each.path:
            yield from (route for route in each.routes if isinstance(route, Route))


def _shape(path: str) -> str:
    """Two chats have pages of one shape."""
    return _NUMBER.sub("#", path)
