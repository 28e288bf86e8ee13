"""The commands `followup users`: who may sign in to the dashboard."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import click

from bot.errors import PeopleError, SettingsError
from bot.office import office
from bot.people import Account, People
from bot.place import Place, options, placed, plainly
from bot.site import PersonRole
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
    """They are signed out everywhere, and cannot come back."""

    async def drop(people: People) -> None:
        account = await _named(people, name)
        await people.remove(_BY, account.id)
        click.echo(f"{account.name} is removed.")

    _with_people(place, drop)


def _with_people(place: Place, work: Callable[[People], Awaitable[None]]) -> None:
    """On the tables as they should be; faults in plain words."""

    async def run(settings: Settings) -> None:
        async with office(settings, place.folder) as app:
            try:
                await work(app.keys.people)
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
