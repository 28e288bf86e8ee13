"""What leaves, and what does not any more."""

from collections.abc import Sequence
from datetime import timedelta
from math import inf

import pytest

from bot.errors import ChannelBusyError, ChannelError, UnknownDeliveryError
from bot.model import Author, Chat, ChatRef, Message, Rate
from bot.news import LocalNews
from bot.outbox import LONGEST_WAIT, SEND_TIMEOUT, SqlOutbox
from bot.testing import MONDAY, FakeClock, FakeSender, FakeThrottle

CHAT = Chat(1, ChatRef("tg", "100"), "anna")
MESSAGE = Message(1, 1, 1, Author.EMPLOYEE, "Hello", MONDAY)
NONE = timedelta()


class Stage:
    def __init__(self, *waits: timedelta) -> None:
        self.clock, self.sender, self.throttle = FakeClock(), FakeSender(), FakeThrottle(*waits)
        self.rates = (Rate(1, timedelta(seconds=1), each_chat=True),)
        senders, rates = {"tg": self.sender}, {"tg": self.rates}
        self.outbox = SqlOutbox(senders, rates, self.throttle, LocalNews(), self.clock)


async def test_what_was_held_up_after_its_intent_is_not_sent_any_more() -> None:
    stage = Stage()
    stage.clock.advance(SEND_TIMEOUT + timedelta(milliseconds=1))

    with pytest.raises(ChannelError, match="held up"):
        await stage.outbox.deliver(CHAT, MESSAGE)

    assert stage.sender.sent == []


async def test_what_leaves_in_time_is_sent() -> None:
    stage = Stage()
    stage.clock.advance(SEND_TIMEOUT)

    assert await stage.outbox.deliver(CHAT, MESSAGE) == "sent-1"


async def test_a_network_that_asks_to_wait_is_left_alone_by_everybody() -> None:
    stage = Stage()
    stage.sender.before.append(ChannelBusyError(timedelta(seconds=7)))

    with pytest.raises(ChannelBusyError):
        await stage.outbox.deliver(CHAT, MESSAGE)

    assert stage.throttle.holds == {"tg": timedelta(seconds=7)}


async def test_a_failure_of_another_kind_holds_nobody() -> None:
    stage = Stage()
    stage.sender.before.append(UnknownDeliveryError("reset"))

    with pytest.raises(UnknownDeliveryError):
        await stage.outbox.deliver(CHAT, MESSAGE)

    assert stage.throttle.holds == {}


async def test_a_short_wait_is_waited_for_and_asked_again() -> None:
    moment = timedelta(milliseconds=1)
    stage = Stage(moment, moment)

    assert await stage.outbox.slot(CHAT) == NONE

    assert stage.throttle.asked == [("gate", CHAT, stage.rates)] * 3


async def test_a_long_wait_is_told_and_not_waited_for() -> None:
    stage = Stage(LONGEST_WAIT + timedelta(seconds=1))

    assert await stage.outbox.slot(CHAT) == LONGEST_WAIT + timedelta(seconds=1)

    assert len(stage.throttle.asked) == 1


async def test_a_crowd_before_the_send_is_waited_for() -> None:
    stage = Stage()
    stage.throttle.crowd.append(timedelta(milliseconds=1))

    assert await stage.outbox.deliver(CHAT, MESSAGE) == "sent-1"

    assert stage.throttle.asked == [("send", CHAT, stage.rates)] * 2


async def test_a_crowd_that_lasts_is_surely_not_sent() -> None:
    stage = Stage()
    stage.throttle.crowd.append(timedelta(minutes=1))

    with pytest.raises(ChannelBusyError):
        await stage.outbox.deliver(CHAT, MESSAGE)

    assert stage.sender.sent == []
    assert stage.throttle.holds == {}


async def test_who_is_frozen_in_the_crowd_sends_no_more_either() -> None:
    stage = Stage()

    class Freezing(FakeThrottle):
        async def slot(self, door: str, chat: Chat, rates: Sequence[Rate]) -> timedelta:
            stage.clock.advance(SEND_TIMEOUT + timedelta(seconds=1))
            return NONE

    outbox = SqlOutbox({"tg": stage.sender}, {}, Freezing(), LocalNews(), stage.clock)
    with pytest.raises(ChannelError, match="held up"):
        await outbox.deliver(CHAT, MESSAGE)

    assert stage.sender.sent == []


@pytest.mark.parametrize(("crowd", "sent"), [([], 1), ([timedelta(milliseconds=1)], 0)])
async def test_who_waited_in_a_crowd_is_asked_whether_it_is_still_to_go(
    crowd: Sequence[timedelta], sent: int
) -> None:
    stage = Stage()
    stage.throttle.crowd.extend(crowd)

    async def called_off() -> bool:
        return False

    if sent:
        await stage.outbox.deliver(CHAT, MESSAGE, called_off)
    else:
        with pytest.raises(ChannelError, match="called off"):
            await stage.outbox.deliver(CHAT, MESSAGE, called_off)

    assert len(stage.sender.sent) == sent


@pytest.mark.parametrize(
    ("rates", "pace"),
    [
        ((), inf),
        ((Rate(1, timedelta(seconds=1), each_chat=True),), inf),
        ((Rate(30, timedelta(minutes=1)), Rate(25, timedelta(seconds=1))), 0.5),
    ],
)
def test_the_pace_of_an_account_is_that_of_its_strictest_limit(
    rates: Sequence[Rate], pace: float
) -> None:
    stage = Stage()
    stage.outbox.rates["tg"] = rates  # type: ignore[index]  # a dict

    assert stage.outbox.pace(CHAT) == pace
