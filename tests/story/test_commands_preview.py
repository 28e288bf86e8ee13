"""/followup preview: what a step would say, for the admin alone."""

from bot.errors import ModelError
from bot.testing import FakeModel
from tests.story.admin import Admin
from tests.story.conftest import Worlds
from tests.story.words import BERLIN, say, steps, verdict

NOTHING_SENT = "Nothing was sent."


async def test_it_is_composed_for_the_latest_chat_and_sent_to_nobody(world: Worlds) -> None:
    model = FakeModel([say("Shall we look at the brakes?")])
    w = await world(steps("4h", "24h"), model=model)
    await w.client("My brakes squeak.", name="Kim")
    await w.wait("1m")
    await w.client("Do you sell bells?", who="c2", name="Lou")
    before = len(w.sender.sent), await w.why(), await w.why("c2")

    text = await Admin(w).reads("preview 2")

    assert text == (
        "Step 2 for Lou (chat 2), if it went out now:\n\n"
        "“Shall we look at the brakes?”\n\n"
        "Nothing was sent. It took 42 tokens."
    )
    asked = model.asked[-1][0][-1][1]
    assert "Do you sell bells?" in asked
    assert "The task for this message: Do the thing of s2 now." in asked
    assert "message 2 of at most 2" in asked
    assert (len(w.sender.sent), await w.why(), await w.why("c2")) == before
    assert await w.states("c2") == []
    assert await Admin(w).log() == []


async def test_other_verdicts_are_told_with_their_reasons(world: Worlds) -> None:
    model = FakeModel(
        [
            verdict("skip"),
            verdict("stop", "not_interested"),
            verdict("postpone", "muted", "2026-03-04T09:00"),
        ]
    )
    w = await world(steps("4h"), model=model, timezone=BERLIN)
    await w.client()
    admin = Admin(w)

    told = [await admin.reads("preview 1") for _ in range(3)]

    assert "It would leave this step out: the matter is settled." in told[0]
    assert "It would write nothing more in this silence: the client is not interested." in told[1]
    assert "It would wait until Wed 4 Mar 09:00: the client named that time." in told[2]
    assert all(NOTHING_SENT in each for each in told)
    assert await w.why() == "+4h"


async def test_a_model_that_fails_is_told_of(world: Worlds) -> None:
    w = await world(steps("4h"), model=FakeModel([ModelError("no answer within 60 s"), "nonsense"]))
    await w.client()
    admin = Admin(w)

    first, second = await admin.sees("/followup preview 1"), await admin.reads("preview 1")

    assert first.text == "The model gave no usable text: no answer within 60 s.\nNothing was sent."
    assert "is not the JSON object" in second


async def test_the_demo_voice_costs_nothing(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    admin = Admin(w)

    screen = await admin.presses(await admin.sees("/followup steps"), "1 Preview")
    again = await admin.presses(screen, "Once more")

    assert "Demo voice" in screen.text
    assert screen.text.endswith("Nothing was sent. The demo voice costs nothing.")
    assert again.text == screen.text


async def test_without_a_chat_there_is_nothing_to_compose_for(world: Worlds) -> None:
    admin = Admin(await world(steps("4h")))

    text = await admin.reads("preview 1")

    assert text.startswith("Anna has no chat yet, and a preview needs one")
