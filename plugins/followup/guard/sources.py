"""Whose words count: what clients write to people does, what they write to machines does not."""

import re
from collections.abc import Sequence

from bot.api import words
from plugins.followup.guard.faults import Grounds
from plugins.followup.guard.sieve import Sieve

_FEWEST = 5
_SHARE = 0.8
_SENTENCE = re.compile(r"[^.!?؟。！？\n]+[.!?؟。！？\n]*")
_ORDERS = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instruction|rule|prompt|guideline"
    r"|previous|above|everything)"
    r"|\bsystem (?:prompt|message|override)\b|\byou are now\b|\bdeveloper mode\b|\bjailbreak"
    r"|\b(?:reply|answer|respond|write|say|repeat)\b.{0,20}\b(?:exactly|only with|word for word"
    r"|verbatim|after me)\b|\bprint your\b|\breveal your\b|\bact as (?:if|a|an|my)\b"
    r"|\b(?:ignorier\w*|vergiss|missachte)\b.{0,40}(?:anweisung|regel|prompt|vorgabe|befehl)"
    r"|\b(?:ignore[zr]?|oublie[zr]?)\b.{0,40}(?:instruction|consigne|règle)"
    r"|\b(?:ignora|olvida|ignore|esqueça|dimentica|descarta)\b.{0,40}(?:instruc|instruç|istruzion"
    r"|regla|regra|regole|indicaciones|órdenes)"
    r"|(?:игнорируй|забудь|проигнорируй|не обращай внимания на).{0,40}(?:инструкц|правил|указан"
    r"|команд)"
    r"|(?:talimat|kural|komut).{0,30}(?:yok say|unut|görmezden|dikkate alma)"
    r"|(?:تجاهل|انس|انسَ).{0,40}(?:تعليمات|القواعد|الأوامر|التوجيهات)"
    r"|(?:忽略|无视|忘记|忘掉).{0,20}(?:指令|指示|规则|提示|设定)"
    r"|(?:指示|命令|ルール|プロンプト|設定).{0,12}(?:無視|忘れ)"
    r"|(?:निर्देश|नियम|आदेश).{0,30}(?:भूल|अनदेखा|नज़रअंदाज़|अनसुना)"
    r"|<\|.{0,60}?\|>|\[/?inst\]|<<sys>>|^[^\S\n]*(?:system|assistant)\s*:|\"verdict\"\s*:",
    re.IGNORECASE | re.DOTALL | re.MULTILINE,
)

is_order = Sieve(_ORDERS)
"""Whether a client's message talks to the machine rather than to the shop."""


def orders_in(grounds: Grounds) -> Sequence[str]:
    """What the client said to the machine."""
    return [text for text in grounds.client if is_order(text)]


def sources(grounds: Grounds, orders: Sequence[str]) -> Sequence[str]:
    """All that a figure, a link or a promise may come from; orders are no such thing."""
    said = [text for text in grounds.client if text not in orders] if orders else grounds.client
    return [grounds.name, grounds.persona, grounds.instruction, *grounds.ours, *said]


def obeys(text: str, orders: Sequence[str]) -> bool:
    """Whether the text is what one of the orders had asked to be written."""
    said = words(text) if orders else []
    return any(_taken(said, words(_told(order))) for order in orders)


def _told(text: str) -> str:
    """The message without its questions: those may well be for the shop."""
    return " ".join(part for part in _SENTENCE.findall(text) if part.strip()[-1:] not in "?؟？")


def _taken(said: list[str], order: list[str]) -> bool:
    known = set(order)
    if said and sum(word in known for word in said) >= _SHARE * len(said):
        return True
    ordered = f" {' '.join(order)} "
    runs = (said[start : start + _FEWEST] for start in range(len(said) - _FEWEST + 1))
    return any(f" {' '.join(run)} " in ordered for run in runs)
