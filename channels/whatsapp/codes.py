"""What Twilio's codes mean to us; texts name the code, never a number or an address."""

from datetime import timedelta

from bot.api import (
    ChannelBusyError,
    ChannelError,
    ChatUnreachableError,
    ClientOptedOutError,
    WindowClosedError,
)

_WINDOW_CLOSED = 63016
_OPTED_OUT = {
    21610: "the client sent STOP",
    63014: "the client blocked this sender",
    63033: "the client wants no marketing messages",
}
_UNREACHABLE = {
    21211: "the number is none",
    21614: "the number cannot receive messages",
    63003: "the number is not on WhatsApp",
    63015: "the client has not joined the Twilio sandbox",
    63024: "WhatsApp cannot reach this client",
}
# How long to leave it alone, by what is exhausted.
_BUSY = {
    20429: timedelta(seconds=5),
    21611: timedelta(minutes=10),
    30001: timedelta(minutes=10),
    63018: timedelta(minutes=1),
    63038: timedelta(hours=1),
}
_PLAIN = {
    20003: "Twilio does not accept account_sid and auth_token",
    20404: "Twilio does not know account_sid, or what is asked for",
    21606: "the sender in the settings is not one of this account",
    21656: "the template's variables are not what Twilio expects",
    21703: "the messaging service has no WhatsApp sender",
    63005: "WhatsApp did not accept the content",
    63007: "the sender in the settings is no WhatsApp sender of this account",
    63013: "it goes against WhatsApp's policy",
    63021: "WhatsApp did not accept the content",
    63027: "the template does not exist in that language",
    63028: "the template expects another number of variables",
    63032: "Meta holds back marketing messages to this client (an experiment)",
    63040: "Meta rejected the template",
    63041: "Meta paused the template",
    63042: "Meta disabled the template",
    63049: "Meta chose not to deliver this marketing message",
}


def error_of(code: int) -> ChannelError:
    """What a refusal with that code is to us; 0 where Twilio gave none."""
    if code == _WINDOW_CLOSED:
        return WindowClosedError(f"the client's last message is over 24 hours old ({code})")
    if code in _OPTED_OUT:
        return ClientOptedOutError(f"{_OPTED_OUT[code]} ({code})")
    if code in _UNREACHABLE:
        return ChatUnreachableError(f"{_UNREACHABLE[code]} ({code})")
    if code in _BUSY:
        return ChannelBusyError(_BUSY[code])
    said = _PLAIN.get(code, "WhatsApp did not take the message")
    return ChannelError(f"{said} ({code})" if code else said)
