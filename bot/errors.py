"""What went wrong, named by what its catcher can do.

BotError
├── SettingsError            tell the person which setting is wrong and what to do
├── PeopleError              tell the person what to do instead
├── NoChatError              refuse whoever writes: they are not known
├── ModelError               try again later, or do without
└── ChannelError             nothing was sent, for sure
    ├── ChannelBusyError     wait `.wait`, then try again
    ├── ChatUnreachableError stop the chain
    └── WindowClosedError    only an approved template may be sent
UnknownDeliveryError is a BotError too, but no ChannelError: it may have been sent.
"""

from datetime import timedelta


class BotError(Exception):
    """Anything that the application itself raises on purpose."""


class SettingsError(BotError):
    """A setting is wrong; the text names it and says what to do, a line for each fault."""


class PeopleError(BotError):
    """Somebody may not sign in, or be changed like that; the text is a phrase to translate."""


class NoChatError(BotError):
    """Nobody is known at that address."""


class ModelError(BotError):
    """The model gave no usable answer: a fault, a timeout, an empty or malformed reply.

    `tokens` is what it took all the same, if the model told.
    """

    def __init__(self, text: str, tokens: int | None = None) -> None:
        super().__init__(text)
        self.tokens = tokens


class ChannelError(BotError):
    """The channel surely did not send; it may be tried again."""


class ChannelBusyError(ChannelError):
    """The channel asks to wait before anything else is sent."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"the channel asks to wait {wait}")
        self.wait = wait


class ChatUnreachableError(ChannelError):
    """The client cannot be reached there any more: blocked, deleted, unknown address."""


class ClientOptedOutError(ChatUnreachableError):
    """The client told the network that they want no more of our messages."""


class WindowClosedError(ChannelError):
    """The channel takes no free text from us now; only an approved template may be sent."""


class UnknownDeliveryError(BotError):
    """The request left and no answer came: it may have been sent, so never send it again."""
