"""One account that cannot be used never keeps the others from running."""

from collections.abc import Callable

import pytest

from tests.integration.cli.conftest import CONFIG, Place, Running

BROKEN = '\n[channels.branch]\nkind = "web"\nemployee = "anna"\norgins = []\n'
UNKNOWN = '\n[channels.branch]\nkind = "fax"\nemployee = "anna"\n'


@pytest.mark.parametrize(
    ("table", "about"),
    [
        (BROKEN, "channels.branch.orgins: unknown key; did you mean 'origins'?"),
        (UNKNOWN, "channels.branch.kind 'fax': no such channel is installed"),
    ],
    ids=["slip", "unknown kind"],
)
def test_the_check_names_the_account_and_finds_the_others_well(
    place: Place, table: str, about: str
) -> None:
    place.config.write_text(CONFIG + table, encoding="utf-8")

    done = place.followup("check")

    lines = done.stdout.splitlines()
    assert done.exit_code == 1
    assert [line for line in lines if line.startswith("FAULT") and about in line] != []
    assert sum(line.startswith("FAULT") for line in lines) == 1
    assert any("site: web, employee anna" in line for line in lines)


def test_the_others_run_and_it_is_told(place: Place, running: Callable[..., Running]) -> None:
    place.config.write_text(CONFIG + BROKEN, encoding="utf-8")

    process = running("run", FOLLOWUP_WEB__PORT="0")

    process.until("channels.branch.orgins")
    process.until("Stop with Ctrl-C")
    assert process.stop() == 0


def both_broken(place: Place) -> None:
    both = CONFIG.replace('kind = "web"\n', 'kind = "web"\norigin = []\n') + BROKEN
    place.config.write_text(both, encoding="utf-8")


def test_when_none_is_left_the_check_names_them_all(place: Place) -> None:
    both_broken(place)

    done = place.followup("check")

    assert done.exit_code == 1
    assert "channels.site.origin" in done.stdout
    assert "channels.branch.orgins" in done.stdout


def test_when_none_is_left_nothing_starts(place: Place, running: Callable[..., Running]) -> None:
    both_broken(place)

    process = running("run", FOLLOWUP_WEB__PORT="0")

    process.until("channels.site.origin")
    process.until("channels.branch.orgins")
    assert process.process.wait(20) == 1
    assert "Traceback" not in "".join(process.seen)
