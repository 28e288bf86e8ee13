"""Statements that every message needs, made once: building one costs as much as running it."""

from sqlalchemy import bindparam, case, insert, select, update

from bot.model import Delivery
from bot.store.tables import chats, employees, messages

CHAT = select(chats).where(chats.c.id == bindparam("key"))
CHAT_AT = select(chats).where(
    chats.c.account == bindparam("account"), chats.c.address == bindparam("address")
)
CHANGED = update(chats).where(chats.c.id == bindparam("key"))
EMPLOYEE = select(employees).where(employees.c.id == bindparam("key"))
MESSAGE = select(messages).where(messages.c.id == bindparam("key"))
_SHOWN = select(messages).where(
    messages.c.chat_id == bindparam("chat"), messages.c.delivery != Delivery.FAILED
)
PAGE = (
    _SHOWN.where(messages.c.n > bindparam("after")).order_by(messages.c.n).limit(bindparam("most"))
)
LATEST = _SHOWN.order_by(messages.c.n.desc()).limit(bindparam("most"))
SAID = insert(messages).returning(messages.c.id)
SAID_BY_MANY = insert(messages).returning(messages.c.chat_id, messages.c.id)
_OPEN = update(messages).where(
    messages.c.id == bindparam("key"), messages.c.delivery != Delivery.FAILED
)
_ARRIVED = case((messages.c.arrival.is_not(None), Delivery.SENT), else_=Delivery.UNCERTAIN)
SETTLED = {
    **{delivery: _OPEN.values(delivery=delivery) for delivery in Delivery},
    Delivery.UNCERTAIN: _OPEN.values(delivery=_ARRIVED),
}
