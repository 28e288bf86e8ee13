"""The application's own checker of its promises, run on what a round left."""

import subprocess
from collections.abc import Sequence

from tests.running import COMMAND
from tests.torture.fleet import Fleet


def violations(fleet: Fleet) -> Sequence[str]:
    """What `followup doctor` has to say; it looks at the database alone, not at the log."""
    files = ["--config", str(fleet.setting.folder / "bot.toml"), "--data", str(fleet.setting.data)]
    told = subprocess.run(  # noqa: S603  our own command
        [str(COMMAND), "doctor", *files],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=fleet.setting.folder,
        env=fleet.environment(),
    )
    return [] if told.returncode == 0 else (told.stdout + told.stderr).splitlines()
