"""What a model is told lives in readable files, each with a version; this reads them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_HEAD = re.compile(r"---\nversion: (\S+)\n---\n")
_BLANK = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True, slots=True)
class Prompt:
    """A text with blanks like {{name}}; the version grows with every change of the text."""

    version: str
    text: str

    def filled(self, values: Mapping[str, str]) -> str:
        """The text with its blanks filled in; what is filled in is not looked at again."""
        return _BLANK.sub(lambda blank: values[blank[1]], self.text)


def prompt_in(path: Path) -> Prompt:
    """The prompt of that file, whose first lines tell its version. Raises ValueError."""
    text = path.read_text(encoding="utf-8")
    head = _HEAD.match(text)
    if head is None:
        raise ValueError(f"{path.name} does not begin with its version")
    return Prompt(head[1], text[head.end() :].strip())
