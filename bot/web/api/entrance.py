"""Lets programs in: by a token in the header Authorization, and by nothing else."""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from bot.operations import Caller, ProblemError, Scope
from bot.signing_in import TooOftenError, WrongTokens
from bot.tokens import ALLOWED, Bearer, Tokens
from bot.web.addresses import address_of

_ASK: Final = 'Bearer realm="followup"'
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Entrance:
    """No cookie is looked at here, so no foreign page can have a browser act for somebody."""

    tokens: Tokens
    wrong: WrongTokens

    async def enter(self, request: Request, scope: Scope) -> Caller:
        """Who asks. Raises ProblemError: 401, 403 or 429."""
        bearer = await self._bearer(request)
        if scope in bearer.scopes:
            return Caller(bearer.account.id, bearer.account.name, bearer.by)
        headers = {"WWW-Authenticate": f'{_ASK}, error="insufficient_scope", scope="{scope}"'}
        if scope not in ALLOWED[bearer.account.role]:
            told = f"This needs the scope {scope}, which only admins' tokens may have."
        else:
            told = f"This needs the scope {scope}; make a token that has it on the page /account."
        raise ProblemError(403, told, headers=headers)

    async def _bearer(self, request: Request) -> Bearer:
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        secret = secret.strip()
        if scheme.lower() != "bearer" or not secret:
            told = "Send a token: Authorization: Bearer fbt_…; the page /account makes them."
            raise ProblemError(401, told, headers={"WWW-Authenticate": _ASK})
        found = await self.tokens.find(secret) if len(secret) <= _LONGEST else None
        if found is not None:
            return found
        try:
            await self.wrong.count(address_of(request))
        except TooOftenError as error:
            after = {"Retry-After": str(int(error.wait.total_seconds()) + 1)}
            told = "Too many wrong tokens came from this address. Good ones are still taken."
            raise ProblemError(429, told, headers=after) from None
        ask = f'{_ASK}, error="invalid_token"'
        told = "This token is unknown, revoked, or has ended. Make another on the page /account."
        raise ProblemError(401, told, headers={"WWW-Authenticate": ask})
