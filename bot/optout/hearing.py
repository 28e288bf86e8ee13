"""What a client's text wishes: no more messages, messages again, or nothing of the kind."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property

from bot.optout.folding import folded, script_of, unstretched
from bot.optout.tongues import Tongue, speakers, tongues, ways_back

_LONGEST_TEXT = 4000
_LONGEST_SENTENCE = 200
_LONGEST_WORD = 40
_MANY = 20
"""So many sentences at the beginning of a text are looked at, and as many at its end."""
_START = re.compile(r"/start(?:@\w+)?(?:\s.*)?", re.IGNORECASE | re.DOTALL)
_SENTENCE = re.compile(r"[^.!?;\n…。！？؟।]+(?:[.!?;\n…。！？؟।]+|$)")
_ASKING = frozenset("?？؟")
_CLAUSE = re.compile(r"\s*[,،、，:–—]\s*|\s+-+\s+")
_QUOTES = re.compile('["“”„«»「」『』]')
_MANY_POLITE = 4
_NOBODY: frozenset[str] = frozenset()


class Wish(Enum):
    """What a client may ask of us, once and for all."""

    OUT = auto()
    BACK = auto()


@dataclass(frozen=True)
class Sentence:
    """A sentence, or a part of one, folded once for all languages."""

    text: str

    @cached_property
    def forms(self) -> Sequence[str]:
        """As it is compared; "stoooop" in two ways."""
        words = folded(self.text) if len(self.text) <= _LONGEST_SENTENCE else ""
        return unstretched(words) if words else ()

    @cached_property
    def tongues(self) -> frozenset[str]:
        """The codes of all languages in which a wish can have these words: mostly there is none."""
        return frozenset(code for form in self.forms for code in _speaking(form))

    @cached_property
    def near(self) -> frozenset[str]:
        """The same, counting languages that have all words of one of its clauses."""
        return self.tongues.union(*(each.tongues for each in self.clauses))

    @cached_property
    def phrases(self) -> dict[str, bool]:
        """In which languages, as far as that was asked, it is a phrase."""
        return {}

    @cached_property
    def _cores(self) -> dict[str, Sequence[str]]:
        return {}

    def cores(self, tongue: Tongue) -> Sequence[str]:
        """Its forms with ever less of that language's politeness; asked for again and again."""
        found = self._cores.get(tongue.code)
        if found is None:
            found = tuple(core for each in self.forms for core in _peeled(tongue, each))
            self._cores[tongue.code] = found
        return found

    @cached_property
    def exact(self) -> str:
        """With its accents."""
        return folded(self.text, accents=True) if len(self.text) <= _LONGEST_WORD else ""

    @cached_property
    def scripts(self) -> frozenset[str]:
        """How it is written."""
        return frozenset(script_of(letter) for letter in "".join(self.forms).replace(" ", ""))

    @cached_property
    def clauses(self) -> "Sequence[Sentence]":
        """Its parts, if commas or dashes divide it."""
        if not self.forms or self.asks or _QUOTES.search(self.text):
            return ()
        parts = [Sentence(each) for each in _CLAUSE.split(self.text)]
        return [each for each in parts if each.forms]

    @cached_property
    def asks(self) -> bool:
        """Whether it is a question."""
        return not _ASKING.isdisjoint(self.text)


def learn() -> None:
    """Read what all languages say before the first message comes, which would wait for it."""
    speakers()
    ways_back()


def wish_in(text: str) -> Wish | None:
    """The clear wish in a message; a stop word counts alone, a clear sentence anywhere."""
    said = text.strip()
    if _START.fullmatch(said):
        return Wish.BACK
    if tongue_of(said) is not None:
        return Wish.OUT
    words = folded(said) if len(said) <= _LONGEST_SENTENCE else ""
    return Wish.BACK if words in ways_back() else None


def tongue_of(text: str) -> str | None:
    """The language of the wish for no more messages; None if there is no such wish.

    A word that many languages share is told as the first one's that has it.
    """
    whole = Sentence(text)
    # Most texts are a single sentence: it is folded and peeled once.
    sentences = [whole if each == whole else each for each in _sentences(text)]
    if len(text) <= _LONGEST_WORD and (code := _first(whole, _is_word)):
        return code
    if not sentences:
        return None
    for code, tongue in _among(_NOBODY.union(*(each.tongues for each in sentences))):
        if not any(_says_stop(tongue, each) for each in sentences):
            continue
        if all(_is_whole(tongue, each) for each in sentences):
            return code
    return next((code for each in sentences if (code := _first(each, _is_clear))), None)


