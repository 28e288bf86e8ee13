"""What a message says, in words that the employee can read."""

from collections.abc import Callable, Mapping
from typing import Any

from channels.telegram.shapes import Said


def content(said: Said) -> str | None:
    """The text, or a placeholder such as "[photo] with its caption"; None for a service message."""
    if said.text is not None:
        return said.text
    for kind, placeholder in _KINDS.items():
        if kind in said.rest:
            shown = f"[{placeholder(said.rest[kind])}]"
            return f"{shown} {said.caption}" if said.caption else shown
    return said.caption


# So far east or west there is anything at all.
_HALF = 180


def _simply(words: str) -> Callable[[Any], str]:
    return lambda _thing: words


def _lasting(words: str) -> Callable[[Any], str]:
    return lambda thing: _joined([words, _seconds(thing)])


def _titled(words: str, key: str) -> Callable[[Any], str]:
    """Words, and what the thing is called: "file: offer.pdf"."""
    return lambda thing: f"{words}: {name}" if (name := _text(thing, key)) else words


def _audio(thing: Any) -> str:
    name = " - ".join(filter(None, [_text(thing, "performer"), _text(thing, "title")]))
    return _joined([f"audio: {name}" if name else "audio", _seconds(thing)])


def _sticker(thing: Any) -> str:
    return f"sticker {_text(thing, 'emoji')}".strip()


def _dice(thing: Any) -> str:
    return f"dice {_text(thing, 'emoji')} {_text(thing, 'value')}".strip()


def _location(thing: Any) -> str:
    return f"location {_point(thing)}".strip()


def _venue(thing: Any) -> str:
    about = [_text(thing, "title"), _text(thing, "address"), _point(_table(thing).get("location"))]
    return f"place: {_joined(about)}"


def _contact(thing: Any) -> str:
    name = f"{_text(thing, 'first_name')} {_text(thing, 'last_name')}".strip()
    return f"contact: {_joined([name, _text(thing, 'phone_number')])}"


def _from_app(thing: Any) -> str:
    return f"{_text(thing, 'button_text') or 'web app'}: {_text(thing, 'data')}"


# In this order: an animation also has a document, a venue also has a location.
_KINDS: Mapping[str, Callable[[Any], str]] = {
    "live_photo": _simply("live photo"),
    "photo": _simply("photo"),
    "voice": _lasting("voice message"),
    "video_note": _lasting("video message"),
    "video": _lasting("video"),
    "animation": _simply("animation"),
    "audio": _audio,
    "document": _titled("file", "file_name"),
    "sticker": _sticker,
    "venue": _venue,
    "location": _location,
    "contact": _contact,
    "poll": _titled("poll", "question"),
    "checklist": _titled("checklist", "title"),
    "dice": _dice,
    "game": _titled("game", "title"),
    "invoice": _titled("invoice", "title"),
    "story": _simply("story"),
    "paid_media": _simply("paid media"),
    "rich_message": _simply("formatted message"),
    "web_app_data": _from_app,
    "users_shared": _simply("shared contacts"),
    "chat_shared": _simply("shared a chat"),
}


def _table(thing: Any) -> Mapping[str, Any]:
    return thing if isinstance(thing, Mapping) else {}


def _text(thing: Any, key: str) -> str:
    found = _table(thing).get(key)
    return str(found) if isinstance(found, str | int) else ""


def _seconds(thing: Any) -> str:
    length = _text(thing, "duration")
    return f"{length} s" if length else ""


def _point(thing: Any) -> str:
    """Latitude and longitude, to about a metre."""
    found = [_table(thing).get(key) for key in ("latitude", "longitude")]
    if not all(isinstance(each, int | float) and abs(each) <= _HALF for each in found):
        return ""
    return ", ".join(_degrees(each) for each in found if each is not None)


def _degrees(number: float) -> str:
    whole, _, part = f"{number:.5f}".partition(".")
    return f"{whole}.{part.rstrip('0'):0<2}"


def _joined(words: list[str]) -> str:
    return ", ".join(filter(None, words))
