"""A flower shop's own bot, as it was before follow-ups: an aiogram Dispatcher with handlers."""

from aiogram import Dispatcher, F
from aiogram.filters import CommandStart
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

PRICES = {"roses": "12 roses cost 30 €.", "tulips": "20 tulips cost 18 €."}
MENU = InlineKeyboardMarkup(
    inline_keyboard=[
        [InlineKeyboardButton(text=name.title(), callback_data=name) for name in PRICES]
    ]
)

dispatcher = Dispatcher()


@dispatcher.message(CommandStart())
async def welcome(message: Message) -> None:
    await message.answer("Welcome! Which flowers do you like?", reply_markup=MENU)


@dispatcher.callback_query(F.data.in_(PRICES))
async def price(query: CallbackQuery) -> None:
    await query.answer()
    if isinstance(query.message, Message):
        await query.message.answer(f"{PRICES[str(query.data)]} When shall we bring them?")


@dispatcher.message(F.text)
async def order(message: Message) -> None:
    await message.answer(f"Noted: {message.text}. Shall we deliver today or tomorrow?")
