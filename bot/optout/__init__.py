"""Hears in a client's own words that no more messages are wanted, in many languages.

No model is asked: a message that is nothing but a stop word, or a clear sentence inside a longer
one, is enough. What is not clear is left to the model, which may add such wishes, never remove
them.
"""

from bot.optout.farewells import farewell, is_farewell
from bot.optout.hearing import Wish, learn, wish_in

__all__ = ["Wish", "farewell", "is_farewell", "learn", "wish_in"]
