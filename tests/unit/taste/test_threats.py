"""The page of threats is what the run wrote, and no row of it is without a test."""

import re
from pathlib import Path

import pytest

from tests.attack.threats import HELD, Threat, named, threats
from tests.unit.taste.test_guarantees import names_in


@pytest.fixture
def page(root: Path) -> str:
    return (root / "docs" / "threats.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("threat", threats(), ids=lambda threat: threat.threat)
def test_every_threat_has_a_control_and_a_test_that_attacks(root: Path, threat: Threat) -> None:
    assert threat.control.endswith(".")
    assert threat.tests
    for test in threat.tests:
        path, _, name = test.partition("::")
        assert name in names_in(root / path), test


def test_the_page_tells_every_threat_with_its_tests_and_that_it_was_held(page: str) -> None:
    rows = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", page, re.MULTILINE)[1:]

    told = {row[0]: row for row in rows}
    assert list(told) == [each.threat for each in threats()]
    for each in threats():
        _, control, shown, result = told[each.threat]
        assert control == each.control
        assert shown == named(each.tests)
        assert re.fullmatch(rf"{HELD}, [1-9]\d* cases?", result), each.threat


def test_what_is_promised_names_only_pages_that_exist(root: Path) -> None:
    page = (root / "SECURITY.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([\w./-]+)\)", page)

    assert "docs/threats.md" in links
    assert [link for link in links if not (root / link).exists()] == []
