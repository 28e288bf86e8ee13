"""Connects the channel accounts of the settings; one that cannot be used is left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.errors import SettingsError
from bot.inbox import Account
from bot.loader import channel_factory
from bot.model import Rate
from bot.networks import Console, Sender, Typist
from bot.plugin import Channel, ChannelHost
from config.settings import Settings


@dataclass(frozen=True, slots=True)
class Switchboard:
    """What the runtime knows of the accounts; filled once they are there, since they need it."""

    accounts: dict[str, Account]
    senders: dict[str, Sender] = field(default_factory=dict)
    rates: dict[str, Sequence[Rate]] = field(default_factory=dict)
    remembering: set[str] = field(default_factory=set)
    consoles: dict[str, Console] = field(default_factory=dict)
    typists: dict[str, Typist] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Settings) -> "Switchboard":
        """With the accounts that the settings name."""
        accounts = {
            name: Account(each.kind, each.employee, admins=settings.admins.on(each.kind))
            for name, each in settings.channels.items()
        }
        return cls(accounts)

    def connect(self, channels: Mapping[str, Channel], instead: Mapping[str, Sender]) -> None:
        """Take what these offer; `instead` are senders to take in place of theirs."""
        for name, channel in channels.items():
            self.senders[name], self.rates[name] = channel.sender, channel.rates
            self.accounts[name] = replace(self.accounts[name], answers=channel.answers)
            if channel.remembers:
                self.remembering.add(name)
            if channel.console is not None:
                self.consoles[name] = channel.console
            if channel.typist is not None:
                self.typists[name] = channel.typist
        self.senders.update(instead)


def channels_of(settings: Settings, host: ChannelHost) -> tuple[dict[str, Channel], dict[str, str]]:
    """The accounts that can be used, and the faults of the others. Raises if there is no first.

    `host` is what all of them are given, but for the employee and the admins.
    """
    channels: dict[str, Channel] = {}
    faults: dict[str, str] = {}
    for name, account in settings.channels.items():
        admins = settings.admins.on(account.kind)
        its_own = replace(host, employee=account.employee, admins=admins)
        try:
            channels[name] = channel_factory(account.kind)(name, account.options, its_own)
        except SettingsError as error:
            text = str(error)
            faults[name] = text if text.startswith("channels.") else f"channels.{name}.{text}"
    if faults and not channels:
        raise SettingsError("\n".join(faults.values()))
    return channels, faults
