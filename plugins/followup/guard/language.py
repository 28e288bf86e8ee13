"""Whether a text is in the client's language; when that is not sure, it is taken to be."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import islice

_LATEST = 6
"""The client's language is that of so many latest messages."""
_FEWEST_LETTERS = 4
_FEWEST_IN_TEXT = 12
_LEAST_SHARE = 0.2
_LEAST = 1.5
_SURELY = 2.0
_MOSTLY_KANJI = 8
_FEWEST_HAN = 4

_COMMON: Mapping[str, str] = {
    "en": "the a and you are is for of to in it we i do does have has your our can with what would "
    "this that on if at be still any was not how much when please there my me from will about or "
    "just an but here let know thanks hello",
    "de": "der die das und ist nicht ein eine ich sie wir ihr für mit auf den dem des zu im in "
    "noch "
    "sind haben hat kann was wie es auch wenn ihnen ihre oder uns bei von mir gerne bitte sich "
    "aber einen mal schon hallo möchten danke wann",
    "fr": "le la les des et est une un vous nous je pour avec que qui dans sur pas du de ce au aux "
    "votre vos mon ma en si ou il elle avez êtes c'est bonjour merci toujours quel quelle quand "
    "ne plus y bien sont suis j'ai cette encore",
    "es": "el la los las y es un una que de en para con por su se no te le lo nos me mi si "
    "cuando del "
    "al está están tiene tienen hola gracias más usted todavía aún qué cómo pero muy cuánto hay "
    "quiere sigue",
    "it": "il la le gli e è un una che di in per con del della dei non si ti le mi ci sono ho ha "
    "avete se ancora come quando anche ma più questo questa da al alla nel ciao grazie vuole "
    "suo sua vostro quanto",
    "pt": "o a os as e é um uma que de em para com por se não do da dos das no na você vocês seu "
    "sua "
    "eu nós me mas mais quando ainda está tem olá oi obrigado obrigada como qual quanto ou ao "
    "pelo gostaria",
    "nl": "de het een en is niet ik u je wij we van voor met op te zijn heeft hebben kan wat hoe "
    "dat "
    "die aan nog ook als om er maar bij naar onze uw hallo bedankt wanneer",
    "pl": "i w na z się nie jest to że do czy jak dla o po od za co mam pan pani jeszcze tak są "
    "jestem proszę dziękuję dzień dobry kiedy ile lub my",
    "tr": "ve bir bu için mi mı mu mü ne var yok ile de da daha çok siz sizin biz ben merhaba evet "
    "hayır nasıl kadar hâlâ olarak ama veya teşekkürler lütfen misiniz mısınız musunuz istiyorum "
    "size bana olur",
    "sv": "och det är en ett jag du vi att som för med på inte har kan av till om den hej tack "
    "vad när",
    "ro": "și este un o de la în cu pe nu că să pentru mai dumneavoastră vă ați aveți bună "
    "mulțumesc",
    "id": "dan yang di ini itu untuk dengan tidak ada saya anda kami apakah bisa ke dari masih "
    "akan",
    "vi": "và là của có không cho được với này bạn tôi chúng anh chị em xin chào cảm ơn",
    "ru": "и в не на я что с вы у мы как это по но к за для ли ещё еще так же от из или вас нас "
    "вам "
    "нам есть если о меня мне ваш будет здравствуйте привет спасибо когда сколько можно до его "
    "её он она они только уже "
    "очень тоже этот нужно хотите был была",
    "uk": "і в не на я що з ви у ми як це та але до за для чи ще так від або вас нас вам є якщо "
    "про "
    "мене мені ваш буде вітаю дякую коли скільки можна привіт добрий його її він вона тільки вже "
    "дуже",
    "bg": "и в не на аз че с вие ние как това но за да ли още от или вас нас ви е са ако много "
    "здравейте "
    "благодаря кога колко има съм ще",
    "ar": "في من على هل لا ما مع هذا هذه إلى أن كان أو كم لو عن لك لكم لدينا عندكم نحن أنا أنت "
    "مرحبا "
    "شكرا إذا متى كيف ولا بعد قد نعم",
    "fa": "در از به که این را با است برای آیا می هم تا شما ما من سلام ممنون یا چه هنوز دارید "
    "باشد اگر کی",
    "ur": "میں ہے کے کا کی سے کو اور یہ آپ ہم کیا پر نہیں تھا ہیں شکریہ",
    "hi": "है के में की को से का और यह आप हम मैं क्या पर नहीं हैं भी अभी तो या कि था हो जी "
    "नमस्ते धन्यवाद "
    "कब कितना लिए आपको मुझे कर",
    "mr": "आहे आणि मी तुम्ही आपण का काय नाही हे ते आम्ही साठी पण मला तुम्हाला नमस्कार धन्यवाद होते",
}
# Single letters say little: they are left out.
_KNOWN: Mapping[str, frozenset[str]] = {
    name: frozenset(word for word in common.split() if len(word) > 1 or word > "\u0250")
    for name, common in _COMMON.items()
}
_SHARED = Counter(word for known in _KNOWN.values() for word in known)
# By word, whose it is, and how much it says: a word of several languages says less.
_SPEAKERS = {
    word: [(name, 1 / count) for name, known in _KNOWN.items() if word in known]
    for word, count in _SHARED.items()
}
# Of close relatives some have letters that the others do not know.
_OWN_LETTERS = {"uk": "іїєґ"}
_STRANGE_LETTERS = {"ru": "іїєґ", "bg": "ыэёіїєґ"}
_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f\u0900-\u0963\u064b-\u065f'\u2019])*")
_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalpha())
_SCRIPTS = (
    "LATIN",
    "CYRILLIC",
    "ARABIC",
    "DEVANAGARI",
    "CJK",
    "HIRAGANA",
    "KATAKANA",
    "HANGUL",
    "GREEK",
    "HEBREW",
    "THAI",
    "BENGALI",
    "TAMIL",
    "TELUGU",
    "GEORGIAN",
    "ARMENIAN",
)


