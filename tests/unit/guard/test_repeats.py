"""No reminder says what an earlier one said."""

import pytest

from plugins.followup.guard.repeats import is_repeat

REPEATS = [
    ("Are you still interested in the blue bike?", "Are you still interested in the blue bike?"),
    ("Hi Kim! Are you still interested in the blue bike?", "Are you still interested in the blue bike?"),
    ("Hello Kim, are you still interested in that blue bike?", "Hi, are you still interested in the blue bike?"),
    ("ARE YOU STILL INTERESTED in the blue bike", "Are you still interested in the blue bike?"),
    ("Haben Sie noch Fragen zum blauen Rad?", "Hallo Kim, haben Sie noch Fragen zu dem blauen Rad?"),
    ("Avez-vous pu réfléchir au vélo bleu ?", "Bonjour Kim, avez-vous pu réfléchir au vélo bleu ?"),
    ("¿Sigue interesado en la bicicleta azul?", "Hola Kim: ¿sigue interesado en la bicicleta azul?"),
    ("È ancora interessato alla bicicletta blu?", "Buongiorno! È ancora interessato alla bicicletta blu?"),
    ("Ainda tem interesse na bicicleta azul?", "Olá, Kim! Ainda tem interesse na bicicleta azul?"),
    ("Вам ещё интересен синий велосипед?", "Здравствуйте, Ким! Вам ещё интересен синий велосипед?"),
    ("Mavi bisikletle hâlâ ilgileniyor musunuz?", "Merhaba Kim, mavi bisikletle hâlâ ilgileniyor musunuz?"),
    ("هل ما زلت مهتما بالدراجة الزرقاء؟", "مرحبا كيم، هل ما زلت مهتما بالدراجة الزرقاء؟"),
    ("您还对那辆蓝色自行车感兴趣吗？", "您好！您还对那辆蓝色自行车感兴趣吗？"),
    ("青い自転車はまだご検討中でしょうか。", "こんにちは。青い自転車はまだご検討中でしょうか。"),
    ("क्या आप अभी भी नीली साइकिल में रुचि रखते हैं?", "नमस्ते! क्या आप अभी भी नीली साइकिल में रुचि रखते हैं?"),
    ("Hello!", "Hello!"),
]  # fmt: skip

DIFFERENT = [
    ("Would Tuesday suit you for a test ride?", "Are you still interested in the blue bike?"),
    ("Hi Kim! Would Tuesday suit you?", "Hi Kim! Are you still interested in the blue bike?"),
    ("Hello Kim, the red one came in.", "Hello Kim, shall I keep the blue one for you?"),
    ("Passt Ihnen Dienstag für die Probefahrt?", "Haben Sie noch Fragen zum blauen Rad?"),
    ("Mardi vous irait pour l'essai ?", "Avez-vous pu réfléchir au vélo bleu ?"),
    ("¿Le va bien el martes para probarla?", "¿Sigue interesado en la bicicleta azul?"),
    ("Martedì va bene per la prova?", "È ancora interessato alla bicicletta blu?"),
    ("Terça serve para o teste?", "Ainda tem interesse na bicicleta azul?"),
    ("Удобно вам во вторник приехать на пробу?", "Вам ещё интересен синий велосипед?"),
    ("Salı günü deneme sürüşü uyar mı?", "Mavi bisikletle hâlâ ilgileniyor musunuz?"),
    ("هل يناسبك يوم الثلاثاء لتجربتها؟", "هل ما زلت مهتما بالدراجة الزرقاء؟"),
    ("星期二来试骑方便吗？", "您还对那辆蓝色自行车感兴趣吗？"),
    ("火曜日の試乗はいかがですか。", "青い自転車はまだご検討中でしょうか。"),
    ("क्या मंगलवार को चलाकर देखना चाहेंगे?", "क्या आप अभी भी नीली साइकिल में रुचि रखते हैं?"),
    ("All the best, and write whenever you like.", "Shall I keep the blue bike until Saturday?"),
]


@pytest.mark.parametrize(("text", "earlier"), REPEATS)
def test_much_the_same_is_a_repeat(text: str, earlier: str) -> None:
    assert is_repeat(text, ["Something else.", earlier], [])


@pytest.mark.parametrize(("text", "earlier"), DIFFERENT)
def test_something_new_is_none(text: str, earlier: str) -> None:
    assert not is_repeat(text, [earlier], [earlier])


def test_an_answer_may_be_taken_up_but_not_said_again() -> None:
    answer = "Yes, the blue one is here in your size and costs 450 euros."

    assert not is_repeat("The blue one is still here in your size: shall I keep it?", [], [answer])
    assert is_repeat(answer, [], [answer])
