"""Which settings and which data a command works on, said the same way everywhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from bot.errors import SettingsError
from bot.folder import DataFolder

Command = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Which settings and which data a command works on."""

    config: Path
    folder: DataFolder


def options(command: Command) -> Command:
    """`--config` and `--data`, the same everywhere."""
    config = click.option(
        "--config",
        type=click.Path(path_type=Path),
        help="Settings file. Default: config/bot.toml if there is one, else the demo.",
    )
    data = click.option(
        "--data",
        type=click.Path(path_type=Path, file_okay=False),
        help="Data folder. Default: data",
    )
    return config(data(command))


def placed(command: Command) -> Command:
    """Gives a command its place; what is said after its name goes before what is said before."""

    def wrapper(
        context: click.Context, /, config: Path | None, data: Path | None, **rest: Any
    ) -> None:
        # What checks settings takes as long to load as all the rest of a command that only helps.
        from config.settings import find_config  # noqa: PLC0415

        early_config, early_data = context.obj
        place = Place(
            config or early_config or find_config(),
            DataFolder(data or early_data or Path("data")),
        )
        command(place, **rest)

    wrapper.__doc__ = command.__doc__
    return options(click.pass_context(wrapper))


@contextmanager
def plainly() -> Iterator[None]:
    """Faults of the settings end a command in plain words."""
    try:
        yield
    except SettingsError as error:
        for line in str(error).splitlines():
            click.echo(line, err=True)
        sys.exit(1)
