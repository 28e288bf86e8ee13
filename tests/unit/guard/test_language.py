"""The text is in the client's language; when in doubt, it is."""

import pytest

from plugins.followup.guard.language import is_foreign

EN = "Hello, do you have the blue bike in a larger size?"
DE = "Guten Tag, haben Sie das blaue Rad auch in einer anderen Größe?"
FR = "Bonjour, est-ce que vous avez le vélo bleu dans une autre taille ?"
ES = "Hola, ¿tienen la bicicleta azul en otra talla? ¿Cuánto cuesta y cuándo está?"
IT = "Ciao, avete la bicicletta blu anche in un'altra misura? Quanto costa e quando è pronta?"
PT = "Olá, vocês têm a bicicleta azul em outro tamanho? Quanto custa e quando está pronta?"
RU = "Здравствуйте, есть ли у вас синий велосипед другого размера?"
UK = "Добрий день, чи є у вас синій велосипед іншого розміру? Скільки він коштує?"
TR = "Merhaba, mavi bisikletin daha büyük bedeni var mı? Ne kadar ve ne zaman hazır olur?"
AR = "مرحبا، هل لديكم الدراجة الزرقاء بمقاس أكبر؟"
FA = "سلام، آیا دوچرخه آبی را در سایز بزرگ‌تر هم دارید؟ ممنون از شما"
ZH = "你好，请问蓝色的自行车有大一点的尺寸吗？"
JA = "こんにちは。青い自転車の大きいサイズはありますか？"
KO = "안녕하세요, 파란색 자전거 더 큰 사이즈 있나요?"
HI = "नमस्ते, क्या आपके पास नीली साइकिल बड़े साइज़ में है?"
EL = "Γεια σας, έχετε το μπλε ποδήλατο σε μεγαλύτερο μέγεθος;"
HE = "שלום, יש לכם את האופניים הכחולים במידה גדולה יותר?"

FOREIGN = [
    (DE, EN), (EN, DE), (FR, EN), (ES, EN), (IT, EN), (PT, EN), (TR, EN), (EN, FR), (EN, ES),
    (EN, IT), (EN, PT), (EN, TR), (DE, FR), (FR, ES), (ES, DE), (RU, EN), (EN, RU), (UK, RU),
    (RU, UK), (AR, EN), (EN, AR), (FA, AR), (ZH, EN), (EN, ZH), (JA, ZH), (ZH, JA), (KO, JA),
    (HI, EN), (EN, HI), (RU, HI), (EL, EN), (HE, AR),
]  # fmt: skip
SAME = [(each, each) for each in (EN, DE, FR, ES, IT, PT, RU, UK, TR, AR, FA, ZH, JA, KO, HI, EL)]
FITTING = [
    *SAME,
    ("Still interested in the blue one, or shall I look for another?", EN),
    ("Soll ich das blaue Rad noch für Sie zurücklegen?", DE),
    ("Je peux vous le garder jusqu'à samedi ?", FR),
    ("¿Se la guardo hasta el sábado?", ES),
    ("Gliela tengo da parte fino a sabato?", IT),
    ("Posso guardar até sábado para você?", PT),
    ("Отложить его для вас до субботы?", RU),
    ("Cumartesiye kadar ayırayım mı?", TR),
    ("هل أحتفظ بها لك حتى يوم السبت؟", AR),
    ("要帮您留到星期六吗？", ZH),
    ("土曜日までお取り置きしましょうか。", JA),
    ("क्या मैं इसे शनिवार तक रख दूँ?", HI),
    # A name, or little else.
    ("Kim?", DE),
    ("OK, danke!", EN),
    ("MacBook Pro M3 Max, Ihr Wunschgerät", DE),
    ("Ваш MacBook Pro M3 Max готов.", RU),
    ("您的 iPhone 15 Pro Max 到了。", ZH),
    ("大丈夫", ZH),
    # The client said hardly anything.
    (DE, "ok"),
    (DE, "👍"),
    (RU, "?"),
    (DE, ""),
    # Latin letters on a phone: who can tell?
    (RU, "privet, skolko stoit siniy?"),
    (HI, "bhaiya neeli cycle bade size mein milegi kya"),
    (AR, "mar7aba, 3andkom el azra2?"),
    # Close relatives, short.
    ("Sí, claro.", PT),
    ("Bom dia!", ES),
]


@pytest.mark.parametrize(("text", "client"), FOREIGN)
def test_another_language_is_seen(text: str, client: str) -> None:
    assert is_foreign(text, [client])


@pytest.mark.parametrize(("text", "client"), FITTING)
def test_the_clients_own_and_what_is_unsure_pass(text: str, client: str) -> None:
    assert not is_foreign(text, [client])


def test_a_client_of_two_languages_gets_either() -> None:
    assert not is_foreign(DE, [EN, DE])
    assert not is_foreign(EN, [DE, EN])
    assert is_foreign(FR, [DE, EN])


def test_only_what_was_written_lately_counts() -> None:
    assert is_foreign(DE, [DE, *[EN] * 6])


def test_without_a_client_there_is_no_language() -> None:
    assert not is_foreign(DE, [])
