"""Prices and percentages come from somewhere."""

import pytest

from plugins.followup.guard.figures import invented_amount

KNOWN = ["The blue one is 450 euros, the red one €1,250.00.", "Repairs: 89,90 €", "10 % in May"]

INVENTED = [
    "It is 400 euros today.",
    "It is only €399.",
    "$45 and it is yours.",
    "That would be 45 USD.",
    "For 1,300 euros you get both.",
    "It is £300.",
    "Costs 99.50 €.",
    "You get 15% off.",
    "15 percent less for you.",
    "Für 440 Euro gehört es Ihnen.",
    "Sie bekommen 20 Prozent.",
    "Pour 430 € il est à vous.",
    "20 pour cent de moins.",
    "Por 400 pesos es suya.",
    "Costa 95 €.",
    "Sai por R$ 300.",
    "20 por cento",
    "Отдадим за 400 рублей.",
    "Всего 5 000 ₽.",
    "20 процентов для вас",
    "Size 400 TL'ye veririz.",
    "Size %20 indirim.",
    "السعر ٤٠٠ درهم",
    "فقط 300 ريال",
    "خصم ٢٥٪ لك",
    "只要400元",
    "特价 ¥399",
    "400円でお譲りします。",
    "केवल 400 रुपये",
    "₹400 में आपकी",
    "२५% कम",
    "१५ प्रतिशत",
    "₩40,000",
    "It is 1.251 €.",
]

GIVEN = [
    "It is 450 euros, as I said.",
    "It is €450.00.",
    "The red one is 1250 euros.",
    "The red one is 1.250 €.",
    "The red one is 1 250,00 €.",
    "A repair is 89.90 €.",
    "10% in May, shall I?",
    "10 percent in May",
    "Für 450 Euro, wie besprochen.",
    "450 € en tout.",
    "Синий стоит 450 евро.",
    "450 avro demiştik.",
    "السعر ٤٥٠ يورو",
    "蓝色的450欧元",
    "450ユーロです。",
    "४५० यूरो",
    "%10 mayısta",
    # Numbers that are no money.
    "Tuesday at 10, or Thursday at 15?",
    "We have 3 of them in size 54.",
    "It takes 45 minutes.",
    "Your order 88123 is here.",
    "Call after 5 pm.",
    "Size 42, 5 real leather pairs are here.",
    "Chapter 7 is 30 pages.",
    "We open on 3 March 2027.",
    "Раз в 2 года",
    "第3页",
    "3点见",
    "3 kg für den Hund",
]


@pytest.mark.parametrize("text", INVENTED)
def test_an_amount_that_nobody_named_is_seen(text: str) -> None:
    assert invented_amount(text, KNOWN) is not None


@pytest.mark.parametrize("text", GIVEN)
def test_what_was_named_and_what_is_no_amount_passes(text: str) -> None:
    assert invented_amount(text, KNOWN) is None


def test_the_piece_is_told() -> None:
    assert invented_amount("Yours for 399 euros!", []) == "399 euros"
