"""The commands `followup users`: who may sign in to the dashboard, and their tokens."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from bot.errors import PeopleError, SettingsError
from bot.keys import Keys
from bot.office import office
from bot.operations import Scope
from bot.people import Account, People
from bot.place import Place, options, placed, plainly
from bot.site import PersonRole
from bot.tokens import MOST_DAYS, Token, Wanted
from config.settings import Settings, load

_BY = "command line"
_ROLE = click.option(
    "--role",
    type=click.Choice([role.value for role in PersonRole]),
    help="admin: changes everything; viewer: looks. Default: admin for the first, else viewer.",
)


@click.group()
@options
@click.pass_context
def users(context: click.Context, config: Path | None, data: Path | None) -> None:
    """Who may sign in to the dashboard."""
    early_config, early_data = context.obj
    context.obj = (config or early_config, data or early_data)


@users.command("list")
@placed
def show(place: Place) -> None:
    """Everybody, and what they may do."""

    async def everyone(people: People) -> None:
        found = await people.everyone()
        for each in found:
            waits = "" if each.is_ready else "  has not chosen a password yet"
            click.echo(f"{each.role:<8}{each.name}{waits}")
        if not found:
            click.echo("Nobody yet. Make the first: followup users add NAME --role admin")

    _with_people(place, everyone)


@users.command("add")
@click.argument("name")
@_ROLE
@placed
def add(place: Place, name: str, role: str | None) -> None:
    """Somebody new; prints the link at which they choose their password."""

    async def make(people: People) -> None:
        known = await people.everyone()
        least = PersonRole.VIEWER if known else PersonRole.ADMIN
        secret = await people.add(_BY, name, PersonRole(role) if role else least)
        _print_link(place, name, secret)

    _with_people(place, make)


@users.command("link")
@click.argument("name")
@placed
def link(place: Place, name: str) -> None:
    """A new link for somebody who lost theirs, or their password; older links are void."""

    async def make(people: People) -> None:
        account = await _named(people, name)
        _print_link(place, account.name, await people.link(_BY, account.id))

    _with_people(place, make)


@users.command("remove")
@click.argument("name")
@placed
def remove(place: Place, name: str) -> None:
    """They are signed out everywhere, their tokens are revoked, and they cannot come back."""

    async def drop(people: People) -> None:
        account = await _named(people, name)
        await people.remove(_BY, account.id)
        click.echo(f"{account.name} is removed.")

    _with_people(place, drop)


@users.command("token")
@click.argument("name")
@click.option("--make", "made", metavar="TOKEN", help="Make one of that name; prints it, once.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="What it may do; may be repeated. Default: read.",
)
@click.option("--days", type=click.IntRange(1, MOST_DAYS), help="It ends by itself after that.")
@click.option("--revoke", "revoked", metavar="TOKEN", help="Revoke the one of that name.")
@placed
def token(place: Place, name: str, **asked: Any) -> None:
    """The tokens of somebody: list them, make one for a program, or revoke one."""

    async def work(keys: Keys) -> None:
        account = await _named(keys.people, name)
        if asked["made"]:
            scopes = [Scope(each) for each in asked["scopes"] or [Scope.READ]]
            wanted = Wanted(asked["made"], scopes, asked["days"])
            click.echo(await keys.tokens.make(_BY, account.id, wanted))
            return
        known = {each.name: each for each in await keys.tokens.of(account.id)}
        if asked["revoked"] is None:
            _print_tokens(account, known.values(), keys.tokens.clock.now())
            return
        if asked["revoked"] not in known:
            listed = ", ".join(known) or "none"
            raise PeopleError(f"{name} has no token {asked['revoked']}; there are: {listed}")
        await keys.tokens.revoke(_BY, account.id, known[asked["revoked"]].id)
        click.echo(f"The token {asked['revoked']} of {account.name} is revoked.")

    _with_keys(place, work)


def _print_tokens(account: Account, known: Collection[Token], now: datetime) -> None:
    for each in known:
        scopes = " ".join(scope for scope in Scope if scope in each.scopes)
        ends = f"{each.ends_at:%Y-%m-%d}" if each.ends_at else "never"
        used = f"{each.seen_at:%Y-%m-%d}" if each.seen_at else "never"
        over = " (has ended)" if each.is_over(now) else ""
        click.echo(f"{each.name}  {scopes}  used {used}, ends {ends}{over}")
    if not known:
        click.echo(f"None. Make one: followup users token {account.name} --make TOKEN")


def _with_people(place: Place, work: Callable[[People], Awaitable[None]]) -> None:
    _with_keys(place, lambda keys: work(keys.people))


def _with_keys(place: Place, work: Callable[[Keys], Awaitable[None]]) -> None:
    """On the tables as they should be; faults in plain words."""

    async def run(settings: Settings) -> None:
        async with office(settings, place.folder) as app:
            try:
                await work(app.keys)
            except PeopleError as error:
                raise SettingsError(str(error)) from None

    with plainly():
        asyncio.run(run(load(place.config)))


async def _named(people: People, name: str) -> Account:
    account = await people.named(name)
    if account is None:
        known = ", ".join(each.name for each in await people.everyone()) or "nobody"
        raise SettingsError(f"there is nobody called {name}; known: {known}")
    return account


def _print_link(place: Place, name: str, secret: str) -> None:
    web = load(place.config).web
    base = web.public_url or f"http://{web.host}:{web.port}"
    click.echo(f"Give {name} this link. It works once, for 24 hours:")
    click.echo(f"{base.rstrip('/')}/set-up/{secret}")
