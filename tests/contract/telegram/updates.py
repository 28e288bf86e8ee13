"""Updates as Telegram sends them."""

from typing import Any

from tests.contract.telegram.stage import ADMIN, NOW

AT = int(NOW.timestamp())
BOT = {"id": 42, "is_bot": True, "first_name": "Chaos"}


def person(number: int = 5, **more: Any) -> dict[str, Any]:
    return {"id": number, "is_bot": False, "first_name": "Ann", **more}


def private(number: int = 5) -> dict[str, Any]:
    return {"id": number, "type": "private", "first_name": "Ann"}


def said(text: str | None = "Hello", who: int = 5, number: int = 11, **more: Any) -> dict[str, Any]:
    message = {"message_id": number, "date": AT, "chat": private(who), "from": person(who)}
    return {"message": {**message, **({"text": text} if text is not None else {}), **more}}


def business(text: str = "Hello", who: int = 5, **more: Any) -> dict[str, Any]:
    message = said(text, who, business_connection_id="conn", chat=private(5), **more)["message"]
    return {"business_message": message}


def pressed(data: str, label: str = "Yes", who: int = ADMIN, **more: Any) -> dict[str, Any]:
    keyboard = [[{"text": "No", "callback_data": "n"}, {"text": label, "callback_data": data}]]
    message = said("Which?", who, 77, reply_markup={"inline_keyboard": keyboard}, **more)["message"]
    query = {"id": "q1", "from": person(who), "chat_instance": "x", "data": data}
    return {"callback_query": {**query, "message": {**message, "from": BOT}}}


def standing(status: str, kind: str = "private") -> dict[str, Any]:
    old = {"user": BOT, "status": "member"}
    change = {"chat": {**private(), "type": kind}, "from": person(), "date": AT}
    return {
        "my_chat_member": {
            **change,
            "old_chat_member": old,
            "new_chat_member": {**old, "status": status},
        }
    }