def shares(text: str) -> frozenset[str]:
    """All languages in which that text is a wish for no more messages."""
    said = Sentence(text.strip())
    return frozenset(code for code, each in tongues().items() if _says_stop(each, said))


def _sentences(text: str) -> Sequence[Sentence]:
    found = _SENTENCE.findall(text[:_LONGEST_TEXT])
    if len(found) > 2 * _MANY:
        found = found[:_MANY] + found[-_MANY:]
    return [each for each in map(Sentence, found) if each.forms]


def _speaking(form: str) -> Collection[str]:
    """The languages that have every word of it; all of them where words are not told apart."""
    if not form.startswith(" "):
        return tongues().keys()
    first, *others = form.split()
    found = speakers().get(first, _NOBODY)
    for word in others:
        if not found:
            break
        found &= speakers().get(word, _NOBODY)
    return found


def _among(codes: Collection[str]) -> Sequence[tuple[str, Tongue]]:
    """Those languages, in the order of the table."""
    return [both for both in tongues().items() if both[0] in codes] if codes else ()


def _first(sentence: Sentence, says: Callable[[Tongue, Sentence], bool]) -> str | None:
    near = _among(sentence.near)
    return next((code for code, each in near if says(each, sentence)), None)


def _is_whole(tongue: Tongue, sentence: Sentence) -> bool:
    """Nothing but a wish, or nothing but politeness."""
    return _says_stop(tongue, sentence) or "" in sentence.cores(tongue)


def _says_stop(tongue: Tongue, sentence: Sentence) -> bool:
    return (not sentence.asks and _is_word(tongue, sentence)) or _is_phrase(tongue, sentence)


def _is_word(tongue: Tongue, sentence: Sentence) -> bool:
    if sentence.asks or tongue.scripts.isdisjoint(sentence.scripts):
        return False
    if tongue.exact:
        return any(each in tongue.exact for each in _exactly(tongue, sentence.exact))
    return tongue.code in sentence.tongues and any(
        core in tongue.words or _once(core) in tongue.words for core in sentence.cores(tongue)
    )


def _is_clear(tongue: Tongue, sentence: Sentence) -> bool:
    """A clear sentence, or the clear part of one that is under no condition."""
    if tongue.scripts.isdisjoint(sentence.scripts) or _QUOTES.search(sentence.text):
        return False
    if _is_phrase(tongue, sentence):
        return True
    parts = sentence.clauses
    if len(parts) <= 1 or not (_is_phrase(tongue, parts[0]) or _is_phrase(tongue, parts[-1])):
        return False
    return not any(tongue.guards.match(form) for each in parts for form in each.forms)


def _is_phrase(tongue: Tongue, sentence: Sentence) -> bool:
    found = sentence.phrases.get(tongue.code)
    if found is None:
        found = sentence.phrases[tongue.code] = _fits(tongue, sentence)
    return found


def _fits(tongue: Tongue, sentence: Sentence) -> bool:
    if tongue.scripts.isdisjoint(sentence.scripts) or tongue.code not in sentence.tongues:
        return False
    for core in sentence.cores(tongue):
        if tongue.asked.fullmatch(core):
            return True
        if not sentence.asks and tongue.phrases.fullmatch(core):
            return True
    return False


def _peeled(tongue: Tongue, words: str) -> Iterator[str]:
    """The words as they are, then with ever less politeness before and behind."""
    front: str | None = words
    for _ in range(_MANY_POLITE + 1):
        if front is None:
            return
        yield front
        core = front
        for _ in range(_MANY_POLITE):
            found = tongue.parting.search(core)
            if found is None:
                break
            core = core[: found.start()]
            yield core
        found = tongue.polite.match(front)
        front = front[found.end() :] if found else None


def _exactly(tongue: Tongue, words: str) -> Iterator[str]:
    """The same with all accents: the words as they are, and without what is polite."""
    split = words.split()
    for start in range(min(3, len(split))):
        for end in range(max(len(split) - 2, start + 1), len(split) + 1):
            around = (
                "".join(f" {folded(word).strip()}" for word in part)
                for part in (split[:start], split[end:])
            )
            if all(not each or tongue.polite.fullmatch(each) for each in around):
                yield "".join(f" {word}" for word in split[start:end])


def _once(words: str) -> str:
    """A word that is said again and again, once."""
    different = dict.fromkeys(words.split())
    return f" {next(iter(different))}" if len(different) == 1 else words
