"""Words that may stand in the database and reach their own chat, and nowhere else."""

import base64
from collections.abc import Iterator, Mapping
from urllib.parse import quote

WORDS: Mapping[str, str] = {
    "a client's text": "Kanarienvogel singt um neun",
    "a client's name": "Wilhelmina Zaunkoenig",
    "a button's data": "zilpzalp-gedrueckt",
    "a broken update": "girlitz im Update",
    "a manager's text": "Gimpel sagt der Kollege",
    "an admin's command": "Bluthaenfling als Anweisung",
    "an employee's text": "Stieglitz antwortet gern",
    "a persona": "Zeisig ist geduldig",
    "an instruction": "Erlenzeisig soll erinnern",
    "a form's field": "Rotkehlchen im Formular",
    "an address": "Heckenbraunelle",
    "a stranger's token": "fbt_Goldammer1234567890abcdef",
    "a user": "Wintergoldhaehnchen",
    "a password": "Feldsperling!und!Haussperling",
    "a phone number": "4917055512349",
    "a Telegram chat": "7055512349",
    "the Telegram token": "4242:AAH_canary-token_of_thirty-five_sig",
    "the webhook's secret": "canary_Secret_of_webhook",
    "the Twilio token": "twilio0canary0token0of0thirty0two",
    "the model's key": "sk-canary-key-of-the-model",
    "the measures' token": "canary-token-of-the-measures",
    "the database's password": "canary-pass-of-the-database",
}


def found_in(place: bytes, words: Mapping[str, str] = WORDS) -> list[str]:
    """Whose words stand there, as they are or in another spelling."""
    return [
        name for name, word in words.items() if any(spelled in place for spelled in _spelled(word))
    ]


def _spelled(word: str) -> Iterator[bytes]:
    raw = word.encode()
    yield raw
    yield quote(word).encode()
    yield word.replace(" ", "+").encode()
    yield raw.hex().encode()
    # Wherever it begins, what lies between the edges is always spelled alike.
    for before in range(3):
        coded = base64.b64encode(bytes(before) + raw)
        yield coded[4:-4]
