"""The whole audit: `python -m tests.attack.audit`; what cannot be looked at here is told plainly.

The tools stand in an environment of their own, `.venv-audit`; this process starts them, and a
server with data that nobody needs for schemathesis to ask.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

from tests.running import COMMAND

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / ".venv-audit" / "bin"
OURS = ("bot", "channels", "config", "plugins")
SCOPES = ("read", "chats:write", "employees:write", "users:write", "admin:read")
EXAMPLES = os.environ.get("AUDIT_EXAMPLES", "20")  # noqa: TID251  how long it may take
CLEAN, FOUND, NOTHING = "nothing found", "FOUND SOMETHING", "COULD NOT LOOK"
_UNREACHABLE = ("ConnectionError", "ServiceError", "Max retries", "Name or service")


@dataclass(frozen=True, slots=True)
class Looked:
    """What a part found, and how much it tried: tests or requests, where they are counted."""

    told: str
    tried: int = 0


def _run(*words: object, **environment: str) -> tuple[int, str]:
    """Run it here; what it says is shown at once, and given back."""
    code, told = _quietly(*words, **environment)
    sys.stdout.write(told)
    sys.stdout.flush()
    return code, told


def _quietly(*words: object, **environment: str) -> tuple[int, str]:
    done = subprocess.run(  # noqa: S603  our own tools
        [str(word) for word in words],
        cwd=ROOT,
        env={**os.environ, **environment},  # noqa: TID251  theirs, and a little more
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def _plainly(*words: object, **environment: str) -> Looked:
    code, told = _run(*words, **environment)
    return Looked(FOUND if code else CLEAN, _tried(told))


def _tried(told: str) -> int:
    """As pytest and schemathesis count."""
    return sum(map(int, re.findall(r"(\d+) (?:passed\b.* in |generated)", told)))


def threats() -> Looked:
    """Every test of the table, which is written anew."""
    return _plainly(sys.executable, "-m", "tests.attack.threats")


def fuzzing() -> Looked:
    """The parsers, with many more cases than in the usual tests."""
    words = ("-m", "pytest", "-q", "-n", "2", "tests/attack/test_parsers.py")
    return _plainly(sys.executable, *words, FUZZ_EXAMPLES="2000")


def bandit() -> Looked:
    """The code, by the rules that everybody knows; what is small there ruff tells already."""
    return _plainly(TOOLS / "bandit", "-q", "-ll", "-r", *OURS)


def semgrep() -> Looked:
    """The code, by rules of our own."""
    words = ("scan", "--metrics", "off", "--disable-version-check", "--error", "--quiet")
    return _plainly(TOOLS / "semgrep", *words, "--config", "tests/attack/rules", *OURS)


def known_holes() -> Looked:
    """What is locked, if the list of known holes can be reached from here."""
    words = ("--require-hashes", "--disable-pip", "--progress-spinner", "off", "-r")
    code, told = _quietly(TOOLS / "pip-audit", *words, "requirements.lock", "--timeout", "10")
    known = [line for line in told.splitlines() if "could not be audited" not in line]
    sys.stdout.write("\n".join([*known, ""]))
    if code and "Found" not in told and any(each in told for each in _UNREACHABLE):
        return Looked(f"{NOTHING}: the list of known holes cannot be reached from here")
    skipped = told.count("could not be audited")
    if skipped and not code:
        return Looked(f"{NOTHING}: the list that is reached from here knows none of {skipped}")
    return Looked(FOUND if code else CLEAN)


def interfaces() -> Looked:
    """The API and the widget's, each by its document, against a server of its own.

    The API may erase whoever wrote before, so the widget is asked by a visitor who came later.
    """
    with _server() as (base, token):
        _visitor(base)
        api = _asked(f"{base}/api/v1/openapi.json", base, token)
        document = str(Path(__file__).with_name("widget.json"))
        widget = _asked(document, base, _visitor(base))
    found = FOUND in {api.told, widget.told}
    return Looked(FOUND if found else CLEAN, api.tried + widget.tried)


def _asked(document: str, base: str, token: str) -> Looked:
    words = ("--checks", "not_a_server_error,response_schema_conformance,content_type_conformance")
    more = ("--max-examples", EXAMPLES, "--workers", "1", "--no-color", "--request-timeout", "30")
    bearer = ("-H", f"Authorization: Bearer {token}")
    return _plainly(TOOLS / "schemathesis", "run", document, "--url", base, *bearer, *words, *more)


@contextmanager
def _server() -> Iterator[tuple[str, str]]:
    """Its address, and a token that may do everything."""
    folder = Path(tempfile.mkdtemp(prefix="audit-"))
    port = _free()
    data = ("--data", str(folder / "data"))
    scopes = [word for scope in SCOPES for word in ("--scope", scope)]
    variables = {"FOLLOWUP_WEB__PORT": str(port)}
    _quietly(COMMAND, "users", "add", "Olga", "--role", "admin", *data)
    made = _quietly(COMMAND, "users", "token", "Olga", "--make", "audit", *scopes, *data)[1]
    process = subprocess.Popen(  # noqa: S603  our own command
        [str(COMMAND), "run", *data],
        env={**os.environ, **variables},  # noqa: TID251  theirs, and the port
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        # It says where it listens once it does.
        next(line for line in process.stdout if str(port) in line)
        base = f"http://127.0.0.1:{port}"
        yield base, made.strip()
    finally:
        process.terminate()
        process.communicate()
        shutil.rmtree(folder, ignore_errors=True)


def _visitor(base: str) -> str:
    """Somebody who has said something, so that there is a chat to ask for."""
    token = _posted(f"{base}/web/site/visitors", {"name": "Grace"})["token"]
    said = {"id": "m1", "text": "Do you repair e-bikes?"}
    _posted(f"{base}/web/site/messages", said, {"Authorization": f"Bearer {token}"})
    return str(token)


def _posted(
    url: str, body: Mapping[str, str], headers: Mapping[str, str] | None = None
) -> dict[str, object]:
    asked = Request(url, json.dumps(body).encode(), {**(headers or {})}, method="POST")  # noqa: S310
    with urlopen(asked, timeout=30) as answer:  # noqa: S310  our own server
        found: dict[str, object] = json.load(answer)
    return found


def _free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


PARTS: Mapping[str, Callable[[], Looked]] = {
    "threats": threats,
    "fuzzing": fuzzing,
    "bandit": bandit,
    "semgrep": semgrep,
    "known holes": known_holes,
    "schemathesis": interfaces,
}


def main(wanted: list[str]) -> int:
    """All parts, or those that begin with a given word; fails if one found something."""
    chosen = [name for name in PARTS if not wanted or any(name.startswith(word) for word in wanted)]
    lines = []
    clean = True
    for name in chosen:
        sys.stdout.write(f"\n== {name}\n")
        began = time.monotonic()
        looked = PARTS[name]()
        clean = clean and looked.told != FOUND
        tried = f"{looked.tried:6,}" if looked.tried else "      "
        lines.append(f"{name:<14}{time.monotonic() - began:6.0f} s {tried}  {looked.told}\n")
    sys.stdout.write("\npart         seconds  tried\n" + "".join(lines))
    sys.stdout.write(f"\nThe audit found {'nothing' if clean else 'something: see above'}.\n")
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
