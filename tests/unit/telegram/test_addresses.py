"""How a Telegram chat is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.api import Chat, ChatRef, ChatUnreachableError
from channels.telegram.addresses import address_of, is_business, moved, place_in, place_of


@given(st.integers(min_value=1), st.none() | st.text(min_size=1, max_size=20))
def test_an_address_names_its_chat(number: int, connection: str | None) -> None:
    place = place_of(address_of(number, connection))

    assert place["chat_id"] == number
    assert place.get("business_connection_id") == connection
    assert is_business(address_of(number, connection)) is (connection is not None)


@pytest.mark.parametrize("address", ["", "abc", "5x", "business:conn:", "business:conn:x", "²"])
def test_what_is_none_of_telegrams_cannot_be_reached(address: str) -> None:
    with pytest.raises(ChatUnreachableError):
        place_of(address)


@pytest.mark.parametrize(
    ("address", "route", "thread"),
    [("5", "31", 31), ("5", None, None), ("5", "x", None), ("business:c:5", "31", None)],
)
def test_a_topic_is_named_only_where_there_are_any(
    address: str, route: str | None, thread: int | None
) -> None:
    chat = Chat(1, ChatRef("tg", address), "anna", route=route)

    assert place_in(chat).get("message_thread_id") == thread


def test_a_chat_that_moved_keeps_its_connection() -> None:
    assert moved("5", -100) == "-100"
    assert moved("business:a:b:5", 7) == "business:a:b:7"
