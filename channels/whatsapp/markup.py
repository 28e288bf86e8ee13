"""What a model writes in Markdown, in WhatsApp's own marks."""

from collections.abc import Callable, Mapping, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

# Things that a chat has no use for, and that would swallow what was only meant as text.
_NOT_IN_CHATS = ("code", "html_block", "html_inline", "lheading", "reference")
_MARKS = {"strong_open": "*", "strong_close": "*", "em_open": "_", "em_close": "_"}
_MARKS |= {"s_open": "~", "s_close": "~", "softbreak": "\n", "hardbreak": "\n"}
_RULE = "———"


def whatsapp_text(markdown: str) -> str:
    """The same text for WhatsApp; never empty unless the text itself is blank."""
    parser = MarkdownIt("commonmark").enable("strikethrough").disable(_NOT_IN_CHATS)
    written = _Writer()
    for token in parser.parse(markdown):
        written.take(token)
    return written.text or markdown.strip()


class _Writer:
    """Goes through the tokens of a text once; blocks are apart by a blank line, items by none."""

    def __init__(self) -> None:
        self.text = ""
        self._lists: list[int | None] = []
        self._quotes = 0
        self._label: str | None = None
        self._heading = False
        self._after_item = False
        self._takers: Mapping[str, Callable[[Token], None]] = {
            "bullet_list_open": lambda _: self._lists.append(None),
            "bullet_list_close": self._end_list,
            "ordered_list_open": lambda token: self._lists.append(int(token.attrs.get("start", 1))),
            "ordered_list_close": self._end_list,
            "list_item_open": self._begin_item,
            "list_item_close": self._end_item,
            "blockquote_open": lambda _: self._quote(1),
            "blockquote_close": lambda _: self._quote(-1),
            "heading_open": self._at_heading,
            "heading_close": self._at_heading,
            "inline": self._words,
            "fence": lambda token: self._block(f"```{token.content.rstrip()}```"),
            "hr": lambda _: self._block(_RULE),
        }

    def take(self, token: Token) -> None:
        """The next one."""
        if taker := self._takers.get(token.type):
            taker(token)

    def _end_list(self, _token: Token) -> None:
        self._lists.pop()

    def _begin_item(self, _token: Token) -> None:
        number = self._lists[-1]
        self._label = "- " if number is None else f"{number}. "
        self._lists[-1] = None if number is None else number + 1

    def _end_item(self, _token: Token) -> None:
        if self._label is not None:
            self._block("")

    def _quote(self, deeper: int) -> None:
        self._quotes += deeper

    def _at_heading(self, token: Token) -> None:
        self._heading = token.type == "heading_open"

    def _words(self, token: Token) -> None:
        words = _inline(token.children or ())
        self._block(f"*{words.replace('*', '')}*" if self._heading and words else words)

    def _block(self, words: str) -> None:
        label, self._label = self._label, None
        indent = "  " * (len(self._lists) - 1)
        hang = f"{indent}  " if self._lists else ""
        first = hang if label is None else indent + label
        lines = [(hang if n else first) + line for n, line in enumerate(words.split("\n"))]
        if self.text:
            self.text += "\n" if label is not None and self._after_item else "\n\n"
        self.text += "\n".join(f"{'> ' * self._quotes}{line}".rstrip() for line in lines)
        self._after_item = bool(self._lists)


def _inline(tokens: Sequence[Token]) -> str:
    """Words with marks; of a link its words and where it leads, once if that is the same."""
    out: list[str] = []
    links: list[tuple[int, str]] = []
    for token in tokens:
        match token.type:
            case "link_open":
                links.append((len(out), str(token.attrs.get("href", ""))))
            case "link_close":
                start, target = links.pop()
                out[start:] = [_link("".join(out[start:]), target)]
            case "image":
                out.append(_link(token.content, str(token.attrs.get("src", ""))))
            case "code_inline":
                out.append(f"```{token.content}```")
            case kind:
                out.append(_MARKS.get(kind, token.content))
    return "".join(out)


def _link(words: str, target: str) -> str:
    shown = target.removeprefix("mailto:").removeprefix("tel:")
    if not words or words in {target, shown}:
        return shown
    return f"{words} ({shown})" if shown else words
