"""Whether a text says what an earlier message said already."""

import re
from collections.abc import Iterable

from bot.api import words

_LIKE_A_REMINDER = 0.6
_LIKE_A_MESSAGE = 0.85
_GRAM = 3
_LONGEST_GREETING = 4
_GREETING = re.compile(
    r"\s*(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|hallo|guten (?:morgen|tag"
    r"|abend)|liebe[rs]?"
    r"|moin|bonjour|bonsoir|salut|ch[eè]re?|hola|buen[oa]s(?: (?:d[ií]as|tardes|noches))?"
    r"|querid[oa]"
    r"|ciao|buongiorno|buonasera|salve|gentile|ol[áa]|oi|bo[am] (?:dia|tarde|noite)|привет"
    r"|здравствуйте|добр(?:ый|ое|ого) \w+|дорог\w+|merhaba|selam|iyi (?:günler|akşamlar)|günaydın"
    r"|say[ıi]n|مرحب[اًا]*|أهل[اًا]*|السلام عليكم|صباح الخير|مساء الخير|عزيز\w+"
    r"|您好|你好|早上好|下午好|晚上好|こんにちは|こんばんは|おはようございます|नमस्ते|नमस्कार|प्रिय)(?![a-zа-яё])[^\n.!?,;:，。！？、،–—-]*"
    r"[.!?,;:，。！？、،–—-]+\s*",
    re.IGNORECASE,
)


def is_repeat(text: str, reminders: Iterable[str], others: Iterable[str]) -> bool:
    """Whether it is much like an earlier reminder, or all but the same as another message."""
    mine = _grams(text)
    return any(_likeness(mine, _grams(each)) >= _LIKE_A_REMINDER for each in reminders) or any(
        _likeness(mine, _grams(each)) >= _LIKE_A_MESSAGE for each in others
    )


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    together = one | other
    return len(one & other) / len(together) if together else 0.0


def _grams(text: str) -> frozenset[str]:
    """Three signs each, of the text without its greeting, unless that is all there is."""
    said = words(_without_greeting(text)) or words(text)
    line = f" {' '.join(said)} "
    return frozenset(line[start : start + _GRAM] for start in range(max(1, len(line) - _GRAM + 1)))


def _without_greeting(text: str) -> str:
    found = _GREETING.match(text)
    if found is None or len(found[0].split()) > _LONGEST_GREETING:
        return text
    return text[found.end() :]
