"""A person who fills in the forms of the employee pages, without any script."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx2

from tests.story.browsing import Browsing
from tests.story.world import World

TAB = "/employees/anna/followup"
_CHECKED = {"checkbox", "radio"}


class Fields(HTMLParser):
    """The fields of the forms that send to one address, as a browser would send them."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.buttons: set[str] = set()
        self.focused: str | None = None
        self._action = action
        self._inside = False
        self._area: str | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        if "autofocus" in given and self.focused is None:
            self.focused = given.get("id") or given.get("value")
        if tag == "form":
            self._inside = given.get("action") == self._action
        elif self._inside and tag == "option":
            self._option(given)
        elif self._inside:
            self._field(tag, given.get("name", ""), given)

    def _field(self, tag: str, name: str, given: dict[str, str]) -> None:
        if tag == "textarea":
            self._area, self.values[name] = name, ""
        elif tag == "select":
            self._select = name
        elif tag == "button" and "disabled" not in given:
            self.buttons.add(given.get("value", ""))
        elif tag == "input" and name and (given.get("type") not in _CHECKED or "checked" in given):
            self.values[name] = given.get("value", "on")

    def _option(self, given: dict[str, str]) -> None:
        name = self._select
        if name is not None and ("selected" in given or name not in self.values):
            self.values[name] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "select":
            self._select = None
        elif tag == "textarea" and self._area is not None:
            # The line break right after the tag is not part of the text.
            self.values[self._area] = self.values[self._area].removeprefix("\n")
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self.values[self._area] += data


@dataclass
class Person:
    """Opens a page with a form, fills in, and presses buttons."""

    browser: Browsing
    path: str
    page: httpx2.Response = field(init=False)

    async def opens(self, query: str = "") -> "Person":
        self.page = await self.browser.get(self.path + query)
        assert self.page.status_code == 200, self.page.text
        return self

    @property
    def form(self) -> Fields:
        fields = Fields(self.path)
        fields.feed(self.page.text)
        return fields

    @property
    def text(self) -> str:
        return self.page.text

    async def press(self, button: str | None = "save", **changes: Any) -> httpx2.Response:
        """Send the form as it is, but for these fields; None unticks, `__` stands for a dot."""
        form = self.form
        values = dict(form.values)
        for key, value in changes.items():
            values.pop(key.replace("__", "."), None)
            if value is not None:
                values[key.replace("__", ".")] = value
        if button is not None:
            assert button in form.buttons, (button, sorted(form.buttons))
            values["do"] = button
        self.page = await self.browser.post(self.path, values)
        return self.page


async def stored(w: World, employee: str = "anna") -> list[str]:
    """The chain as it is stored: "on", then "s1 4h once Do it." for each step."""
    table = (await w.app.staff.tables())[employee]["followup"]
    steps = [
        " ".join(filter(None, (s["id"], s["delay"], "once" * s["once"], s["instruction"])))
        for s in table["steps"]
    ]
    return ["on" if table["enabled"] else "off", *steps]


def words(page: str) -> str:
    """What can be read, on one line."""
    shown = re.sub(r"<(script|style|title)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", shown).replace("&#39;", "'").split())


async def play(person: Person, scene: str, **changes: str) -> str:
    await person.press("play", scene=scene, **changes)
    assert person.page.status_code == 200
    film = person.text.partition('id="film"')[2]
    assert film
    return words(film.partition("</section>")[0])


Visits = Callable[[World, str], Person]
