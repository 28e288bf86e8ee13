"""What pages and plugins may know of the channel accounts."""

from collections.abc import Mapping
from dataclasses import replace

from bot.inbox import Account
from bot.model import ChannelAccount
from bot.plugin import Channel


def told_of(
    accounts: Mapping[str, Account], channels: Mapping[str, Channel], faults: Mapping[str, str]
) -> Mapping[str, ChannelAccount]:
    """Every account of the settings, those that are left out too."""
    return {name: _told(name, each, channels.get(name), faults) for name, each in accounts.items()}


def _told(
    name: str, account: Account, channel: Channel | None, faults: Mapping[str, str]
) -> ChannelAccount:
    known = ChannelAccount(name, account.kind, account.employee, faults.get(name))
    if channel is None:
        return known
    return replace(
        known,
        window=channel.window,
        answers=channel.answers,
        person=channel.person,
        links=dict(channel.links),
    )
