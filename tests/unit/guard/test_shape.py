"""Length, and blanks that nobody filled in."""

import pytest

from plugins.followup.guard.check import fault_in
from plugins.followup.guard.faults import Fault, Found, Grounds
from plugins.followup.guard.shape import LONGEST_REMINDER, placeholder_in

BLANKS = [
    "Hi [Name], are you still interested?",
    "Hi [First Name]!",
    "Hello {name}, the bike is here.",
    "Hello {{first_name}}, the bike is here.",
    "Hello ${name}, the bike is here.",
    "Dear <name>, shall I keep it?",
    "Dear <customer_name>, shall I keep it?",
    "Hello %NAME%, shall I keep it?",
    "Hello %(name)s, shall I keep it?",
    "Dear ____, shall I keep it?",
    "Your appointment is at XXX.",
    "Your order XXXX is ready.",
    "Dear Customer Name, shall I keep it?",
    "Hi First Name, shall I keep it?",
    "Hi (name), shall I keep it?",
    "See you soon! Kind regards, Your Name",
    "Hello client_name, are you there?",
    "Dear ClientName, are you there?",
    "The price is [insert price here].",
    "The price is (insert price).",
    "The date is TBD, shall I tell you?",
    "Hallo [Vorname], passt der Termin?",
    "Liebe/r Name, passt der Termin?",
    "Bonjour [Prénom], toujours intéressé ?",
    "Hola [Nombre], ¿sigue interesado?",
    "Estimado Nombre, ¿sigue interesado?",
    "Ciao [Nome], è ancora interessato?",
    "Olá [Nome], ainda tem interesse?",
    "Здравствуйте, [Имя]! Вам ещё нужен велосипед?",
    "Здравствуйте, Имя! Вам ещё нужен велосипед?",
    "Merhaba [İsim], hâlâ ilgileniyor musunuz?",
    "مرحبا [اسم]، هل ما زلت مهتما؟",
    "مرحبا اسم العميل، هل ما زلت مهتما؟",
    "【姓名】您好，请问还需要吗？",
    "您好，[客户姓名]，请问还需要吗？",
    "【お名前】様、ご検討はいかがでしょうか。",
    "नमस्ते [नाम], क्या आपको अभी भी चाहिए?",
]

NO_BLANKS = [
    "Hi Kim, are you still interested?",
    "It is the third one in the list [1].",
    "It opens at nine (see above).",
    "Could you tell me your name and the name of your company?",
    "What date would suit you?",
    "I <3 that colour too!",
    "5 < 7, so the smaller one fits.",
    "We have it in XL and XXL; XXXL comes on Monday.",
    "See you soon xxx",
    "Two bikes (one blue, one red) are left for you to try.",
    "Is 10:00-11:00 good for you?",
    "Gilt das Angebot (siehe oben) noch für Sie?",
    "Passt der Termin (Dienstag, 10 Uhr)?",
    "C'est pour vous (ou pour un ami) ?",
    "¿Le va bien el martes (por la mañana)?",
    "Va bene martedì (mattina)?",
    "Serve na terça (de manhã)?",
    "Вам удобно во вторник (утром)?",
    "Salı (sabah) uygun mu?",
    "هل يناسبك يوم الثلاثاء (صباحا)؟",
    "星期二（上午）方便吗？",
    "火曜日（午前）はいかがでしょうか。",
    "【重要】明日は定休日です。",
    "क्या मंगलवार (सुबह) ठीक रहेगा?",
    "Your code is A_1 and the file is a_b.txt.",
    "100 % wool, as you wished.",
    "The shop is on Name Street... no, Main Street!",
    "Dear Kim, the name of the bike is Blue.",
]


@pytest.mark.parametrize("text", BLANKS)
def test_a_blank_is_seen(text: str) -> None:
    assert placeholder_in(text, []) is not None


@pytest.mark.parametrize("text", NO_BLANKS)
def test_ordinary_brackets_and_names_are_none(text: str) -> None:
    assert placeholder_in(text, []) is None


def test_what_was_said_in_brackets_may_be_said_again() -> None:
    said = ["Do you have the model [Pro] too?"]

    assert placeholder_in("The [pro] is here.", said) is None
    assert placeholder_in("The [Pro Max] is here.", said) == "[Pro Max]"


@pytest.mark.parametrize("text", ["", " \n\t", "…", "?!", "\u200b", "\u00a0 —"])
def test_nothing_to_read_is_a_fault(text: str) -> None:
    assert fault_in(text, Grounds()) == Found(Fault.EMPTY)


@pytest.mark.parametrize("text", ["👍", "Да", "好", "1", "🙂🙂"])
def test_little_is_something(text: str) -> None:
    assert fault_in(text, Grounds()) is None


def test_the_longest_text_is_counted_as_networks_count() -> None:
    assert fault_in("a" * LONGEST_REMINDER, Grounds()) is None
    assert fault_in("🚲" * (LONGEST_REMINDER // 2), Grounds()) is None
    assert fault_in("a" * (LONGEST_REMINDER + 1), Grounds()) == Found(Fault.TOO_LONG)
    assert fault_in("🚲" * (LONGEST_REMINDER // 2 + 1), Grounds()) == Found(Fault.TOO_LONG)


def test_the_longest_reminder_fits_every_network() -> None:
    telegram, whatsapp = 4096, 1600

    assert min(telegram, whatsapp) > LONGEST_REMINDER
