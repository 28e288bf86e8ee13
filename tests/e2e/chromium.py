"""Finds Chromium, or installs it: `python tests/e2e/chromium.py` before the browser tests."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
HELP = (
    "No Chromium for the browser tests: install the package 'chromium' or Google Chrome, "
    "or set FOLLOWUP_CHROMIUM to its program."
)


class NoChromiumError(Exception):
    """There is none and none could be installed; the text says what to do."""


def find() -> str | None:
    """The program of the first Chromium there is."""
    # The tests' own variable, not a setting of the application.
    told = os.environ.get("FOLLOWUP_CHROMIUM")  # noqa: TID251
    if told:
        if shutil.which(told) is None:
            raise NoChromiumError(f"FOLLOWUP_CHROMIUM is '{told}', and that is no program.")
        return told
    for name in NAMES:
        if found := shutil.which(name):
            return found
    return _playwrights_own()


def ensure() -> str:
    """The program, installed if need be. Raises NoChromiumError."""
    if found := find():
        return found
    for commands in _installers():
        if all(_done(command) for command in commands) and (found := find()):
            return found
    raise NoChromiumError(HELP)


def _playwrights_own() -> str | None:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def _installers() -> Iterator[Sequence[Sequence[str]]]:
    """Ways to get one, each a list of commands."""
    yield [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if hasattr(os, "geteuid") and os.geteuid() == 0 and (apt := shutil.which("apt-get")):
        yield [[apt, "update"], [apt, "install", "-y", "--no-install-recommends", "chromium"]]


def _done(command: Sequence[str]) -> bool:
    print("$", *command, file=sys.stderr, flush=True)  # noqa: T201 - it takes minutes, so say it
    try:
        done = subprocess.run(  # noqa: S603 - the commands are the constants above
            command, stdin=subprocess.DEVNULL, stdout=sys.stderr, timeout=900, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def main() -> int:
    """Print where Chromium is; 1 if there is none."""
    try:
        print(ensure())  # noqa: T201 - a script's output
    except NoChromiumError as error:
        print(error, file=sys.stderr)  # noqa: T201 - a script's output
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
