"""What a text looks like: its length, and blanks that somebody forgot to fill in."""

import re
from collections.abc import Iterable

from plugins.followup.guard.sieve import Sieve

LONGEST_REMINDER = 1000
"""Far below what any network takes, and more than a colleague would type."""

_SLOTS = (
    r"(?:first|last|full|client|customer|user|company|business|shop|product|service|your|agent"
    r"|employee|recipient)?[ _-]?(?:name|company|date|time|product|price|amount|link|url|phone"
    r"|number|address|e-?mail|discount|service|city|signature|day)"
    r"|(?:insert|enter|add|fill in|your)\b.{0,30}"
    r"|(?:vor|nach)?name|firma|datum|uhrzeit|produkt|preis|nombre|apellidos?|empresa|fecha|producto"
    r"|precio|pr[ée]nom|nom|entreprise|produit|prix|nome|cognome|azienda|prodotto|prezzo|produto"
    r"|preço|имя|фио|фамилия|компания|дата|товар|цена|название|isim|ad|soyad|ad soyad|ürün|tarih"
    r"|fiyat|الاسم|اسم|اسم العميل|التاريخ|السعر|المنتج|姓名|名字|名称|客户名?|客户姓名|公司名?|日期"
    r"|产品|价格|お?名前|氏名|お客様名|会社名|日付|商品名?|価格|नाम|ग्राहक|तारीख|कीमत|उत्पाद"
)
_ALWAYS = re.compile(
    r"\{\{.*?\}\}|\$?\{[^{}]*[^\W\d_][^{}]*\}|%\(\w+\)s|%[^\W\d_a-z][A-Z_]{2,}%"
    r"|<(?!https?:)(?![^<>]*@)/?[^\W\d_][^<>]{0,40}>|_{3,}|\bX{3,}\b|\b(?:TODO|TBD|TBA)\b"
    r"|\blorem ipsum\b|\b(?:first|last|full|client|customer|user|company|product)_(?:name|id)\b"
    r"|\b(?:Client|Customer|First|Last|Company|Product|Recipient)Name\b",
    re.DOTALL,
)
_BRACKETS = re.compile(r"[\[［]\s*([^\[\]［］]*[^\W\d_][^\[\]［］]*?)\s*[\]］](?!\()")
_ROUND = re.compile(rf"(?:[(（【「〈《«]|<<)\s*(?:{_SLOTS})\s*(?:[)）】」〉》»]|>>)", re.IGNORECASE)
_GREETED = re.compile(
    r"\b(?:dear|hi|hello|hey|hallo|liebe[rs]?(?:/r)?|guten tag|hola|estimad[oa](?:/a)?|querid[oa]"
    r"|bonjour|ch[eè]re?|ciao|gentile|caro|cara|ol[áa]|oi|prezad[oa]|привет|здравствуйте|дорог\w+"
    r"|уважаем\w+|merhaba|say[ıi]n|sevgili|مرحبا|مرحبًا|أهلا|عزيزي|您好|你好|亲爱的|こんにちは|नमस्ते|प्रिय)"
    r"[\s,，、]*"
    r"(?:(?:customer|client|first|last|user|your|recipient|guest)[ _]?name|name|vorname|nombre"
    r"|pr[ée]nom|nom|nome|имя|фио|фамилия|isim|adınız|ad soyad|اسم العميل|اسم|الاسم|姓名|名字"
    r"|客户姓名|お名前|नाम)(?=\s*(?:[!,.:;，。！、：،؛]|$))",
    re.IGNORECASE | re.MULTILINE,
)
_SIGNED = re.compile(
    r"(?:regards|sincerely|wishes|cheers|yours|grüßen|grüße|saludos|cordialement|saluti"
    r"|atenciosamente"
    r"|уважением)\W{1,4}(?:your name|name|ihr name|dein name|su nombre|votre nom|il tuo nome"
    r"|seu nome|имя|ваше имя)\W*$",
    re.IGNORECASE,
)

_BLANKS = [(Sieve(each), each) for each in (_ALWAYS, _ROUND, _GREETED, _SIGNED)]


def length_of(text: str) -> int:
    """As networks count: what lies beyond the basic plane, emoji above all, counts twice."""
    return len(text.encode("utf-16-le", errors="surrogatepass")) // 2


def is_empty(text: str) -> bool:
    """Whether there is nothing to read: no letter, number or picture."""
    return not any(sign.isalnum() or ord(sign) > _PICTURES for sign in text)


_PICTURES = 0x2600


def placeholder_in(text: str, known: Iterable[str]) -> str | None:
    """A blank that nobody filled in; what was said before in brackets may be said again."""
    for has_any, pattern in _BLANKS:
        if has_any(text) and (found := pattern.search(text)):
            return found[0]
    for found in _BRACKETS.finditer(text):
        inside = found[1].casefold()
        if not any(f"[{inside}]" in each.casefold() for each in known):
            return found[0]
    return None
