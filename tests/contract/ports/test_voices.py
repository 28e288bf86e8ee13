"""Voices for answers: with a model and without, both say something about this very chat."""

from collections.abc import Sequence
from itertools import pairwise

import pytest

from bot.errors import ModelError
from bot.model import Author, Employee, Message
from bot.ports import Responder
from bot.responders import HISTORY_TOKENS, LONGEST_ANSWER, DemoResponder, ModelResponder
from bot.testing import MONDAY, FakeModel

ANNA = Employee("anna", "Anna", "Friendly bike-shop assistant.")


def said(*texts: str, first: Author = Author.CLIENT) -> Sequence[Message]:
    """A conversation in turns."""
    other = Author.EMPLOYEE if first is Author.CLIENT else Author.CLIENT
    return [
        Message(n, 1, n, (first, other)[(n - 1) % 2], text, MONDAY)
        for n, text in enumerate(texts, 1)
    ]


@pytest.fixture(params=["demo", "model"])
def voice(request: pytest.FixtureRequest) -> Responder:
    return DemoResponder() if request.param == "demo" else ModelResponder(FakeModel())


@pytest.mark.parametrize(
    "history",
    [
        said("Hello?"),
        said("Hello?", "Hi!", "Do you repair e-bikes?"),
        said("🚲" * 4000),
        # Everything older was forgotten, or is too long ago.
        said("I'll take over.", first=Author.EMPLOYEE),
        [],
    ],
    ids=["one", "three", "long", "client unseen", "nothing"],
)
async def test_a_voice_always_has_something_to_say(
    voice: Responder, history: Sequence[Message]
) -> None:
    reply = await voice.answer(ANNA, history)

    assert 0 < len(reply.text) <= LONGEST_ANSWER


async def test_the_demo_voice_says_that_it_is_one_and_shows_the_clients_words() -> None:
    reply = await DemoResponder().answer(ANNA, said("Do you\nhave the blue one?", "Hi", "Hello?"))

    assert reply.text.startswith("(Demo voice: no model is connected.)")
    assert "Anna" in reply.text
    assert "“Hello?”" in reply.text
    assert reply.tokens is None


async def test_the_model_is_told_who_it_is_and_what_was_said_by_whom() -> None:
    model = FakeModel(answers=["Yes!"])
    manager = Message(3, 1, 3, Author.MANAGER, "A colleague here.", MONDAY)
    history = [*said("Do you repair?", "We do."), manager, *said("Thanks")]

    reply = await ModelResponder(model).answer(ANNA, history)

    ((asked, schema),) = model.asked
    assert (reply.text, reply.tokens, schema) == ("Yes!", 42, None)
    assert asked[0][0] == "system"
    assert "You are Anna." in asked[0][1]
    assert ANNA.persona in asked[0][1]
    assert asked[1:] == [
        ("user", "Do you repair?"),
        ("assistant", "We do.\n\n[A human colleague wrote:] A colleague here."),
        ("user", "Thanks"),
    ]


async def test_a_model_that_copies_the_mark_of_a_colleague_does_not_pose_as_one() -> None:
    model = FakeModel(answers=["[A human colleague wrote:] On Friday."])
    manager = Message(2, 1, 2, Author.MANAGER, "I'll see.", MONDAY)

    reply = await ModelResponder(model).answer(ANNA, [*said("When?"), manager])

    assert reply.text == "On Friday."


@pytest.mark.parametrize(
    "text", ["word " * 100, "слово " * 100, "字" * 300], ids=["en", "ru", "zh"]
)
async def test_a_long_history_is_cut_to_its_latest_messages(text: str) -> None:
    model = FakeModel()
    texts = [f"{n} {text}" for n in range(100)]

    await ModelResponder(model).answer(ANNA, said(*texts))

    told = [spoken for _, spoken in model.asked[0][0][1:]]
    assert told == texts[-len(told) :]
    assert 5 < len(told) < 100
    assert sum(len(spoken.encode()) // 3 for spoken in told) <= HISTORY_TOKENS


async def test_a_message_that_is_too_long_alone_is_told_all_the_same() -> None:
    model = FakeModel()
    history = said("short", "字" * 4000)

    await ModelResponder(model).answer(ANNA, history)

    assert [spoken for _, spoken in model.asked[0][0][1:]] == ["字" * 4000]


async def test_an_answer_that_no_channel_takes_is_an_error() -> None:
    voice = ModelResponder(FakeModel(answers=["x" * (LONGEST_ANSWER + 1)]))

    with pytest.raises(ModelError, match="too long"):
        await voice.answer(ANNA, said("Hello?"))


async def test_a_models_fault_is_passed_on() -> None:
    with pytest.raises(ModelError, match="away"):
        await ModelResponder(FakeModel(answers=[ModelError("away")])).answer(ANNA, said("Hi"))


def test_the_conversations_here_are_in_turns() -> None:
    assert all(one.author != other.author for one, other in pairwise(said(*"abcd")))


async def test_two_messages_in_a_row_are_one_turn() -> None:
    model = FakeModel()
    history = [*said("Hello"), *said("Are you open?", "Hi"), *said("And today?")]

    await ModelResponder(model).answer(ANNA, history)

    assert model.asked[0][0][1:] == [
        ("user", "Hello\n\nAre you open?"),
        ("assistant", "Hi"),
        ("user", "And today?"),
    ]