def is_foreign(text: str, client: Sequence[str]) -> bool:
    """Whether the text is surely in another language than all that the client wrote lately."""
    said = list(islice(filter(_has_letters, reversed(client)), _LATEST))[::-1]
    written = _scripts(text)
    if not said or sum(written.values()) < _FEWEST_IN_TEXT:
        return False
    if _in_other_script(text, written, said):
        return True
    mine = _language(text)
    if mine is None:
        return False
    languages = {_language(each) for each in said}
    if len(said) > 1:
        languages.add(_language(" ".join(said)))
    return languages != {None} and mine not in languages


def _has_letters(text: str) -> bool:
    return sum(_scripts(text).values()) >= _FEWEST_LETTERS


def _in_other_script(text: str, written: Counter[str], said: Sequence[str]) -> bool:
    known = Counter[str]()
    for each in said:
        known += _scripts(each)
    total = sum(known.values())
    scripts = {script for script, count in known.items() if count >= _LEAST_SHARE * total}
    if scripts == {"LATIN"}:
        # Many write their language in Latin letters on a phone: only who surely wrote another
        # one is answered in the wrong one by another script.
        if written["LATIN"] >= _LEAST_SHARE * sum(written.values()):
            return False
        return _language(" ".join(said)) is not None
    if scripts <= {"CJK", "KANA"}:
        return _is_wrong_han(written, known)
    return sum(written[script] for script in scripts) < _LEAST_SHARE * sum(written.values())


def _is_wrong_han(written: Counter[str], known: Counter[str]) -> bool:
    """Chinese and Japanese share signs: kana are Japanese, and no sentence does without."""
    total = sum(written.values())
    if written["CJK"] + written["KANA"] < _LEAST_SHARE * total:
        return True
    if not known["KANA"]:
        return known["CJK"] >= _FEWEST_HAN and written["KANA"] >= _FEWEST_HAN
    return not written["KANA"] and written["CJK"] >= _MOSTLY_KANJI


def _scripts(text: str) -> Counter[str]:
    found = Counter[str]()
    if text.isascii():
        found["LATIN"] = len(text.encode().translate(None, _NO_LETTERS))
        return found
    for sign, count in Counter(text).items():
        if script := _script(sign):
            found[script] += count
    return found


@lru_cache(maxsize=4096)
def _script(sign: str) -> str:
    if not sign.isalpha():
        return ""
    if sign < "\u0250":
        return "LATIN"
    name = unicodedata.name(sign, "")
    first = name.split(" ", 1)[0].split("-", 1)[0]
    if first in {"HIRAGANA", "KATAKANA"}:
        return "KANA"
    return first if first in _SCRIPTS else ""


def _language(text: str) -> str | None:
    """The language with clearly the most of its common words in the text, if there is one.

    A word that several languages have counts less.
    """
    plain = text.casefold().replace("\u2019", "'")
    marks: defaultdict[str, float] = defaultdict(float)
    for word in set(_WORD.findall(plain)):
        for name, mark in _SPEAKERS.get(word, ()):
            marks[name] += mark
    letters = set(plain)
    found = [(mark, name) for name, mark in marks.items() if _may_be(name, letters)]
    (most, first), (second, _) = [*sorted(found, reverse=True), (0.0, ""), (0.0, "")][:2]
    return first if most >= _LEAST and most >= _SURELY * second else None


def _may_be(name: str, letters: set[str]) -> bool:
    if not letters.isdisjoint(_STRANGE_LETTERS.get(name, "")):
        return False
    return name not in _OWN_LETTERS or not letters.isdisjoint(_OWN_LETTERS[name])
