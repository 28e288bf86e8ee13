"""Promises that nobody has made: gifts, discounts, refunds, guarantees, last chances.

A promise of a kind counts as made when anything of that kind stands in what is known, in whatever
language: owners write in one, clients in another.
"""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum

from plugins.followup.guard.sieve import Sieve


class Kind(StrEnum):
    """What is promised."""

    GIFT = "gift"
    DISCOUNT = "discount"
    REFUND = "refund"
    GUARANTEE = "guarantee"
    LAST_CHANCE = "last chance"


def _any(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


_SAID: Mapping[Kind, re.Pattern[str]] = {
    Kind.GIFT: _any(
        r"\bfor free\b|\bfree of charge\b|\b(?:completely|totally|absolutely|entirely"
        r"|100 ?%) free\b",
        r"\bfree (?:\w+ )?(?:consultation|test|trial|quote|sample|delivery|shipping|gift|upgrade"
        r"|returns?|repair|check|inspection|installation|session|lesson|month|class|coffee|ride"
        r"|night|breakfast|treatment|visit|case|pair|extra)\b",
        r"\b(?:complimentary|at no (?:extra )?(?:cost|charge)|on the house|on us)\b",
        r"\b(?:kostenlos|gratis|kostenfrei|umsonst|geschenkt)\w*|\bschenken wir\b|\baufs haus\b",
        r"\bgratuit\w*|\boffert\b|\bsans frais\b|\ben cadeau\b",
        r"\bgr[aá]tis\b|\bsin (?:costo|coste|cargo)\b|\bde regalo\b|\b[tl]es? regalamos\b"
        r"|\bpor cuenta de la casa\b",
        r"\bgratuit[oaie]\b|\bin omaggio\b|\bsenza costi\b|\bde graça\b|\bsem custo\b|\bbrinde\b",
        r"бесплатн\w*|в подарок от нас|подарим|за наш счёт|за наш счет",
        r"\bücretsiz\w*|\bbedava\w*|\bhediye (?:ediyoruz|edeceğiz)\b|\bhediyemiz\b",
        r"مجان[يةاً]\w*|مجّان\w*|هدية من[اّ]+|بدون مقابل",
        r"免费|免單|免单|赠送|赠品|無料|タダで|プレゼント(?:いたします|します|中)|サービスします",
        r"मुफ़्त|मुफ्त|निःशुल्क|नि:शुल्क",
    ),
    Kind.DISCOUNT: _any(
        r"\bdiscount\w*|[%٪] off\b|\bpercent off\b|\b(?:promo|coupon|voucher)(?: ?codes?)?\b"
        r"|\bspecial (?:offer|price|deal)\b|\b(?:reduced|lower) price\b|\bcheaper for you\b",
        r"\brabatt\w*|\bnachlass\b|\bgutschein\w*|\bsonder(?:preis|angebot)\w*|\bvergünstig\w*",
        r"\bremises?\b|\bréductions?\b|\bcode promo\b|\bprix spécial\b|\bbons? d'achat\b",
        r"\bdescuentos?\b|\brebaja\w*|\bcup[oó]n(?:es)?\b|\bprecio especial\b",
        r"\bscont[oi]\b|\bprezzo speciale\b|\bbuono sconto\b",
        r"\bdescontos?\b|\bcupo(?:m|ns)\b|\bpreço especial\b",
        r"скидк\w*|промокод\w*|купон\w*|специальн\w+ цен\w*|дешевле для вас",
        r"\bindirim\w*|\bkupon\w*|\bözel fiyat\w*",
        r"خصم\w*|خصومات|تخفيض\w*|قسيمة|سعر خاص",
        r"折扣|打[一二三四五六七八九\d]+折|[一二三四五六七八九\d]折|优惠|特价|割引|値引き|クーポン|特別価格|お得な",
        r"छूट|डिस्काउंट|कूपन|विशेष कीमत|खास कीमत",
    ),
    Kind.REFUND: _any(
        r"\brefund\w*|\bmoney[ -]back\b|\breimburs\w*",
        r"\bgeld[ -]zurück\b|\brückerstatt\w*|\berstatten\b|\brembours\w*|\breembols\w*"
        r"|\brimbors\w*",
        r"\bdevol(?:vemos|uci[oó]n) (?:el|del) dinero\b|\bdevolvemos o dinheiro\b",
        r"возврат\w* (?:денег|средств)|верн[её]м деньги|вернем деньги",
        r"\bpara iadesi\b|\bparanızı iade\b|\biade ederiz\b",
        r"استرداد|نعيد (?:لك )?المال|退款|退钱|返金|払い戻し|रिफंड|पैसे वापस",
    ),
    Kind.GUARANTEE: _any(
        r"\bguarant\w*|\b(?:i|we) promise\b|\bgarant\w*|\bversprech\w*|\bje (?:vous )?promets\b"
        r"|\bnous (?:vous )?promettons\b|\b(?:te|le|se lo) promet\w*|\bprometemos\b|\bprometto\b"
        r"|\bpromettiamo\b|\bprometo\b",
        r"гарант\w*|обещаю|обещаем|\bsöz veriyor\w*|نضمن|مضمون\w*|أضمن|ضمان|نعدك|أعدك",
        r"保证|保證|承诺|保証|お約束します|約束します|गारंटी|वादा (?:करता|करते|करती|है)",
    ),
    Kind.LAST_CHANCE: _any(
        r"\bonly for today\b|\bonly today\b(?! (?:i|we)\b)|\btoday only\b|\blast chance\b"
        r"|\bfinal chance\b"
        r"|\boffer (?:ends|expires|is valid)\b|\bexpires (?:today|tonight|tomorrow|soon)\b"
        r"|\blimited[ -]time\b|\bonly (?:\d+|one|two|three|four|five|a few) (?:\w+ )?left\b"
        r"|\bwhile (?:stocks?|supplies) lasts?\b|\bact now\b|\bhurry\b",
        r"\bnur (?:noch )?heute\b|\bletzte chance\b|\bnur noch (?:\d+|ein\w*|zwei|drei|wenige) "
        r"(?:stück|plätze|exemplare|tage)\b|\bsolange der vorrat reicht\b",
        r"\b(?:seulement|uniquement) aujourd['\u2019]hui\b|\bdernière chance\b|\boffre limitée\b"
        r"|\bplus que \d+ (?:places|pièces|exemplaires)\b",
        r"\bs[oó]lo (?:por )?hoy\b|\b[uú]ltima oportunidad\b|\boferta limitada\b|\bsolo oggi\b"
        r"|\bultima (?:occasione|possibilità)\b|\bofferta limitata\b",
        r"\b(?:só|somente|apenas) hoje\b|\búltima chance\b|\bsolo quedan \d+|\brestam apenas \d+",
        r"только сегодня|последний шанс|осталось всего|предложение действует|успейте",
        r"\b(?:sadece|yalnızca) bugün\b|\bson (?:şans|fırsat)\w*|\bsınırlı süre\w*",
        r"اليوم فقط|آخر فرصة|لفترة محدودة|عرض محدود",
        r"仅限今天|只限今天|今天最后|最后机会|最后一次机会|限时|仅剩|只剩",
        r"本日限り|今日限り|今日だけ|最後のチャンス|期間限定|残りわずか|残り\d+",
        r"(?:सिर्फ|सिर्फ़|केवल) आज|आख़?िरी मौका|अंतिम अवसर|सीमित समय",
    ),
}
_HAS_ANY = Sieve(*_SAID.values())
_NEGATED = re.compile(
    r"(?:n['\u2019]t|\bnot|\bno|\bnever|\bcannot|\bwithout|\bkein\w*|\bnicht|\bohne|\bne"
    r"|\bn['\u2019]"
    r"|\bpas(?: de)?|\bsans|\bsin|\bnon|\bsenza|\bnão|\bsem|\bне|\bнет|\bбез|\bلا|\bليس|\bلم|\bبدون"
    r"|不|没有|無|नहीं|बिना)(?:\W+\w+){0,2}\W*$",
    re.IGNORECASE,
)
_LOOK_BACK = 30


def invented_promise(text: str, known: Iterable[str]) -> str | None:
    """A promise of a kind that nobody has spoken of; what is denied is none."""
    if not _HAS_ANY(text):
        return None
    sources = list(known)
    for pattern in _SAID.values():
        for found in pattern.finditer(text):
            if _NEGATED.search(text[max(0, found.start() - _LOOK_BACK) : found.start()]):
                continue
            if any(pattern.search(source) for source in sources):
                break
            return found[0]
    return None
