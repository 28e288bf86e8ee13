"""Markdown becomes what Telegram takes, whatever a model writes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.cuts import LIMIT, cuts
from channels.telegram.richtext import composed
from tests.chaos.refusals import misfit, visible

PIECES = st.sampled_from(
    ["**", "*", "_", "`", "```", "~~", "[", "](http://a.b)", "# ", "\n", "\n\n", "- ", "1. ", "> ",
     "<b>", "&amp;", "a", "word ", "😀", "é", ". ", "---", "|", "![", "\\", "    ", "\t"]
)  # fmt: skip
MARKDOWN = st.lists(PIECES, max_size=60).map("".join)


def html(markdown: str) -> str:
    (part,) = composed(markdown)
    return part.html


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("plain & <tag>", "plain &amp; &lt;tag&gt;"),
        ("**bold** and *soft*", "<b>bold</b> and <i>soft</i>"),
        ("***both***", "<i><b>both</b></i>"),
        ("~~no~~ `x < 1`", "<s>no</s> <code>x &lt; 1</code>"),
        ("snake_case_name 2 * 3 * 4", "snake_case_name 2 * 3 * 4"),
        ("[here](https://a.b/?x=1&y=2)", '<a href="https://a.b/?x=1&amp;y=2">here</a>'),
        ("[odd](javascript:alert)", "[odd](javascript:alert)"),
        ("[file](/etc)", "file"),
        ("![cat](http://i.j)", '<a href="http://i.j">cat</a>'),
        ("# Title\nText", "<b>Title</b>\nText"),
        ("## A **b** c\n\nText", "<b>A b c</b>\n\nText"),
        ("One\n\n\n\nTwo\nThree", "One\n\nTwo\nThree"),
        ("We have:\n- tea\n- *cake*\n  - hot", "We have:\n• tea\n• <i>cake</i>\n  • hot"),
        ("5. five\n6. six", "5. five\n6. six"),
        ("> quoted\n> more\n\nText", "<blockquote>quoted\nmore</blockquote>\n\nText"),
        ("```\nx < 1\n```", "<pre>x &lt; 1</pre>"),
        ("```py\nx\n```", '<pre><code class="language-py">x</code></pre>'),
        ("Text\n---\nmore", "Text\n———\nmore"),
        ("    not code", "not code"),
        ("[a]: http://b.c", "[a]: http://b.c"),
        ("*", "•"),
        ("**", "**"),
        ("a **b", "a **b"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
    ],
)
def test_markdown_is_shown_as_it_is_meant(markdown: str, shown: str) -> None:
    assert html(markdown) == shown


@given(MARKDOWN)
def test_telegram_takes_whatever_comes_of_it(markdown: str) -> None:
    for part in composed(markdown):
        fields = {"text": part.html, "parse_mode": "HTML"}
        assert visible(fields) == part.plain
        if markdown.strip():
            assert misfit(fields) is None


@given(st.text(max_size=300))
def test_any_text_is_taken(text: str) -> None:
    for part in composed(text):
        if part.plain.strip():
            assert misfit({"text": part.html, "parse_mode": "HTML"}) is None


@given(MARKDOWN, st.integers(min_value=8, max_value=40))
def test_parts_fit_and_lose_nothing(text: str, limit: int) -> None:
    parts = [text[start:end] for start, end in cuts(text, limit)]

    assert all(0 < len(part.encode("utf-16-le")) // 2 <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_marks_are_closed_and_opened_again_where_a_text_is_cut() -> None:
    first, second = composed("**" + "word " * 1000 + "end**")

    assert first.html.startswith("<b>word")
    assert first.html.endswith("word</b>")
    assert second.html.startswith("<b>word")
    assert second.html.endswith("end</b>")


@pytest.mark.parametrize("letter", ["x", "😀"])
def test_a_word_without_an_end_is_cut_anywhere(letter: str) -> None:
    parts = composed(letter * 9000)

    assert "".join(part.plain for part in parts) == letter * 9000
    assert all(misfit({"text": part.html, "parse_mode": "HTML"}) is None for part in parts)


@pytest.mark.parametrize(
    ("between", "first"),
    [
        ("\n\n", "a\n b. c d " * 180 + "."),
        ("\n", "a b. c d " * 220 + "."),
        (" ", "a b, c d " * 220 + "."),
    ],
)
def test_the_best_place_is_chosen_not_the_last(between: str, first: str) -> None:
    text = first + between + ("long " * 500).strip()

    (start, end), *_ = cuts(text)

    assert text[start:end] == first.strip()


def test_what_fits_is_one_part() -> None:
    assert list(cuts("x" * LIMIT)) == [(0, LIMIT)]
    assert len(list(cuts("x" * (LIMIT + 1)))) == 2


@pytest.mark.parametrize("text", ["", " ", "\n\n"])
def test_nothing_to_say_is_still_one_part(text: str) -> None:
    assert len(composed(text)) == 1
