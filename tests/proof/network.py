"""What a network tells later, and of its own accord."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from bot.errors import (
    ChannelError,
    ChatUnreachableError,
    ClientOptedOutError,
    WindowClosedError,
)
from bot.model import Arrival
from tests.proof.acts import arrive, block, opt, refuse
from tests.proof.machine import Histories
from tests.proof.moods import LENGTHS
from tests.proof.system import CHATS

REFUSALS = (
    ChannelError("undelivered"),
    ChatUnreachableError("blocked"),
    ClientOptedOutError("STOP"),
    WindowClosedError("closed"),
)
WINDOWS = (None, timedelta(hours=24), timedelta(hours=4), timedelta(minutes=5))

who = st.sampled_from(CHATS)


class NetworkHistories(Histories):
    """Histories in which the network has its say, too."""

    @rule(back=st.integers(0, 2), error=st.sampled_from(REFUSALS))
    def a_message_is_refused_later(self, back: int, error: ChannelError) -> None:
        """One of the latest that the network took; perhaps before our own request returned."""
        sent = self.system.channel.sent[-1 - back : len(self.system.channel.sent) - back]
        for _, message in sent:
            refuse(self.system, message.id, error)
            self.check()

    @rule(back=st.integers(0, 2), arrival=st.sampled_from(Arrival))
    def a_message_arrives(self, back: int, arrival: Arrival) -> None:
        sent = self.system.channel.sent[-1 - back : len(self.system.channel.sent) - back]
        for _, message in sent:
            arrive(self.system, message.id, arrival)
            self.check()

    @rule(who=who, ago=st.sampled_from((timedelta(), *LENGTHS)))
    def a_client_blocks_us(self, who: str, ago: timedelta) -> None:
        block(self.system, who, self.system.clock.now() - ago)
        self.check()

    @rule(who=who, out=st.booleans())
    def a_client_says_stop_or_start(self, who: str, *, out: bool) -> None:
        opt(self.system, who, out=out)
        self.check()

    @rule(window=st.sampled_from(WINDOWS))
    def the_network_has_a_window(self, window: timedelta | None) -> None:
        self.system.channel.window = window
