"""Addresses that nobody gave: links, bare domains, e-mail, handles, telephone numbers."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

_TOP = (
    "com|net|org|info|biz|io|co|app|dev|shop|store|online|site|me|ly|link|page|ai|xyz|club|pro|blog"
    "|example|test|eu|de|at|ch|uk|us|ca|au|nz|ie|fr|be|nl|lu|es|mx|ar|cl|pe|it|pt|br|ru|рф|by|kz|ua"
    "|uz|pl|cz|sk|hu|ro|bg|gr|tr|il|ae|sa|eg|ma|ir|in|pk|cn|hk|tw|jp|kr|sg|my|th|vn|id|ph|za|ng|ke"
    "|se|no|dk|fi|is|lt|lv|ee|rs|hr|si|tv|cc"
)
_SCHEME = re.compile(r"(?:https?|ftp|tg)://[^\s<>\"'）」】]+|\bmailto:\S+", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_DOMAIN = re.compile(
    # Small letters only: "Gladly.In the morning" is a forgotten blank.
    rf"(?<![\w@.])(?:[Ww]{{3}}\.[\w-]+(?:\.[\w-]+)+|[\w-]+(?:\.[\w-]+)*\.(?:{_TOP})(?![\w-]))"
    r"(?:/[^\s<>\"'）」】]*)?|\b[A-Z0-9-]+\.(?:COM|NET|ORG|SHOP)\b",
)
_HANDLE = re.compile(r"(?<![\w@/.])@[A-Za-z]\w{3,}")
_PHONE = re.compile(r"(?<![\w.,])(?:\+|00)?\(?\d[\d ()/.\-\u2011\u2013]{6,}\d(?!\w)")
_DATE = re.compile(
    r"(?<!\d)(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{2,4}"
    r"|\d{1,2}[:.]\d{2}\s?[-\u2013]\s?\d{1,2}[:.]\d{2}"
    r"|\d{1,2}\.\d{1,2}\.?\s?[-\u2013]\s?\d{1,2}\.\d{1,2}\.?)(?!\d)"
)
_DIGIT = re.compile(r"\d")
_FEWEST_DIGITS = 7
_MOST_DIGITS = 15
_TAIL = 7


def invented_link(text: str, known: Iterable[str]) -> str | None:
    """An address that stands in nothing that is known."""
    plain = _plain(text)
    addresses, phones = list(_addresses(plain)), list(_phones(plain))
    if not addresses and not phones:
        return None
    sources = [_plain(each) for each in known]
    given = {_bare(each) for source in sources for each in _addresses(source)}
    hosts = {each.partition("/")[0] for each in given}
    for each in addresses:
        bare = _bare(each)
        if bare not in given and bare not in hosts:
            return each
    digits = ["".join(filter(str.isdigit, source)) for source in sources]
    for number in phones:
        tail = "".join(filter(str.isdigit, number))[-_TAIL:]
        if not any(tail in each for each in digits):
            return number
    return None


def _addresses(plain: str) -> Iterator[str]:
    for mark, pattern in ((":", _SCHEME), ("@", _MAIL), (".", _DOMAIN), ("@", _HANDLE)):
        if mark in plain:
            yield from (found[0] for found in pattern.finditer(plain))


def _bare(address: str) -> str:
    """The same with and without scheme, www, and what ends a sentence."""
    bare = re.sub(r"^(?:https?|ftp|tg|mailto):(?://)?", "", address.casefold())
    bare = bare.removeprefix("www.")
    return bare.rstrip(".,;:!?)]}'\"/。，！？")


def _phones(plain: str) -> Iterator[str]:
    if _DIGIT.search(plain) is None:
        return
    for found in _PHONE.finditer(_DATE.sub(" ~ ", plain)):
        digits = sum(sign.isdigit() for sign in found[0])
        begins = found[0].startswith(("+", "0", "("))
        groups = len(re.findall(r"\d+", found[0]))
        # A long number in one piece, or in groups of three, is an order, or an amount.
        if _FEWEST_DIGITS <= digits <= _MOST_DIGITS and (begins or _is_dialled(found[0], groups)):
            yield found[0].strip()


def _is_dialled(number: str, groups: int) -> bool:
    return groups > 1 and re.search(r"[-()/]", number) is not None


def _plain(text: str) -> str:
    if text.isascii():
        return text
    return _DIGIT.sub(
        lambda found: str(unicodedata.digit(found[0])), unicodedata.normalize("NFKC", text)
    )
