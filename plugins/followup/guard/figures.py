"""Amounts of money and percentages that nobody has named."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

_NUMBER = r"\d+(?:[.,'\u2019\u00a0\u202f\u066b\u066c ]\d{2,3}(?!\d))*(?:[.,\u066b]\d{1,2}(?!\d))?"
_SIGN = r"[$€£¥₽₹₺₴₩₪₫₦₱฿₸₼₾₿¢﷼]"
_BEFORE = (
    rf"(?:US|CA|AU|A|C|R|HK|NZ|S|MX)?{_SIGN}"
    r"|\b(?:USD|EUR|GBP|CHF|RUB|TRY|INR|JPY|CNY|AED|SAR|EGP|BRL|MXN|PLN|Rs)\b\.?|रु\.?"
)
_AFTER = (
    rf"{_SIGN}|(?:USD|EUR|GBP|CHF|RUB|TRY|INR|JPY|CNY|RMB|AED|SAR|EGP|BRL|MXN|PLN|TL|Kč|zł|kr)\b"
    r"|(?:euros?|dollars?|bucks?|pounds?|quid|cents?|francs?|franken|pesos?|reais|rupees?|rupien"
    r"|yen|yuan|lira(?:s|sı)?|dirhams?|riyals?|dólares|dolares|dollari|sterline"
    r"|d[oó]lar(?:es)?|avro|kuruş|rublos?|roubles?|rubel)\b"
    r"|(?:руб(?:л\w*|\.)?|коп\w*|евро|доллар\w*|тенге|гривен\w*|грн|р\.|лир\w*)(?!\w)"
    r"|يورو|دولار\w*|درهم\w*|دراهم|ريال\w*|جنيه\w*|دينار\w*|ليرة"
    r"|元|块钱?|人民币|日元|美元|欧元|円|ドル|ユーロ|원"
    r"|रुपये|रुपए|रुपया|रु\b|डॉलर|यूरो"
)
_PRICE = re.compile(
    rf"(?:{_BEFORE})\s?(?P<first>{_NUMBER})|(?P<last>{_NUMBER})\s?(?:{_AFTER})", re.IGNORECASE
)
_PERCENT = re.compile(
    rf"(?P<after>{_NUMBER})\s?(?:[%٪％]|per ?cent\b|prozent\w*|pour ?cent\b|por ?ciento\b"
    rf"|per ?cento\b"
    r"|por ?cento\b|процент\w*|yüzde|بالمئة|بالمائة|في المئة|パーセント|प्रतिशत|फीसदी|फ़ीसदी)"
    rf"|(?:[%٪]|yüzde|百分之)\s?(?P<before>{_NUMBER})",
    re.IGNORECASE,
)
_ANY = re.compile(r"\d[\d.,'\u2019\u00a0\u202f\u066b\u066c ]*\d|\d")
_GROUPED = 3


def invented_amount(text: str, known: Iterable[str]) -> str | None:
    """A price, or a percentage, whose number stands nowhere else."""
    plain = _plain(text)
    found = list(_amounts(plain))
    if not found:
        return None
    numbers = {value for each in known for value in _numbers(_plain(each))}
    for piece, number in found:
        last = number.rpartition(" ")[2]
        if _value(number) not in numbers and (last[0] == "0" or _value(last) not in numbers):
            return piece
    return None


def _amounts(plain: str) -> Iterator[tuple[str, str]]:
    if _ANY.search(plain) is None:
        return
    for found in _PRICE.finditer(plain):
        yield found[0], found["first"] or found["last"]
    for found in _PERCENT.finditer(plain):
        yield found[0], found["after"] or found["before"]


def _numbers(plain: str) -> Iterator[str]:
    """Every number, and each part of what may be several."""
    for found in _ANY.finditer(plain):
        yield _value(found[0])
        yield from (_value(part) for part in re.findall(rf"{_NUMBER}|\d+", found[0]))
        yield from (_value(part) for part in re.findall(r"\d+", found[0]))


def _plain(text: str) -> str:
    """All digits as 0 to 9, whatever the script."""
    if text.isascii():
        return text
    return "".join(_digit(sign) for sign in unicodedata.normalize("NFKC", text))


def _digit(sign: str) -> str:
    value = unicodedata.digit(sign, None)
    return str(value) if value is not None else sign


def _value(number: str) -> str:
    """The same for 1,200.00 and 1.200 and 1200: thousands joined, cents that are nil left out."""
    parts = re.split(r"\D+", number.strip(" .,'\u2019\u00a0\u202f\u066b\u066c"))
    whole, last = parts[:-1], parts[-1]
    if not whole:
        return last.lstrip("0") or "0"
    if len(last) == _GROUPED:
        return "".join(parts).lstrip("0") or "0"
    cents = last.rstrip("0")
    joined = "".join(whole).lstrip("0") or "0"
    return f"{joined}.{cents}" if cents else joined
