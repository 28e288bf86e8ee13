"""A small file system of one's own, to be filled up."""

import shutil
import subprocess
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path


def own_disk(stack: ExitStack, folder: Path, size: str) -> None:
    folder.mkdir(parents=True)
    mount = shutil.which("mount") or "mount"
    command = [mount, "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603  our own folder

    def unmount() -> None:
        subprocess.run(["umount", "-l", str(folder)], check=True)  # noqa: S603, S607  as above

    stack.callback(unmount)


def can_mount() -> bool:
    with suppress(OSError, subprocess.CalledProcessError), ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        own_disk(stack, folder / "disk", "1m")
        return True
    return False
