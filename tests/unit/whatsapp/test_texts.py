"""How a model's text becomes what WhatsApp takes: marks, parts, one line, a template."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from channels.whatsapp.markup import whatsapp_text
from channels.whatsapp.parts import parts, shortened, size
from channels.whatsapp.settings import Template
from channels.whatsapp.template import LONGEST, WORDING, filled

TEMPLATE = Template(
    content_sid="HX" + "0" * 32, variables={"1": "{client_name}", "2": "{reminder}"}
)


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("**Hi** *there*, ~~no~~", "*Hi* _there_, ~no~"),
        ("Use `x = 1`.", "Use ```x = 1```."),
        ("```py\nx = 1\ny = 2\n```", "```x = 1\ny = 2```"),
        ("# Our **hours**\nMon-Fri", "*Our hours*\n\nMon-Fri"),
        ("* a\n* **b**\n  1. c\n  2. d", "- a\n- *b*\n  1. c\n  2. d"),
        ("3. third\n4. fourth", "3. third\n4. fourth"),
        ("- a\n\n  more\n- b", "- a\n\n  more\n- b"),
        ("> one\n> two", "> one\n> two"),
        ("See [our shop](https://shop.example/a).", "See our shop (https://shop.example/a)."),
        ("<https://shop.example>", "https://shop.example"),
        ("[https://a.example](https://a.example)", "https://a.example"),
        ("Write to <a@b.example>", "Write to a@b.example"),
        ("![a bike](https://a.example/b.png)", "a bike (https://a.example/b.png)"),
        ("one\ntwo\n\nthree", "one\ntwo\n\nthree"),
        ("\\*not bold\\*", "*not bold*"),
        ("2 * 3 * 4, snake_case_name & <b>x</b>", "2 * 3 * 4, snake_case_name & <b>x</b>"),
        ("    four spaces", "four spaces"),
        ("[label]: https://a.example", "[label]: https://a.example"),
        ("a\n\n---\n\nb", "a\n\n———\n\nb"),
        ("-\n- b", "-\n- b"),
        ("", ""),
    ],
)
def test_markdown_becomes_whatsapp_s_own_marks(markdown: str, text: str) -> None:
    assert whatsapp_text(markdown) == text


@given(st.text(alphabet=st.sampled_from("ab *_~`#>-1.[]()!\n\\<&"), max_size=60))
def test_no_text_becomes_nothing(markdown: str) -> None:
    assert bool(whatsapp_text(markdown).strip()) or not markdown.strip()


def test_a_short_text_is_one_part() -> None:
    assert parts("Hello\n\nthere", 1600) == ["Hello\n\nthere"]
    assert parts("  \n ", 1600) == []


def test_a_long_text_is_cut_at_paragraphs() -> None:
    paragraphs = [letter * 70 for letter in "abcd"]

    assert parts("\n\n".join(paragraphs), 150) == [
        "\n\n".join(paragraphs[:2]),
        "\n\n".join(paragraphs[2:]),
    ]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("A line of words\nand another line", "A line of words"),
        ("One sentence. Another one follows", "One sentence."),
        ("only words and no full stop here", "only words and no"),
        ("x" * 40, "x" * 20),
    ],
)
def test_what_has_no_paragraphs_is_cut_at_the_next_best_place(text: str, first: str) -> None:
    assert parts(text, 20)[0] == first


def test_a_part_is_not_cut_short_for_an_early_paragraph() -> None:
    text = "Hi\n\n" + "word " * 30

    assert len(parts(text, 60)[0]) > 50


@given(st.text(alphabet=st.sampled_from("ab .\n🚲"), max_size=300), st.integers(2, 40))
@example("aa  🚲", 2)
def test_parts_are_short_enough_and_lose_no_word(text: str, limit: int) -> None:
    found = parts(text, limit)

    assert all(0 < size(part) <= limit for part in found)
    assert "".join("".join(found).split()) == "".join(text.split())


@given(st.text(max_size=200), st.integers(1, 60))
def test_a_shortened_text_fits(text: str, limit: int) -> None:
    assert size(shortened(text, limit)) <= max(limit, 1)


def test_a_text_is_shortened_at_a_word() -> None:
    assert shortened("Are you still interested in it?", 20) == "Are you still…"
    assert shortened("aaaa bbbb cc", 10) == "aaaa bbbb…"
    assert shortened("x" * 30, 10) == "x" * 9 + "…"
    assert shortened("short", 10) == "short"


def test_a_template_is_filled_with_name_and_reminder_in_one_line() -> None:
    found = filled(TEMPLATE, "Ann\nClient", "Hello!\n\nStill **interested**?\t1     2")

    assert json.loads(found.variables) == {
        "1": "Ann Client",
        "2": "Hello! Still *interested*? 1 2",
    }
    assert found.content_sid == TEMPLATE.content_sid


@pytest.mark.parametrize("name", [None, "", " \n"])
def test_a_nameless_client_is_greeted_all_the_same(name: str | None) -> None:
    assert json.loads(filled(TEMPLATE, name, "Hi").variables)["1"] == "there"


def test_a_client_s_name_is_never_a_placeholder() -> None:
    found = filled(TEMPLATE, "{reminder}", "The secret reminder")

    assert json.loads(found.variables)["1"] == "{reminder}"


@given(st.text(max_size=3000), st.text(max_size=300), st.integers(1, 3))
def test_a_filled_template_is_within_meta_s_limits(text: str, name: str, times: int) -> None:
    variables = {"1": "{client_name}"} | {f"r{n}": "So: {reminder}" for n in range(times)}
    template = Template(content_sid=TEMPLATE.content_sid, variables=variables)

    values = json.loads(filled(template, name, text).variables).values()

    assert sum(map(size, values)) <= LONGEST - WORDING
    assert all(value.strip() and "\n" not in value and "    " not in value for value in values)


def test_a_reminder_that_is_too_long_ends_at_a_word() -> None:
    reminder = filled(TEMPLATE, "Ann", "word " * 400).reminder

    assert reminder.endswith("word…")
    assert size(reminder) > 700


def test_a_reminder_that_stands_there_twice_has_half_the_room() -> None:
    variables = {"1": "{reminder}", "2": "Again: {reminder}"}
    template = Template(content_sid=TEMPLATE.content_sid, variables=variables)

    values = json.loads(filled(template, None, "word " * 400).variables).values()

    assert LONGEST - WORDING - 20 < sum(map(size, values)) <= LONGEST - WORDING


def test_even_a_blank_reminder_is_no_empty_variable() -> None:
    assert json.loads(filled(TEMPLATE, "Ann", " \n").variables)["2"] == "…"
