"""Operations on the own account and on users, and the status of the settings."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from pydantic import Field

from bot.errors import PeopleError
from bot.operations import (
    Asked,
    Call,
    Key,
    Nothing,
    Operation,
    Operations,
    ProblemError,
    Scope,
    Text,
    Told,
    When,
)
from bot.people import Account, People
from bot.site import PersonRole
from bot.tokens import Tokens
from bot.web.addresses import set_up_link
from bot.web.status_page import StatusPage

_NOBODY = "There is no such user."
_STAYS = "The last admin who can sign in stays."


class TokenTold(Told):
    """A token of yours, without its secret."""

    id: int
    name: str
    scopes: Sequence[Scope]
    made_at: When
    ends_at: When | None
    used_at: When | None = Field(description="Written down every five minutes at most.")


class Own(Told):
    """Whose token this is; an admin's role allows every scope, a viewer's to read."""

    id: int
    name: str
    role: PersonRole
    tokens: Sequence[TokenTold]


class User(Told):
    """Somebody who may sign in; not `ready`: they have not chosen a password yet."""

    id: int
    name: str
    role: PersonRole
    ready: bool

    @classmethod
    def of(cls, account: Account) -> "User":
        """As the runtime knows them."""
        return cls(id=account.id, name=account.name, role=account.role, ready=account.is_ready)


class Users(Told):
    """Everybody, by name."""

    users: Sequence[User]


class Invited(Told):
    """The link at which the user chooses a password: it works once, for 24 hours."""

    user: User
    link: str


class NewUser(Asked):
    """Somebody new."""

    name: Text = Field(min_length=1, max_length=64)
    role: PersonRole = PersonRole.VIEWER


class Role(Asked):
    """What the user may do from now on."""

    role: PersonRole


class UserKey(Asked):
    """Which user."""

    user: Key


class Line(Told):
    """Something that was looked at: a fault says what to do."""

    what: str
    text: str
    fault: bool


class Status(Told):
    """What `followup check` finds; not `finished`: it took too long, so nothing is told."""

    finished: bool
    findings: Sequence[Line]


@dataclass(frozen=True, slots=True)
class PeopleApi:
    """The same as the pages /account, /users and /status."""

    people: People
    tokens: Tokens
    public_url: str | None
    status: StatusPage | None

    def operations(self) -> Operations:
        """All of them."""
        gone, stays = {404: _NOBODY}, {409: _STAYS}
        known: list[Operation[Nothing, Nothing]] = [
            Operation(
                "account_get",
                "GET",
                "/account",
                Scope.READ,
                "Whose token this is.",
                Nothing,
                Nothing,
                Own,
                self.own,
            ),
            Operation(
                "users_list",
                "GET",
                "/users",
                Scope.ADMIN,
                "Everybody who may sign in.",
                Nothing,
                Nothing,
                Users,
                self.everyone,
            ),
        ]
        if self.status is not None:
            known.append(
                Operation(
                    "status_get",
                    "GET",
                    "/status",
                    Scope.ADMIN,
                    "Looks at settings, database, Redis, model and channels.",
                    Nothing,
                    Nothing,
                    Status,
                    self.look,
                )
            )
        return (
            *known,
            Operation(
                "users_add",
                "POST",
                "/users",
                Scope.USERS,
                "Add somebody, and get their link.",
                Nothing,
                NewUser,
                Invited,
                self.add,
                status=201,
            ),
            Operation(
                "users_link",
                "POST",
                "/users/{user}/link",
                Scope.USERS,
                "A new link for somebody who lost theirs, or their password.",
                UserKey,
                Nothing,
                Invited,
                self.link,
                status=201,
                refusals=gone,
            ),
            Operation(
                "users_role",
                "PATCH",
                "/users/{user}",
                Scope.USERS,
                "Let somebody do more, or less.",
                UserKey,
                Role,
                User,
                self.set_role,
                refusals={**gone, **stays},
            ),
            Operation(
                "users_remove",
                "DELETE",
                "/users/{user}",
                Scope.USERS,
                "Remove somebody: signed out everywhere, tokens revoked.",
                UserKey,
                Nothing,
                None,
                self.remove,
                refusals={**gone, **stays},
            ),
        )

    async def own(self, call: Call[Nothing, Nothing]) -> Own:
        """Whose token this is, and the others of theirs."""
        account = await self._one(call.caller.account)
        tokens = [
            TokenTold(
                id=each.id,
                name=each.name,
                scopes=[scope for scope in Scope if scope in each.scopes],
                made_at=each.made_at,
                ends_at=each.ends_at,
                used_at=each.seen_at,
            )
            for each in await self.tokens.of(account.id)
        ]
        return Own(id=account.id, name=account.name, role=account.role, tokens=tokens)

    async def everyone(self, _call: Call[Nothing, Nothing]) -> Users:
        """Everybody."""
        return Users(users=[User.of(each) for each in await self.people.everyone()])

    async def look(self, _call: Call[Nothing, Nothing]) -> Status:
        """What `followup check` finds."""
        assert self.status is not None  # noqa: S101  else there is no such operation
        found = await self.status.findings()
        lines = [Line(what=each.what, text=each.text, fault=each.fault) for each in found or ()]
        return Status(finished=found is not None, findings=lines)

    async def add(self, call: Call[Nothing, NewUser]) -> Invited:
        """Somebody new."""
        wanted = call.body
        try:
            secret = await self.people.add(call.caller.by, wanted.name, wanted.role)
        except PeopleError as error:
            raise ProblemError(422, str(error), [("name", str(error))]) from None
        account = await self.people.named(wanted.name)
        if account is None:
            raise ProblemError(422, "Somebody has removed that user already.")
        return self._invited(call.base, account, secret)

    async def link(self, call: Call[UserKey, Nothing]) -> Invited:
        """A new link; those of before are void."""
        account = await self._one(call.params.user)
        try:
            secret = await self.people.link(call.caller.by, account.id)
        except PeopleError:
            raise ProblemError(HTTPStatus.NOT_FOUND, _NOBODY) from None
        return self._invited(call.base, account, secret)

    async def set_role(self, call: Call[UserKey, Role]) -> User:
        """From viewer to admin, or back."""
        account = await self._one(call.params.user)
        try:
            await self.people.set_role(call.caller.by, account.id, call.body.role)
        except PeopleError as error:
            raise ProblemError(HTTPStatus.CONFLICT, str(error)) from None
        return User.of(await self._one(account.id))

    async def remove(self, call: Call[UserKey, Nothing]) -> None:
        """They are out at once."""
        account = await self._one(call.params.user)
        try:
            await self.people.remove(call.caller.by, account.id)
        except PeopleError as error:
            raise ProblemError(HTTPStatus.CONFLICT, str(error)) from None

    async def _one(self, key: int) -> Account:
        found = {each.id: each for each in await self.people.everyone()}
        if key not in found:
            raise ProblemError(HTTPStatus.NOT_FOUND, _NOBODY)
        return found[key]

    def _invited(self, base: str, account: Account, secret: str) -> Invited:
        return Invited(user=User.of(account), link=set_up_link(self.public_url or base, secret))
