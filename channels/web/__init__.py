"""The web channel: an HTTP interface for chats and the widget that speaks it."""

from channels.web.server import channel

__all__ = ["channel"]
