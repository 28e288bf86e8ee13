"""The Markdown that models write, as Telegram's HTML, in parts that fit a message."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import groupby

from markdown_it import MarkdownIt
from markdown_it.token import Token

from channels.cuts import cuts

_LINKS = re.compile(r"(https?|tg|mailto|tel):", re.IGNORECASE)
_TAGS = {"strong": "b", "em": "i", "s": "s", "heading": "b", "blockquote": "blockquote"}
_RULE = "———"


@dataclass(frozen=True, slots=True)
class Part:
    """One message: as HTML, and as what remains of it without."""

    html: str
    plain: str


@dataclass(frozen=True, slots=True)
class Span:
    """Marked text; of two spans one holds the other, or they have nothing in common."""

    start: int
    end: int
    tag: str
    attributes: str = ""


def composed(markdown: str) -> Sequence[Part]:
    """The text in parts of at most 4,096 units, at least one."""
    plain, spans = _Writer().read(markdown)
    if not plain.strip():
        plain, spans = markdown, []
    return [
        Part(_html(plain, spans, start, end), plain[start:end]) for start, end in cuts(plain)
    ] or [Part(escape(markdown, quote=False), markdown)]


def _html(text: str, spans: Sequence[Span], start: int, end: int) -> str:
    """That piece of the text with the spans that it touches, each closed within it."""
    edges = sorted(_edges(spans, start, end))
    pieces = [escape(text[start : edges[0][0] if edges else end], quote=False)]
    for at, group in groupby(edges, key=lambda edge: edge[0]):
        pieces += [tag for *_, tag in group]
        following = min((edge[0] for edge in edges if edge[0] > at), default=end)
        pieces.append(escape(text[at:following], quote=False))
    return "".join(pieces)


def _edges(spans: Sequence[Span], start: int, end: int) -> Iterator[tuple[int, int, int, int, str]]:
    """Where tags stand, sorted: at one place inner ones close first, and outer ones open first."""
    for order, span in enumerate(spans):
        left, right = max(span.start, start), min(span.end, end)
        if left < right:
            yield left, 1, -right, order, f"<{span.tag}{span.attributes}>"
            yield right, 0, -left, -order, f"</{span.tag}>"


@dataclass
class _Writer:
    """Walks the tokens of a Markdown text and writes what people see."""

    text: str = ""
    spans: list[Span] = field(default_factory=list)
    _open: list[tuple[int, int, str, str]] = field(default_factory=list)
    _lists: int = 0
    _fresh: bool = True
    _lines: Sequence[str] = ()

    def read(self, markdown: str) -> tuple[str, list[Span]]:
        """The plain text and its spans, outer ones first."""
        # Indented code, underlined headings and link definitions are not what chats mean.
        parser = MarkdownIt("commonmark", {"html": False}).enable("strikethrough")
        self._lines = markdown.replace("\r\n", "\n").split("\n")
        for token in parser.disable(["code", "lheading", "reference"]).parse(markdown):
            self._block(token)
        return self.text, [span for span in self.spans if span.start < span.end]

    def _block(self, token: Token) -> None:
        kind = token.type.removesuffix("_open").removesuffix("_close")
        if token.map and token.nesting >= 0 and kind != "inline":
            self._begin(token.map[0])
        match kind:
            case "inline":
                self._inline(token.children or [])
            case "bullet_list" | "ordered_list":
                self._lists += token.nesting
            case "list_item" if token.nesting > 0:
                mark = f"{token.info}{token.markup}" if token.info else "•"
                self._write(f"{'  ' * (self._lists - 1)}{mark} ")
                self._fresh = True
            case "fence":
                language = token.info.partition(" ")[0]
                self._code(token.content.rstrip("\n"), "pre", language)
            case "hr":
                self._write(_RULE)
            case "heading" | "blockquote":
                self._mark(kind, token.nesting)
            case _:
                pass

    def _begin(self, line: int) -> None:
        """On a line of its own, with an empty one before it if it was written so."""
        if self._fresh:
            return
        before = self._lines[line - 1] if 0 < line <= len(self._lines) else ""
        wanted = 2 if not before.strip(" \t>") else 1
        ending = len(self.text) - len(self.text.rstrip("\n"))
        self.text += "\n" * max(0, wanted - ending)

    def _inline(self, tokens: Sequence[Token]) -> None:
        for token in tokens:
            match token.type:
                case "softbreak" | "hardbreak":
                    self._write("\n")
                case "code_inline":
                    self._code(token.content, "code")
                case "image":
                    self._link(token.attrs, "src", 1)
                    self._write(token.content or "image")
                    self._link(token.attrs, "src", -1)
                case "link_open" | "link_close":
                    self._link(token.attrs, "href", token.nesting)
                case "strong_open" | "em_open" | "s_open":
                    self._mark(token.type.removesuffix("_open"), 1)
                case "strong_close" | "em_close" | "s_close":
                    self._mark(token.type.removesuffix("_close"), -1)
                case _:
                    self._write(token.content)

    def _link(self, attributes: Mapping[str, object], key: str, nesting: int) -> None:
        """A link that Telegram takes; another one is only its text."""
        address = str(attributes.get(key, ""))
        shown = f' href="{escape(address)}"' if _LINKS.match(address) else ""
        self._mark("a", nesting, shown)

    def _mark(self, kind: str, nesting: int, attributes: str = "") -> None:
        tag = _TAGS.get(kind, kind)
        if nesting > 0:
            # Its place among the spans is kept, so that outer ones come first.
            self._open.append((len(self.spans), len(self.text), tag, attributes))
            self.spans.append(Span(0, 0, tag))
            return
        place, start, tag, attributes = self._open.pop()
        nested = any(tag == outer for *_, outer, _ in self._open)
        if not nested and (tag != "a" or attributes):
            self.spans[place] = Span(start, len(self.text.rstrip("\n")), tag, attributes)

    def _code(self, code: str, tag: str, language: str = "") -> None:
        start = len(self.text)
        self._write(code)
        if language and tag == "pre":
            inner = f' class="language-{escape(language)}"'
            self.spans += [
                Span(start, len(self.text), "pre"),
                Span(start, len(self.text), "code", inner),
            ]
        else:
            self.spans.append(Span(start, len(self.text), tag))

    def _write(self, text: str) -> None:
        self.text += text
        self._fresh = self._fresh and not text
