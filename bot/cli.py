"""The command `followup`.

A command loads what it needs, and nobody waits for what others need: hence the imports within.
"""

import asyncio
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from bot.errors import SettingsError
from bot.place import Place, options, placed, plainly
from bot.role import Role
from bot.telemetry.logs import write_logs

if TYPE_CHECKING:
    from bot.app import App
    from bot.process import Process
    from config.settings import Settings
    from plugins.followup.hours import Hours
    from plugins.followup.model import Chain


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@options
@click.pass_context
def main(context: click.Context, config: Path | None, data: Path | None) -> None:
    """AI employees that answer clients, and reach out again when a client goes silent."""
    context.obj = (config, data)
    write_logs("text")


class _Later(click.Command):
    """A group of commands that is loaded when one of them is asked for."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """From here on it is the group itself."""
        from bot.users import users

        return users.make_context(info_name, args, parent, **extra)


main.add_command(_Later("users", help="Who may sign in to the dashboard."))


def _role(role: Role, words: str) -> None:
    @main.command(role.value, help=words)
    @placed
    def command(place: Place) -> None:
        from bot.check import look_at
        from bot.process import Talk
        from bot.roles import start

        with plainly():
            look = partial(look_at, place.config, place.folder)
            start(role, _settings(place), place.folder, Talk(_ready, look))


_role(Role.RUN, "Everything in one process.")
_role(Role.WEB, "Only the web server; jobs are left to workers. Needs a shared Redis.")
_role(Role.WORKER, "Only the jobs: answers, reminders, sweeps. Needs a shared Redis.")
_role(Role.LISTEN, "Only asks the networks that have to be asked. Needs a shared Redis.")


def _ready(app: "App", process: "Process", first: str | None) -> None:
    """Say where everything is, and what is left out."""
    for line in "\n".join(app.broken.values()).splitlines():
        click.echo(f"Left out: {line}", err=True)
    if process.watched is not None:
        click.echo(f"Health and measures on port {process.watched.getsockname()[1]}")
    if process.port is not None:
        for label, path in _addresses(app):
            click.echo(f"{label + ':':<16}{process.public_url}{path}")
    if app.runtime.model is None:
        click.echo("No model is connected: the demo voice answers. See [model] in the settings.")
    if first is not None:
        click.echo("Nobody has to sign in yet. This link makes the first user; it works once:")
        click.echo(first)
    click.echo("Stop with Ctrl-C.")


def _addresses(app: "App") -> Iterator[tuple[str, str]]:
    """The pages worth knowing at the start."""
    for channel in app.channels.values():
        yield from channel.links.items()
    menu = [path for plugin in app.plugins for path in plugin.menu().values()]
    yield from (("Dashboard", path) for path in menu[:1])


@main.command("check")
@placed
def check_(place: Place) -> None:
    """Look at settings, database, Redis, model and channels, a line each."""
    from bot.check import check

    async def look() -> bool:
        faults = 0
        async for finding in check(place.config, place.folder):
            mark = "FAULT" if finding.fault else "ok"
            click.echo(f"{mark:<6}{finding.what:<10}{finding.text}")
            faults += finding.fault
        return faults > 0

    sys.exit(asyncio.run(look()))


@main.command("doctor")
@placed
def doctor(place: Place) -> None:
    """Look whether every promise is kept; changes nothing, and may be run at any time."""
    from bot.doctor import report, visit
    from bot.office import quiet_app

    with plainly():
        app = quiet_app(_settings(place), place.folder)
        found = asyncio.run(visit(app))
    for line in report(app, found):
        click.echo(line)
    sys.exit(1 if found else 0)


@main.group()
@options
@click.pass_context
def employees(context: click.Context, config: Path | None, data: Path | None) -> None:
    """Who works here; the database is the truth once it knows somebody."""
    early_config, early_data = context.obj
    context.obj = (config or early_config, data or early_data)


@employees.command("export")
@click.option("--output", type=click.File("w", lazy=True), default="-", help="Default: print.")
@placed
def export(place: Place, output: IO[str]) -> None:
    """Write all employees as a settings file has them."""
    import tomlkit

    from bot.office import office

    async def tables(settings: "Settings") -> dict[str, Any]:
        async with office(settings, place.folder) as app:
            return await app.staff.tables()

    with plainly():
        found = asyncio.run(tables(_settings(place)))
    output.write(tomlkit.dumps({"employees": found}))


@employees.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@placed
def import_(place: Place, file: Path) -> None:
    """Store the employees of a settings file; an edit applies at once, to running chats too."""
    from bot.app import people_of
    from bot.office import office
    from config.settings import employees_from

    async def save(settings: "Settings") -> int:
        people = employees_from(file)
        if not people:
            raise SettingsError(f"{file}: there is no [employees.NAME] in it")
        async with office(settings, place.folder) as app:
            others = settings.model_copy(update={"employees": people})
            await app.staff.save(people_of(others, app.plugins))
            return len(people)

    with plainly():
        count = asyncio.run(save(_settings(place)))
    click.echo(f"{count} {'employee' if count == 1 else 'employees'} saved.")


def _chat_command(name: str, words: str, done: str) -> None:
    @main.command(name, help=words)
    @click.argument("chat", type=click.IntRange(min=1))
    @placed
    def command(place: Place, chat: int) -> None:
        from bot.office import office

        async def change(settings: "Settings") -> bool:
            async with office(settings, place.folder) as app:
                return await (
                    app.runtime.handover.pause(chat, by="command line")
                    if name == "pause"
                    else app.runtime.handover.resume(chat)
                )

        with plainly():
            if not asyncio.run(change(_settings(place))):
                raise SettingsError(f"there is no chat {chat}; its page in the dashboard tells it")
        click.echo(done.format(chat))


_chat_command(
    "pause",
    "A colleague takes the chat with that number: no answers, no reminders.",
    "Chat {0} is yours; the employee is silent until: followup resume {0}",
)
_chat_command("resume", "The employee gets the chat back.", "Chat {0} is the employee's again.")


@main.command("simulate")
@click.option(
    "--events",
    type=click.Path(path_type=Path),
    required=True,
    help="JSON lines; - reads them from standard input.",
)
@click.option("--until", required=True, help="The last moment, like 2026-03-02T09:00:00Z.")
@placed
def simulate_(place: Place, events: Path, until: str) -> None:
    """Print what would have been sent, by the rules that send, on a virtual clock."""
    from bot.progress import bar
    from plugins.followup.events import Fault, moment_of
    from plugins.followup.simulate import Simulation, simulate

    with plainly():
        staff = _staff(_settings(place))
        try:
            end = moment_of(until)
        except ValueError as fault:
            raise SettingsError(f"--until: {fault}") from None
        try:
            source = sys.stdin.buffer if str(events) == "-" else events.open("rb")
        except OSError as error:
            raise SettingsError(f"--events: {events} cannot be read: {error.strerror}") from None
    faults = 0
    with source, bar(source) as lines:
        for found in simulate(Simulation(staff), lines, end):
            if isinstance(found, Fault):
                faults += 1
                click.echo(f"line {found.line}: {found.text}", err=True)
            else:
                sys.stdout.write(found.line() + "\n")
    sys.exit(1 if faults else 0)


def _settings(place: Place) -> "Settings":
    from config.settings import load

    return load(place.config)


def _staff(settings: "Settings") -> "dict[str, tuple[Chain, Hours]]":
    """The chains and hours of the file's employees; the database is not asked."""
    from bot.options import validated
    from plugins.followup.hours import Hours
    from plugins.followup.model import Chain
    from plugins.followup.options import FollowupOptions

    staff = {}
    for name, person in settings.employees.items():
        table = person.plugin_tables.get("followup")
        chain = Chain(enabled=False)
        if table is not None:
            options = validated(FollowupOptions, table, f"employees.{name}.followup")
            chain = options.chain
        known = person.employee(name)
        hours = Hours.of(known.timezone, known.working_hours, known.special_days)
        staff[name] = (chain, hours)
    return staff
