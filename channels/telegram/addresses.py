"""How a Telegram chat is written as an address: "123", or "business:<connection>:123"."""

from bot.api import Chat, ChatUnreachableError

_BUSINESS = "business:"


def address_of(chat: int, connection: str | None = None) -> str:
    """The address of a private chat, perhaps of a business that we answer for."""
    return f"{_BUSINESS}{connection}:{chat}" if connection else str(chat)


def person_of(address: str) -> str:
    """The number of the client, the same at every bot and in every business."""
    return address.rpartition(":")[2]


def is_business(address: str) -> bool:
    """Whether we write there in the name of a person."""
    return address.startswith(_BUSINESS)


def place_of(address: str) -> dict[str, object]:
    """The fields that name the chat to Telegram. Raises ChatUnreachableError."""
    before, _, number = address.rpartition(":")
    if not number.removeprefix("-").isdecimal():
        raise ChatUnreachableError("the address is none of Telegram's")
    place: dict[str, object] = {"chat_id": int(number)}
    if connection := before.removeprefix(_BUSINESS):
        place["business_connection_id"] = connection
    return place


def place_in(chat: Chat) -> dict[str, object]:
    """As `place_of`, in the topic where the client last wrote."""
    place = place_of(chat.ref.address)
    if chat.route and chat.route.isdecimal() and not is_business(chat.ref.address):
        place["message_thread_id"] = int(chat.route)
    return place


def moved(address: str, number: int) -> str:
    """The address after Telegram gave the chat another number."""
    before, colon, _ = address.rpartition(":")
    return f"{before}{colon}{number}"
