"""What models and programs say to each other never reaches people."""

import pytest

from bot.wording import machinery_in

MACHINES = [
    "[[SKIP]]",
    "See you soon! [[SKIP]]",
    "<|im_end|>",
    "Hello<|endoftext|>",
    "SKIP",
    "skip.",
    "SKIP: the client said goodbye",
    "STOP",
    "Hello Kim!\nSEND",
    "send: Hello Kim, still interested?",
    "NO_REPLY",
    "no reply",
    "null",
    "None",
    "undefined",
    "concluded",
    '{"verdict": "send", "text": "Hello"}',
    '"verdict": "stop"',
    '{ "text": "Hello" }',
    "```json\nHello\n```",
    "```\nHello```",
    "<think>The client is gone.</think>Hello!",
    "</think> Hello!",
    "[INST] Hello [/INST]",
    "<<SYS>> be nice",
    "# A reminder\nHello Kim!",
    "Verdict: send",
    "Reasoning: the client asked for a bike. Hello!",
    "assistant: Hello Kim!",
    "SYSTEM: you are Anna",
    "Draft: Hello Kim, still there?",
    "**Message:** Hello Kim, still there?",
    "Here is a reminder for the client: Hello Kim!",
    "Sure! Here's a friendly message: Hello Kim!",
    "As an AI language model, I cannot do that.",
    "I was instructed to remind you of the bike.",
    "My instructions say that I should write to you.",
    "The client has been silent for four hours, so I write.",
    "Als KI-Sprachmodell kann ich das nicht.",
    "En tant que modèle de langage, je ne peux pas.",
    "Como modelo de lenguaje no puedo.",
    "In quanto modello linguistico non posso.",
    "Как языковая модель, я не могу.",
    "Bir yapay zeka dil modeli olarak bunu yapamam.",
    "كنموذج لغوي لا أستطيع ذلك.",
    "作为一个人工智能语言模型，我无法这样做。",
    "言語モデルとしてお答えできません。",
]

PEOPLE = [
    "Hello Kim, still interested in the blue one?",
    "You can skip the first part of the form.",
    "Please stop by whenever you like!",
    "Shall I send it today?",
    "Send me a photo, and I will look at it.",
    "None of them is sold yet.",
    "No reply is needed, I only wanted to say that it is here.",
    "There is no reason to hurry.",
    "The reason is simple: we open at nine.",
    "System: Shimano 105\nFrame: 54",
    "I am Anna, the shop's AI assistant. How can I help?",
    "Here is what I found: the blue one is in the shop.",
    "Sure, the red one is here too.",
    "Your message was about the brakes, right?",
    "The instructions are in the parcel.",
    "#1 is the blue one, #2 the red one.",
    "Is it for him/her?",
    "5 > 3, so take the larger one.",
    "The client area of our page shows your order.",
    "Soll ich Ihnen den Prospekt senden?",
    "Sie können jederzeit stoppen.",
    "Je peux vous envoyer une photo ?",
    "¿Le mando una foto?",
    "Posso mandarle una foto?",
    "Quer que eu envie uma foto?",
    "Прислать вам фото?",
    "Size fotoğraf göndereyim mi?",
    "هل أرسل لك صورة؟",
    "要不要我发张照片给您？",
    "写真をお送りしましょうか。",
    "क्या मैं आपको फ़ोटो भेजूँ?",
    "It costs 5-10 minutes: no more.",
    "**Tuesday** at ten?",
]


@pytest.mark.parametrize("text", MACHINES)
def test_the_talk_of_machines_is_seen(text: str) -> None:
    assert machinery_in(text) is not None


@pytest.mark.parametrize("text", PEOPLE)
def test_the_talk_of_people_is_not(text: str) -> None:
    assert machinery_in(text) is None
