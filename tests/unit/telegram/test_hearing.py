"""What updates mean, and that none of any form does harm."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.testing import MONDAY
from channels.telegram.content import content
from channels.telegram.hearing import Ear, Heard
from channels.telegram.intake import chat_in
from channels.telegram.shapes import Said, Update

EAR = Ear("tg", 42, {"900"}, {"followup"})
CHAT = {"id": 5, "type": "private"}
KINDS = ["photo", "voice", "location", "contact", "venue", "poll", "dice", "audio", "document"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "duration", "latitude", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "message_id": st.integers() | JSON,
        "date": st.integers() | JSON,
        "chat": st.just(CHAT) | JSON,
        "from": st.just({"id": 5, "first_name": "Ann"}) | JSON,
        "text": st.text(max_size=9) | JSON,
        "caption": JSON,
        "reply_markup": JSON,
        "message_thread_id": JSON,
        "business_connection_id": JSON,
        **dict.fromkeys(KINDS, JSON),
    },
)
UPDATES = st.fixed_dictionaries(
    {"update_id": st.integers()},
    optional={
        "message": FIELDS | JSON,
        "business_message": FIELDS | JSON,
        "callback_query": st.fixed_dictionaries(
            {"id": st.text(max_size=3), "from": st.just({"id": 900}), "message": FIELDS | JSON},
            optional={"data": JSON},
        )
        | JSON,
        "my_chat_member": JSON,
    },
)


@given(UPDATES)
def test_no_update_is_more_than_refused(raw: dict[str, Any]) -> None:
    chat_in(raw)
    try:
        update = Update.model_validate(raw)
    except ValidationError:
        return

    heard = EAR.hear(update, MONDAY)

    if isinstance(heard, Heard):
        assert isinstance(heard.incoming.text, str)
        assert heard.incoming.at.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("kind", "thing", "text"),
    [
        ("voice", {"duration": 12}, "[voice message, 12 s]"),
        ("voice", {}, "[voice message]"),
        ("video", {"duration": 3}, "[video, 3 s]"),
        ("video_note", {"duration": 3}, "[video message, 3 s]"),
        ("audio", {"performer": "A", "title": "B", "duration": 9}, "[audio: A - B, 9 s]"),
        ("audio", {"duration": 9}, "[audio, 9 s]"),
        ("document", {}, "[file]"),
        ("sticker", {}, "[sticker]"),
        ("dice", {"emoji": "🎲", "value": 4}, "[dice 🎲 4]"),
        ("poll", {"question": "When?"}, "[poll: When?]"),
        ("checklist", {"title": "Bring"}, "[checklist: Bring]"),
        ("story", {}, "[story]"),
        ("location", {"latitude": -0.123456, "longitude": 7}, "[location -0.12346, 7.00]"),
        ("location", {}, "[location]"),
        ("contact", {"first_name": "A", "last_name": "B"}, "[contact: A B]"),
        ("web_app_data", {"button_text": "Book", "data": "9:00"}, "[Book: 9:00]"),
        ("pinned_message", {}, None),
        ("successful_payment", {}, None),
        ("something_new", {}, None),
    ],
)
def test_content_is_told_in_words(kind: str, thing: dict[str, Any], text: str | None) -> None:
    said = Said.model_validate({"message_id": 1, "chat": CHAT, kind: thing})

    assert content(said) == text


@pytest.mark.parametrize(
    ("who", "text"), [(900, "/followup add 4h Ask them"), (5, "Ask them")], ids=["admin", "client"]
)
def test_only_an_admins_reply_completes_a_command(who: int, text: str) -> None:
    asked = {"message_id": 7, "chat": CHAT, "from": {"id": 42}, "text": "What?\n\n/followup add 4h"}
    said = {"message_id": 8, "chat": CHAT, "from": {"id": who}, "text": "Ask them"}

    heard = EAR.hear(
        Update.model_validate({"update_id": 1, "message": {**said, "reply_to_message": asked}}),
        MONDAY,
    )

    assert isinstance(heard, Heard)
    assert heard.command is not None
    assert (heard.command.text, heard.incoming.text) == (text, "Ask them")


def test_a_venue_is_a_place_not_only_a_location() -> None:
    point = {"latitude": 52.5, "longitude": 13.25}
    venue = {"location": point, "title": "Cafe", "address": "Main St 1"}
    said = Said.model_validate({"message_id": 1, "chat": CHAT, "venue": venue, "location": point})

    assert content(said) == "[place: Cafe, Main St 1, 52.50, 13.25]"


def test_an_animation_is_no_file() -> None:
    both = {"animation": {}, "document": {"file_name": "a.mp4"}}

    said = Said.model_validate({"message_id": 1, "chat": CHAT, "caption": "look", **both})

    assert content(said) == "[animation] look"


@pytest.mark.parametrize(
    ("update", "chat"),
    [
        ({"update_id": 1, "message": {"chat": {"id": 5}}}, 5),
        ({"update_id": 1, "callback_query": {"message": {"chat": {"id": 6}}}}, 6),
        ({"update_id": 1, "inline_query": {"from": {"id": 7}}}, 7),
        ({"update_id": 1, "business_message": {"chat": {"id": 8}}}, 8),
        ({"update_id": 1}, None),
        ({"update_id": 1, "message": {"chat": {"id": [1]}}}, None),
    ],
)
def test_order_is_kept_within_what_belongs_together(update: dict[str, Any], chat: object) -> None:
    assert chat_in(update) == chat
