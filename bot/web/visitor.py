"""Who stands behind a request, and what their browser remembers."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.requests import Request

from bot.site import Person, PersonRole

SESSION = "followup_session"
VISIT = "followup_visit"
LOCAL = "local"
_SALT = 16


@dataclass(frozen=True, slots=True)
class Choice:
    """How somebody wants to see pages; an empty theme is the system's."""

    language: str
    zone: ZoneInfo
    theme: str = ""


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person, or somebody who has not signed in yet.

    `secret` is in a cookie of theirs that no script can read; `met` is false until they have it.
    `account` is their number where they have one: nobody has before the first is made.
    """

    choice: Choice
    secret: str
    met: bool = True
    name: str | None = None
    role: PersonRole = PersonRole.VIEWER
    account: int | None = None

    @property
    def person(self) -> Person | None:
        """Who has been let in."""
        if self.name is None:
            return None
        return Person(self.name, self.role, self.choice.language, self.choice.zone)

    @property
    def is_guest(self) -> bool:
        """Let in without an account, because nobody has one."""
        return self.name is not None and self.account is None

    def form_token(self) -> str:
        """What a form of ours carries: it can be made from the secret, but not the other way.

        Another one each time, so that its letters cannot be guessed from how far pages shrink.
        """
        salt = secrets.token_hex(_SALT // 2)
        return salt + self._signed(salt)

    def knows(self, token: str) -> bool:
        """Whether a form of ours carried that; until they are loaded again, older ones as well."""
        salt, signed = token[:_SALT], token[_SALT:]
        return any(
            hmac.compare_digest(given.encode(), self._signed(salted).encode())
            for given, salted in ((signed, salt), (token, ""))
        )

    def _signed(self, salt: str) -> str:
        return hmac.new(self.secret.encode(), f"form{salt}".encode(), hashlib.sha256).hexdigest()


def visitor_of(request: Request) -> Visitor:
    """Who the guard found. Raises HTTPException where there is no guard."""
    found = getattr(request.state, "visitor", None)
    if not isinstance(found, Visitor):
        raise HTTPException(403, "This page is not part of the dashboard.")
    return found
