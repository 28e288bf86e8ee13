"""What a client sends, as the employee reads it."""

from typing import Any

import pytest
from starlette.datastructures import ImmutableMultiDict

from bot.model import Author, ChatRef
from bot.testing import MONDAY
from channels.whatsapp.inbound import incoming
from tests.chaos.twilio import written

ACCOUNT, NUMBER = "AC" + "0" * 32, "whatsapp:+14155238886"


def read(**fields: str) -> Any:
    form = ImmutableMultiDict(written(1, ACCOUNT, NUMBER, **fields))
    return incoming("wa", form, MONDAY)


def media(*kinds: str, **more: str) -> dict[str, str]:
    told = {f"MediaContentType{n}": kind for n, kind in enumerate(kinds)}
    return {"NumMedia": str(len(kinds)), "Body": "", **told, **more}


def test_a_text_comes_with_who_wrote_it() -> None:
    said = read(Body=" Hello ")

    assert said.ref == ChatRef("wa", "whatsapp:+491701112233")
    assert (said.author, said.text, said.at) == (Author.CLIENT, "Hello", MONDAY)
    assert (said.name, said.sender) == ("Ann Client", "+491701112233")
    assert said.id == f"SM{1:032x}"
    assert said.route == NUMBER
    assert said.opt_out is None


def test_an_address_need_not_be_a_number() -> None:
    assert read(From="whatsapp:DE.1a2b3c").ref.address == "whatsapp:DE.1a2b3c"


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        (media("image/jpeg"), "[photo]"),
        (media("image/jpeg", Body="My bike"), "[photo] My bike"),
        (media("image/png", "image/jpeg"), "[photo] [photo]"),
        (media("audio/ogg; codecs=opus"), "[voice message]"),
        (media("video/mp4"), "[video]"),
        (media("image/webp", MessageType="sticker"), "[sticker]"),
        (media("application/pdf", Body="offer.pdf"), "[document] offer.pdf"),
        (media("text/vcard", MessageType="contacts"), "[contact]"),
        (media(""), "[document]"),
        ({"NumMedia": "x", "Body": "Hi"}, "Hi"),
        ({"Latitude": "52.52", "Longitude": "13.40", "Body": ""}, "[location 52.52, 13.40]"),
        (
            {"Latitude": "52.5200066", "Longitude": "-13.4", "Label": "Shop", "Body": ""},
            "[location 52.52000, -13.4] Shop",
        ),
        (
            {"Latitude": "1", "Longitude": "2", "Body": "Shop", "Label": "Shop", "Address": "A 1"},
            "[location 1, 2] A 1 Shop",
        ),
        ({"ButtonText": "Yes, please", "ButtonPayload": "yes", "Body": "yes"}, "Yes, please"),
        ({"ListTitle": "Tuesday", "Body": "tue"}, "Tuesday"),
        ({"Body": "", "MessageType": "unsupported"}, "[message that cannot be shown here]"),
        ({"Body": "a\0b"}, "ab"),
    ],
)
def test_whatever_was_sent_can_be_read(fields: dict[str, str], text: str) -> None:
    assert read(**fields).text == text


@pytest.mark.parametrize("kind", ["reaction", "system", "REACTION", "edit"])
def test_reactions_and_notices_are_no_client_messages(kind: str) -> None:
    assert read(MessageType=kind, Body="👍") is None


@pytest.mark.parametrize(
    "word",
    [
        "STOP",
        "stop",
        "Stop.",
        "StopAll",
        "unsubscribe",
        "END",
        "quit",
        "revoke",
        "OptOut",
        "CANCEL!",
    ],
)
def test_a_single_word_says_that_no_more_is_wanted(word: str) -> None:
    assert read(Body=word).opt_out is True


@pytest.mark.parametrize("word", ["START", "unstop", "Start!"])
def test_a_single_word_takes_that_back(word: str) -> None:
    assert read(Body=word).opt_out is False


@pytest.mark.parametrize("text", ["stop it", "Please cancel my order", "ends", "", "yes"])
def test_other_texts_say_nothing_of_the_kind(text: str) -> None:
    assert read(Body=text).opt_out is None


@pytest.mark.parametrize(("verdict", "out"), [("STOP", True), ("START", False), ("HELP", None)])
def test_twilio_s_own_verdict_counts_too(verdict: str, out: bool | None) -> None:  # noqa: FBT001  a parameter
    said = read(Body="arrêt", OptOutType=verdict)
    assert (said.opt_out, said.told) == (out, True)


def test_a_word_without_twilio_s_verdict_is_ours_to_confirm() -> None:
    assert not read(Body="STOP").told
