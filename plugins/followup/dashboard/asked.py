"""What an address of a list asks for."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.requests import Request

from bot.api import Employee
from plugins.followup.dashboard.finding import Wish
from plugins.followup.folding import asked

_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """The words in the search box, the chosen employee, the view, and where the page begins."""

    path: str
    text: str = ""
    employee: str = ""
    view: str = ""
    start: str = ""

    @classmethod
    def of(cls, request: Request, view: str) -> "Asked":
        """What this request asks for; `view` is the other one that the page has."""
        given = request.query_params
        return cls(
            path=request.url.path,
            text=given.get("q", "")[:_LONGEST].strip(),
            employee=given.get("employee", "")[:_LONGEST],
            view=view if given.get("view") == view else "",
            start=given.get("after", "")[:_LONGEST],
        )

    @property
    def narrow(self) -> bool:
        """Whether not everything is asked for."""
        return bool(self.text or self.employee)

    @property
    def wish(self) -> Wish:
        """The same for the queries."""
        return Wish(asked(self.text), self.employee or None)

    def address(self, **changed: str) -> str:
        """The address that asks for the same, but for what is given."""
        other = replace(self, **changed)
        pairs = {
            "view": other.view,
            "q": other.text,
            "employee": other.employee,
            "after": other.start,
        }
        given = urlencode({key: text for key, text in pairs.items() if text})
        return f"{other.path}?{given}" if given else other.path

    def known(self, people: list[Employee]) -> "Asked":
        """Without an employee whom nobody knows."""
        return self if self.employee in {each.id for each in people} else replace(self, employee="")


def wants_part(request: Request) -> bool:
    """Whether the page's own script asks for what changes, without the frame."""
    return request.headers.get("x-part") == "list"
