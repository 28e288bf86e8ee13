"""`followup users`, and what the start says about who may sign in."""

import re
from collections.abc import Callable

import httpx2

from tests.integration.cli.conftest import Place, Running

LINK = re.compile(r"(http://127\.0\.0\.1:\d+)(/set-up/[\w-]{43})")


def test_people_are_added_listed_and_removed(place: Place) -> None:
    nobody = place.followup("users", "list")
    added = [place.followup("users", "add", name) for name in ("Olga", "Ivan")]
    listed = place.followup("users", "list")
    removed = place.followup("users", "remove", "IVAN")

    assert "Nobody yet" in nobody.stdout
    assert all(LINK.search(done.stdout) for done in added)
    assert listed.stdout.splitlines() == [
        "viewer  Ivan  has not chosen a password yet",
        "admin   Olga  has not chosen a password yet",
    ]
    assert removed.stdout == "Ivan is removed.\n"


def test_a_role_and_a_new_link_are_given_by_name(place: Place) -> None:
    first = place.followup("users", "add", "Olga", "--role", "viewer")
    again = place.followup("users", "link", "olga")

    links = [LINK.search(done.stdout) for done in (first, again)]
    assert links[0] is not None
    assert links[1] is not None
    assert links[0][2] != links[1][2]


def test_tokens_are_made_listed_and_revoked(place: Place) -> None:
    place.followup("users", "add", "Olga")
    nothing = place.followup("users", "token", "olga")
    token = ("users", "token", "olga")
    made = place.followup(*token, "--make", "crm", "--scope", "read", "--scope", "chats:write")
    listed = place.followup(*token)
    unknown = place.followup(*token, "--revoke", "shop")
    revoked = place.followup(*token, "--revoke", "crm")

    assert "None. Make one" in nothing.stdout
    assert re.fullmatch(r"fbt_[\w-]{43}\n", made.stdout)
    assert listed.stdout == "crm  read chats:write  used never, ends never\n"
    assert "has no token shop; there are: crm" in unknown.stderr
    assert "is revoked" in revoked.stdout
    assert "None. Make one" in place.followup(*token).stdout


def test_what_cannot_be_done_is_said_plainly(place: Place) -> None:
    place.followup("users", "add", "Olga")

    faults = [
        (place.followup("users", "add", "OLGA"), "There is somebody of that name already."),
        (place.followup("users", "remove", "Olga"), "This is the last admin"),
        (place.followup("users", "link", "Nina"), "there is nobody called Nina; known: Olga"),
    ]

    for done, words in faults:
        assert done.exit_code == 1
        assert words in done.stderr
        assert "Traceback" not in done.output


def test_the_start_prints_a_link_for_the_first_user_until_there_is_one(
    place: Place, running: Callable[..., Running]
) -> None:
    run = running("run", FOLLOWUP_WEB__PORT="0")
    link = LINK.search(run.until("/set-up/"))
    assert link is not None
    run.until("Stop with Ctrl-C")
    with httpx2.Client(base_url=link[1], headers={"accept": "text/html"}) as browser:
        form = browser.get(link[2])
        token = re.search(r'name="csrf" value="(\w+)"', form.text)
        assert token is not None
        filled = {"csrf": token[1], "name": "Olga", "password": "four green bicycles"}
        inside = browser.post(link[2], data=filled, follow_redirects=True)
        status = browser.get("/status")

    assert (inside.status_code, inside.url.path) == (200, "/followup")
    assert "site: web, employee anna" in status.text
    outside = httpx2.get(f"{link[1]}/followup", headers={"accept": "text/html"})
    assert (outside.status_code, outside.headers["location"][:8]) == (303, "/sign-in")
    assert run.stop() == 0
    again = running("run", FOLLOWUP_WEB__PORT="0")
    again.until("Stop with Ctrl-C")
    assert "/set-up/" not in "".join(again.seen)


def test_a_server_that_others_can_reach_does_not_start_before_somebody_can_sign_in(
    place: Place, running: Callable[..., Running]
) -> None:
    # An address that only this machine has, but that is not known for it.
    elsewhere = {"FOLLOWUP_WEB__PORT": "0", "FOLLOWUP_WEB__HOST": "127.0.0.2"}

    refused = running("run", **elsewhere)
    refused.until("followup users add NAME --role admin")
    assert refused.process.wait(20) == 1
    place.followup("users", "add", "Olga")
    allowed = running("run", **elsewhere)

    allowed.until("Stop with Ctrl-C")
