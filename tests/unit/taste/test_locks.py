"""The lock files: complete, with hashes, and bound to no registry."""

import json
import re
import tomllib
from pathlib import Path

import pytest

LOCKS = ["requirements.lock", "requirements-build.lock", "requirements-dev.lock"]
PEERS = [
    "requirements-bench.lock",
    "requirements-bench-arq.lock",
    "requirements-audit.lock",
]
PIN = re.compile(r"([a-z0-9-]+)==(\S+)( ; .+)?((?: --hash=sha256:[0-9a-f]{64})+)")


def pins(lock: Path) -> dict[str, str]:
    """Name and version of every requirement; anything that is no pin with hashes fails."""
    text = lock.read_text(encoding="utf-8").replace(" \\\n   ", "")
    found = [PIN.fullmatch(line) for line in text.splitlines()]
    assert all(found), [line for line, pin in zip(text.splitlines(), found, strict=True) if not pin]
    return {pin[1]: pin[2] for pin in found if pin}


def wanted(requirements: list[object]) -> set[str]:
    texts = [text for text in requirements if isinstance(text, str)]
    return {re.split(r"[^A-Za-z0-9._-]", text)[0].lower() for text in texts}


@pytest.mark.parametrize("name", [*LOCKS, *PEERS])
def test_a_lock_pins_every_requirement_with_hashes_and_names_no_address(
    root: Path, name: str
) -> None:
    lock = root / name

    assert pins(lock)
    assert "://" not in lock.read_text(encoding="utf-8")


def test_the_locks_agree_on_every_version(root: Path) -> None:
    everything = pins(root / "requirements-dev.lock")

    assert pins(root / "requirements.lock").items() <= everything.items()
    assert pins(root / "requirements-build.lock").items() <= everything.items()


def test_what_the_project_asks_for_is_locked(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]

    assert wanted(project["project"]["dependencies"]) <= pins(root / "requirements.lock").keys()
    assert wanted(groups["build"]) <= pins(root / "requirements-build.lock").keys()
    assert wanted(groups["dev"]) <= pins(root / "requirements-dev.lock").keys()


@pytest.mark.parametrize("group", ["bench", "bench-arq", "audit"])
def test_what_stands_apart_is_locked(root: Path, group: str) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    wished = wanted(project["dependency-groups"][group])

    assert wished <= pins(root / f"requirements-{group}.lock").keys()


def test_the_lock_of_the_peer_on_node_names_no_registry(root: Path) -> None:
    lock = root / "benchmarks" / "peers" / "bullmq" / "package-lock.json"

    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    others = {name: package for name, package in packages.items() if name}
    assert others
    assert all(package["integrity"] for package in others.values())
    assert not any("resolved" in package for package in others.values())
