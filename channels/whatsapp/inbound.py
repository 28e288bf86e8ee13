"""What a client sent, as the employee can read it."""

import re
from collections.abc import Callable
from datetime import datetime

from starlette.datastructures import ImmutableMultiDict

from bot.api import Author, ChatRef, Incoming

Form = ImmutableMultiDict[str, str]

_NO_MESSAGES = frozenset({"reaction", "system", "edit", "revoke", "ephemeral"})
_STOP = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "REVOKE", "OPTOUT", "CANCEL"})
_START = frozenset({"START", "UNSTOP"})
_PASSED_ON = ("Forwarded", "FrequentlyForwarded")
_MOST_MEDIA = 10
_UNREADABLE = "[message that cannot be shown here]"
_KINDS: dict[str, Callable[[str], bool]] = {
    "contact": lambda kind: kind.endswith("vcard"),
    "sticker": lambda kind: kind == "image/webp",
    "photo": lambda kind: kind.startswith("image/"),
    "voice message": lambda kind: kind.startswith("audio/"),
    "video": lambda kind: kind.startswith("video/"),
}


def incoming(account: str, form: Form, at: datetime) -> Incoming | None:
    """The client's message; None for what is none, like a reaction. Its id is checked already."""
    if form.get("MessageType", "").lower() in _NO_MESSAGES:
        return None
    address = form.get("From", "")
    return Incoming(
        ref=ChatRef(account, address),
        id=message_id(form),
        author=Author.CLIENT,
        text=_text(form),
        at=at,
        name=_plain(form.get("ProfileName", "")) or None,
        sender=address.removeprefix("whatsapp:"),
        route=form.get("To"),
        opt_out=_opt_out(form),
        told=bool(form.get("OptOutType")),
    )


def message_id(form: Form) -> str:
    """Twilio's own id of the message, "" if there is none."""
    return form.get("MessageSid") or form.get("SmsMessageSid") or ""


def is_passed_on(form: Form) -> bool:
    """Whether somebody else wrote it, and the sender only forwards it."""
    return "true" in {form.get(mark, "").lower() for mark in _PASSED_ON}


def _text(form: Form) -> str:
    said = _plain(form.get("ButtonText") or form.get("ListTitle") or form.get("Body", ""))
    blocks = [*_media(form), *_location(form), said]
    return " ".join(block for block in blocks if block) or _UNREADABLE


def _plain(text: str) -> str:
    """Without the one character that databases refuse."""
    return text.replace("\0", "").strip()


def _media(form: Form) -> list[str]:
    told = form.get("NumMedia", "0")
    count = int(told) if re.fullmatch(r"[0-9]{1,2}", told) else 0
    kinds = [form.get(f"MediaContentType{n}", "") for n in range(min(count, _MOST_MEDIA))]
    return [f"[{_kind(kind.partition(';')[0].strip().lower())}]" for kind in kinds]


def _kind(media_type: str) -> str:
    return next((kind for kind, fits in _KINDS.items() if fits(media_type)), "document")


def _location(form: Form) -> list[str]:
    latitude, longitude = form.get("Latitude", ""), form.get("Longitude", "")
    if not latitude or not longitude:
        return []
    words = [f"[location {_degrees(latitude)}, {_degrees(longitude)}]"]
    said = form.get("Body", "")
    more = dict.fromkeys(_plain(form.get(key, "")) for key in ("Label", "Address"))
    return [*words, *(word for word in more if word and word not in said)]


def _degrees(text: str) -> str:
    """As it was sent, cut to what a street needs."""
    found = re.match(r"-?[0-9]{1,3}(?:\.[0-9]{1,5})?", text.strip())
    return found[0] if found else "?"


def _opt_out(form: Form) -> bool | None:
    """Twilio's own verdict, or a message that is nothing but one of the network's words."""
    said = form.get("OptOutType") or form.get("ButtonText") or form.get("Body", "")
    # In one pass: a text of blanks that ends in a letter must cost no more than any other.
    found = re.fullmatch(r"\s*(\w+)[\s.,;:!?…]*", said)
    word = found[1].upper() if found else ""
    if word in _STOP:
        return True
    return False if word in _START else None
