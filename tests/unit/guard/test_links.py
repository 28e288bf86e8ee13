"""Links, addresses and numbers come from somewhere."""

import pytest

from plugins.followup.guard.links import invented_link

KNOWN = [
    "Have a look at https://www.shop.example/bikes?size=54.",
    "Write to anna@shop.example or call +49 30 1234567.",
    "Our page is fahrrad-mueller.de, on Telegram @mueller_bikes",
]

INVENTED = [
    "Look at https://evil.example/pay",
    "http://shop.example/other",
    "www.cheap-bikes.com has it",
    "It is on bikes.shop, look!",
    "Book at calendly.com/anna",
    "Pay here: paypal.me/anna",
    "Write to info@shop.example",
    "Write to kim@gmail.com",
    "Call +49 30 7654321",
    "Call 030 7654321",
    "Call (030) 765-4321",
    "Ruf an: 0171/7654321",
    "Schau auf fahrrad-maier.de",
    "Voyez sur velo-paris.fr",
    "Mira en tienda-bici.es/azul",
    "Guardi su bici.it",
    "Смотрите на velo.ru",
    "Пишите @other_shop",
    "Звоните: +7 (495) 765-43-21",
    "Bakın: bisiklet.com.tr",
    "اتصل على ٠٥٠٧٦٥٤٣٢١",
    "请看 bikes.cn/blue",
    "t.me/anna_bikes",
    "tel:+498912345",
    "mailto:anna@other.example",
    "WWW.BIKES.COM",
]

GIVEN = [
    "It is at https://www.shop.example/bikes?size=54.",
    "It is at shop.example/bikes?size=54!",
    "See shop.example",
    "Write to anna@shop.example, please.",
    "Call +49 30 1234567 or 030 1234567.",
    "Call 0049 (30) 123 45 67",
    "On fahrrad-mueller.de you see it.",
    "Find us as @mueller_bikes",
    # No addresses at all.
    "Gladly.In the morning or in the afternoon?",
    "It opens at 9.30, e.g. on Monday.",
    "Come on 12.03.2027 or 2027-03-12.",
    "Between 10:00-18:00 we are here.",
    "Vom 12.03. - 14.03. sind wir zu.",
    "It is 1.250.000 in total.",
    "Your order is 100200300400.",
    "Node.js and Vue are known to us.",
    "Dr.Meier is back at 5 p.m.",
    "Size 54/56/58?",
    "Ваш размер 54/56?",
    "订单 2027031288 已发货",
    "z.B. morgen, u.a. auch abends",
    "Well...maybe tomorrow?",
    "Is it 15-20 km, 300-400 m up?",
]


@pytest.mark.parametrize("text", INVENTED)
def test_an_address_that_nobody_gave_is_seen(text: str) -> None:
    assert invented_link(text, KNOWN) is not None


@pytest.mark.parametrize("text", GIVEN)
def test_what_was_given_and_what_is_no_address_passes(text: str) -> None:
    assert invented_link(text, KNOWN) is None
