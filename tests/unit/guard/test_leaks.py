"""Instruction, persona and rules are never shown word for word."""

import pytest

from bot.wording import leaks, words

INSTRUCTION = "Gently remind the client that we are still here for them and offer a test ride."
PERSONA = (
    "You are Anna of a bike shop. Never give more than ten percent to anybody, and only if asked. "
    "We are open Monday to Friday from 9 to 18. If a client asks not to be contacted, agree at once."
)
CHINESE = "请温和地提醒客户我们一直都在，并询问他们是否还需要试骑这辆自行车。"
RUSSIAN = "Мягко напомни клиенту о заказе и предложи ему удобное время для примерки."
HINDI = "ग्राहक को नरमी से याद दिलाओ कि हम यहाँ हैं और साइकिल चलाकर देखने का सुझाव दो।"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (INSTRUCTION, INSTRUCTION),
        (INSTRUCTION.upper(), INSTRUCTION),
        ("I should gently remind the client that we are still here for them!", INSTRUCTION),
        ("Gently remind the client, that we are still: here", INSTRUCTION),
        ("Never give more than ten percent to anybody, they said", PERSONA),
        ("If a client asks not to be contacted, agree at once.", PERSONA),
        ("Say hi", "Say hi"),
        ("ask for the size", "Ask for the size."),
        ("Hello! Ask for the size.", "Ask for the size"),
        (f"你好，{CHINESE}", CHINESE),
        ("提醒客户我们一直都在，并询问他们是否还需要", CHINESE),
        (RUSSIAN, RUSSIAN),
        ("Напомни клиенту о заказе и предложи ему удобное время", RUSSIAN),
        (HINDI, HINDI),
        ("याद दिलाओ कि हम यहाँ हैं और साइकिल चलाकर देखने का सुझाव", HINDI),
    ],
)
def test_a_long_run_of_its_words_is_a_leak(text: str, secret: str) -> None:
    assert leaks(text, secret, facts_are_free=secret is PERSONA)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("We are still here for you. Would you like a test ride?", INSTRUCTION),
        ("We are open Monday to Friday from 9 to 18.", PERSONA),
        ("Open Monday to Friday, from 9 to 18, come by!", PERSONA),
        ("I am Anna of the bike shop. Still looking?", PERSONA),
        ("Say hi to your wife!", "Say hi"),
        ("What size do you need?", "Ask for the size"),
        ("您好，请问您还想试骑那辆自行车吗？", CHINESE),
        ("我们一直都在，随时联系我。", CHINESE),
        ("Вам удобно прийти на примерку завтра?", RUSSIAN),
        ("Ваш заказ готов, предложу время для примерки.", RUSSIAN),
        ("क्या आप साइकिल चलाकर देखना चाहेंगे?", HINDI),
        ("हम यहाँ हैं, कभी भी लिखिए।", HINDI),
        ("", INSTRUCTION),
        ("Anything", ""),
        ("Hello", "!!!"),
    ],
)
def test_words_that_any_shop_uses_are_none(text: str, secret: str) -> None:
    assert not leaks(text, secret, facts_are_free=secret is PERSONA)


def test_marks_belong_to_their_words_and_signs_without_blanks_stand_alone() -> None:
    assert words("मुझे Fahrräder, 好吗？ ＡＢＣ") == ["मुझे", "fahrräder", "好", "吗", "abc"]
