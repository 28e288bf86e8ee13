"""WhatsApp by Twilio: puts one account together."""

from collections.abc import Mapping
from datetime import timedelta

from bot.api import Channel, ChannelHost, Rate, validated
from channels.whatsapp.history import History
from channels.whatsapp.probe import Probe
from channels.whatsapp.sender import WINDOW, WhatsAppSender
from channels.whatsapp.settings import WhatsAppOptions
from channels.whatsapp.twilio_api import Twilio
from channels.whatsapp.webhooks import Webhooks, status_path

# Meta lets a client have one message each six seconds, in bursts too; a sender 80 a second.
RATES = (
    Rate(10, timedelta(seconds=60), each_chat=True),
    Rate(80, timedelta(seconds=1)),
)


def channel(account: str, options: Mapping[str, object], host: ChannelHost) -> Channel:
    """One WhatsApp sender. Raises SettingsError."""
    table = validated(WhatsAppOptions, options, f"channels.{account}")
    twilio = Twilio(table)
    # Without an address that Twilio can reach it would refuse the message itself.
    callback = f"{host.public_url.rstrip('/')}{status_path(account)}" if host.public else None
    sender = WhatsAppSender(table, host, twilio, History(twilio, host.clock), callback)
    return Channel(
        sender=sender,
        routes=Webhooks(account, table, host).routes(),
        console=sender,
        rates=RATES,
        remembers=True,
        window=WINDOW,
        probe=Probe(account, table, host, twilio),
    )
