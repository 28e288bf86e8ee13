"""Which messages say that no more are wanted, and which only look like that."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.optout import Wish, farewell, is_farewell, wish_in
from bot.optout.farewells import guessed
from bot.optout.tongues import tongues

SAID = tomllib.loads(Path(__file__).with_name("said.toml").read_text(encoding="utf-8"))


def said(kind: str) -> Iterator[tuple[str, str]]:
    return ((code, text) for code, texts in SAID[kind].items() for text in texts)


def test_a_clear_wish_for_no_more_is_heard_in_every_language() -> None:
    assert [each for each in said("out") if wish_in(each[1]) is not Wish.OUT] == []


def test_nothing_else_is_taken_for_one() -> None:
    assert [each for each in said("not_out") if wish_in(each[1]) is Wish.OUT] == []


def test_the_wish_is_taken_back_by_start() -> None:
    assert [each for each in said("back") if wish_in(each[1]) is not Wish.BACK] == []


def test_the_tables_are_many() -> None:
    assert len(tongues()) >= 25
    assert set(SAID["out"]) == set(SAID["not_out"]) == set(tongues())
    assert all(len(texts) >= 8 for texts in SAID["out"].values())
    assert len(list(said("not_out"))) >= 150


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "…",
        "🙂",
        "\0",
        "\ud800",
        "stop " * 3000 + "by",
        "don't " * 5000,
        "," * 4000,
        "a" * 100_000,
        "please " * 600,
    ],
)
def test_strange_texts_wish_nothing(text: str) -> None:
    assert wish_in(text) is None


@pytest.mark.parametrize("code", sorted(SAID["out"]))
def test_a_wish_in_a_language_is_confirmed_in_that_language(code: str) -> None:
    texts = SAID["out"][code]
    answers = [farewell(text, texts[3:]) for text in texts]

    own = tongues()[code].farewell
    assert answers.count(own) > len(answers) * 0.7
    assert is_farewell(own)
    assert "/start" in own


@pytest.mark.parametrize(
    ("earlier", "code"),
    [
        ("Guten Tag, haben Sie das Rad noch?", "de"),
        ("Bonjour, vous avez combien de vélos ?", "fr"),
        ("Hola, ¿cuánto cuesta una bicicleta?", "es"),
        ("Здравствуйте, сколько стоит велосипед?", "ru"),
        ("Добрий день, скільки коштує велосипед?", "uk"),
        ("你好，多少钱？", "zh"),
        ("こんにちは、いくらですか", "ja"),
        ("안녕하세요 얼마예요", "ko"),
        ("مرحبا كم السعر", "ar"),
        ("سلام قیمت چنده", "fa"),
        ("", "en"),
        ("42", "en"),
    ],
)
def test_a_word_that_languages_share_is_confirmed_in_the_language_of_the_talk(
    earlier: str, code: str
) -> None:
    assert farewell("STOP", [earlier]) == tongues()[code].farewell


def test_nothing_is_guessed_from_too_little() -> None:
    assert guessed("Xyzzy plugh") is None


def test_a_farewell_is_no_other_text() -> None:
    assert not is_farewell("Goodbye.")
