"""A bike shop's own bot, as it was before follow-ups: a python-telegram-bot Application."""

import os

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

SERVICES = {"brakes": "New brakes cost 40 €.", "checkup": "A check-up costs 25 €."}
MENU = InlineKeyboardMarkup(
    [[InlineKeyboardButton(name.title(), callback_data=name) for name in SERVICES]]
)


async def welcome(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    if update.message:
        await update.message.reply_text("Welcome! What does your bike need?", reply_markup=MENU)


async def price(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    query = update.callback_query
    if query and query.message:
        await query.answer()
        text = f"{SERVICES[str(query.data)]} When do you want to come?"
        await context.bot.send_message(query.message.chat.id, text)


async def order(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    if update.message:
        await update.message.reply_text(f"Noted: {update.message.text}. Which day suits you?")


# The same variable gives follow-ups the token, so both always have the same one.
application = Application.builder().token(os.environ["FOLLOWUP_CHANNELS__TG__TOKEN"]).build()
application.add_handler(CommandHandler("start", welcome))
application.add_handler(CallbackQueryHandler(price))
application.add_handler(MessageHandler(filters.TEXT, order))
