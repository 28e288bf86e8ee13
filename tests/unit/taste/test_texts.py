"""Every text of the dashboard is there in every language."""

import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from bot.web.languages import LANGUAGES, SOURCE

SOURCES = {"bot": "bot/web/look/locale", "plugins/followup": "plugins/followup/locale"}
OTHERS = [language for language in LANGUAGES if language != SOURCE]
PLACE = re.compile(r"%\(\w+\)s")

Texts = str | tuple[str, ...]


def written(root: Path, folder: str) -> set[Texts]:
    """What the sources want translated: a text, or one with its plural."""
    with (root / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    words = {**DEFAULT_KEYWORDS, "phrase": None, "HTTPException": (2,)}
    found = extract_from_dir(root / folder, methods, options, words)
    return {text if isinstance(text, str) else tuple(text) for _, _, text, _, _ in found}


def catalogue(root: Path, folder: str, language: str) -> Catalog:
    path = root / SOURCES[folder] / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return read_po(file, locale=language)


def translations(message: Message) -> Iterator[str]:
    yield from [message.string] if isinstance(message.string, str) else message.string


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("folder", SOURCES)
def test_every_text_is_translated(root: Path, folder: str, language: str) -> None:
    known = {message.id: message for message in catalogue(root, folder, language) if message.id}

    wanted = written(root, folder)
    missing = [text for text in wanted if not known.get(text) or not all(translations(known[text]))]

    assert len(wanted) > 50
    assert missing == [], f"run: make messages; then translate in {SOURCES[folder]}"


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("folder", SOURCES)
def test_no_translation_is_stale_or_leaves_a_value_out(
    root: Path, folder: str, language: str
) -> None:
    known = [message for message in catalogue(root, folder, language) if message.id]

    wanted = written(root, folder)
    stale = [message.id for message in known if message.id not in wanted]
    wrong = [
        (message.id, text)
        for message in known
        for text in translations(message)
        if set(PLACE.findall(text)) != set(PLACE.findall(" ".join(_all(message.id))))
    ]

    assert stale == []
    assert wrong == []
    assert not [message.id for message in known if message.fuzzy]


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("folder", SOURCES)
def test_the_compiled_catalogue_is_the_written_one(root: Path, folder: str, language: str) -> None:
    path = root / SOURCES[folder] / language / "LC_MESSAGES" / "messages.mo"
    with path.open("rb") as file:
        compiled = gettext.GNUTranslations(file)

    for message in catalogue(root, folder, language):
        if not message.id:
            continue
        if isinstance(message.id, str):
            assert compiled.gettext(message.id) == message.string
        else:
            assert {compiled.ngettext(*message.id, n) for n in range(120)} == set(message.string)


def _all(texts: Texts) -> tuple[str, ...]:
    return (texts,) if isinstance(texts, str) else texts
