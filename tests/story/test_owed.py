"""A client who waits for us is never reminded, and the admins are told after ten minutes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.errors import ChannelError, ModelError
from bot.testing import FakeModel
from tests.story.conftest import Worlds
from tests.story.desk import Office
from tests.story.words import say, steps
from tests.story.world import DeafJobs, World


@dataclass
class Watched:
    """A shop whose admin has a chat with its account."""

    world: World
    office: Office

    async def look(self, length: str = "1m") -> None:
        """Time passes; the sweep looks."""
        self.world.pass_by(length)
        await self.world.app.sweep()
        await self.world.run()

    @property
    def told(self) -> Sequence[str]:
        return self.office.console.texts


async def watched(world: Worlds, **more: Any) -> Watched:
    w = await world(steps("4h"), **{"jobs": DeafJobs(), **more})
    return Watched(w, Office(w))


async def test_admins_are_told_after_ten_minutes_and_not_before(world: Worlds) -> None:
    shop = await watched(world)
    await shop.world.client(name="Grace")

    await shop.look("10m")
    before = list(shop.told)
    await shop.look("1s")

    assert before == []
    (text,) = shop.told
    assert text == (
        "Grace waits for an answer for 10 minutes. The employee gave no answer: look whether the "
        "model works, followup check.\nhttp://127.0.0.1:8080/followup/chats/1"
    )


async def test_the_page_shows_them_from_the_same_moment_on(world: Worlds) -> None:
    shop = await watched(world)
    await shop.world.client(name="Grace")

    await shop.look("10m")
    before = (await shop.world.page("/followup?view=attention")).text
    await shop.look("1s")
    after = (await shop.world.page("/followup?view=attention")).text

    assert ("Grace" in before, "Grace" in after) == (False, True)
    assert len(shop.told) == 1


async def test_a_client_who_waits_is_told_of_once_and_never_reminded(world: Worlds) -> None:
    shop = await watched(world)
    await shop.world.client()

    for _ in range(30):
        await shop.look("1h")

    assert len(shop.told) == 1
    assert shop.world.sender.sent == []


async def test_the_next_silence_is_told_again(world: Worlds) -> None:
    shop = await watched(world)
    await shop.world.client()
    await shop.look("11m")
    await shop.world.client("Hello?")

    await shop.look("11m")
    await shop.look("11m")

    assert len(shop.told) == 2


async def test_who_was_answered_in_time_is_nobodys_worry(world: Worlds) -> None:
    shop = await watched(world)
    await shop.world.client()
    await shop.world.employee()

    await shop.look("1h")

    assert shop.told == []


async def test_where_a_colleague_has_the_chat_it_says_who(world: Worlds) -> None:
    shop = await watched(world)
    await shop.world.client(name="Grace")
    await shop.world.manager(by="Kim Best, Telegram Business")
    await shop.world.client("When?")

    await shop.look("11m")

    (text,) = shop.told
    assert "The chat is with Kim Best, Telegram Business: answer, or hand it back." in text


async def test_where_the_channel_refuses_or_is_gone_it_says_so(world: Worlds) -> None:
    w = await world(steps("4h"))
    shop = Watched(w, Office(w))
    w.sender.before.extend([ChannelError("refused")] * 9)
    await w.client(name="Grace")
    await shop.look("11m")
    w.sender.before.extend([ChannelError("refused")] * 9)
    await w.client("Hello?")
    known: Any = w.app.runtime.accounts
    known["site"] = replace(known["site"], fault="channels.site.token: is missing")

    await shop.look("11m")

    assert "The channel did not take the answer." in shop.told[0]
    assert "Its account site is not connected" in shop.told[1]


async def test_a_model_that_is_down_is_told_of(world: Worlds) -> None:
    w = await world(steps("4h"), model=FakeModel([say()], [ModelError("it is down")]))
    shop = Watched(w, Office(w))
    await w.client()

    await shop.look("11m")

    assert "look whether the model works" in shop.told[0]


async def test_many_who_wait_are_one_message_that_counts_them(world: Worlds) -> None:
    shop = await watched(world)
    for n in range(37):
        await shop.world.receive(who=f"c{n}")
        shop.world.pass_by("1s")

    await shop.look("34m")

    (text,) = shop.told
    assert text.startswith("37 clients wait for an answer, the longest for 34 minutes.")
    assert text.endswith("/followup?view=attention")


async def test_however_many_come_admins_get_three_messages_in_ten_minutes(world: Worlds) -> None:
    shop = await watched(world)
    for n in range(120):
        await shop.world.receive(who=f"c{n}")
        await shop.look("10s")
    early = len(shop.told)

    await shop.look("20m")

    assert early <= 6
    assert len(shop.told) == early + 1
    rows = await shop.world.query("SELECT sum(chats) AS told FROM followup_rounds")
    assert rows == [{"told": 120}]


async def test_nothing_that_clients_wrote_is_in_it(world: Worlds) -> None:
    shop = await watched(world)
    await shop.world.client("My secret is 4711.", name="Grace\n\nHopper " + "x" * 200)

    await shop.look("11m")

    assert "4711" not in shop.told[0]
    assert len(shop.told[0].splitlines()) == 2


async def test_after_a_restart_nobody_is_told_twice(world: Worlds) -> None:
    shop = await watched(world)
    await shop.world.client()
    await shop.look("11m")
    await shop.world.restart()
    office = Office(shop.world)

    await shop.look("11m")

    assert len(shop.told) == 1
    assert office.console.texts == []


async def test_who_wants_no_more_messages_or_cannot_be_reached_is_no_debt(world: Worlds) -> None:
    shop = await watched(world)
    await shop.world.client("STOP", opt_out=True)
    await shop.world.client(who="gone")
    chat = await shop.world.chat("gone")
    await shop.world.app.reports.unreachable(chat.ref, shop.world.clock.now())

    await shop.look("11m")

    assert shop.told == []
