"""Nothing is promised that nobody has promised."""

import pytest

from plugins.followup.guard.promises import invented_promise

PROMISES = [
    "You get it for free!",
    "We offer you free delivery.",
    "A free test ride for you?",
    "The helmet is on the house.",
    "I can give you a discount.",
    "Use the promo code BIKE.",
    "I have a special offer for you.",
    "You get a full refund if it does not fit.",
    "Your money back if you are not happy.",
    "I guarantee that it will be ready.",
    "We promise that it will be there.",
    "This price is only for today.",
    "It is your last chance!",
    "Only two left, hurry!",
    "Der Versand ist kostenlos.",
    "Ich kann Ihnen einen Rabatt geben.",
    "Nur noch heute!",
    "Sie bekommen Ihr Geld zurück.",
    "La livraison est gratuite.",
    "Je peux vous faire une remise.",
    "Dernière chance !",
    "El envío es gratis.",
    "Le hago un descuento.",
    "Sólo hoy, no lo deje pasar.",
    "La consegna è gratuita.",
    "Le faccio uno sconto.",
    "Ultima occasione!",
    "A entrega é grátis.",
    "Posso dar um desconto.",
    "Somente hoje!",
    "Доставка бесплатная.",
    "Сделаю вам скидку.",
    "Только сегодня!",
    "Гарантирую, что успеем.",
    "Kargo ücretsiz.",
    "Size indirim yaparım.",
    "Sadece bugün!",
    "التوصيل مجاني",
    "لدينا خصم خاص لك",
    "اليوم فقط",
    "送货免费。",
    "可以给您优惠。",
    "仅限今天！",
    "送料は無料です。",
    "割引いたします。",
    "本日限りです。",
    "डिलीवरी मुफ़्त है।",
    "आपको छूट मिलेगी।",
    "सिर्फ आज!",
]

HARMLESS = [
    "Feel free to write whenever you like.",
    "Are you free on Tuesday?",
    "Tuesday at 10 is free.",
    "There is no need to hurry.",
    "I cannot promise that it will be there.",
    "We don't give discounts, I am afraid.",
    "I noticed only today I have your size here.",
    "Is it a present for somebody?",
    "Ist Dienstag noch frei für Sie?",
    "Möchten Sie ein Angebot?",
    "Wir können leider keinen Rabatt geben.",
    "Êtes-vous libre mardi ?",
    "C'est pour offrir, ou pour vous ?",
    "¿Está libre el martes?",
    "¿Es un regalo para alguien?",
    "È libero martedì?",
    "Le nostre offerte non sono cambiate.",
    "Está livre na terça?",
    "Вы свободны во вторник?",
    "Это в подарок или для вас?",
    "Salı günü boş musunuz?",
    "Hediye mi, kendiniz için mi?",
    "هل أنت متفرغ يوم الثلاثاء؟",
    "هل هي هدية لأحد؟",
    "您星期二有空吗？",
    "火曜日は空いていますか。",
    "プレゼント用でしょうか。",
    "क्या मंगलवार को समय है?",
    "Shall I keep it until Saturday?",
    "Take your time.",
]


@pytest.mark.parametrize("text", PROMISES)
def test_a_promise_that_nobody_made_is_seen(text: str) -> None:
    assert invented_promise(text, ["Hello, do you have the blue one?"]) is not None


@pytest.mark.parametrize("text", HARMLESS)
def test_no_promise_is_none(text: str) -> None:
    assert invented_promise(text, []) is None


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("You get a discount of five percent.", "Offer a 5% discount on what was asked about."),
        ("Sie bekommen 5 % Rabatt.", "Offer a 5% discount on what was asked about."),
        ("Вам скидка, как обещали.", "New clients get a discount."),
        ("Die Probefahrt ist kostenlos.", "A test ride is free of charge."),
        ("La prueba es gratis.", "Probefahrten sind kostenlos."),
        ("送料は無料です。", "Delivery is free of charge in town."),
        ("You get your money back.", "Refunds within 14 days."),
        ("Sie haben zwei Jahre Garantie.", "Two years of guarantee on every frame."),
        ("Heute ist die letzte Chance.", "The sale: last chance on Friday."),
        ("التوصيل مجاني", "Free delivery in the city."),
    ],
)
def test_what_was_promised_once_may_be_said_in_any_language(text: str, known: str) -> None:
    assert invented_promise(text, [known]) is None


def test_a_promise_of_one_kind_is_none_of_another() -> None:
    assert invented_promise("You get a refund.", ["We give a discount."]) == "refund"
