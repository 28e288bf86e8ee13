"""Telegram, by the library that the settings choose."""

from channels.telegram.server import channel

__all__ = ["channel"]
