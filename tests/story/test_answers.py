"""What happens when the employee answers: once, whatever happens meanwhile."""

import asyncio

from bot.errors import (
    ModelError,
)
from bot.testing import FakeModel
from bot.worker import run_job
from tests.story.conftest import Worlds
from tests.story.words import say, steps

DOWN = ModelError("it is down")


async def test_an_answer_is_stored_with_the_tokens_it_took(world: Worlds) -> None:
    w = await world(steps("4h"), model=FakeModel([say()], ["Yes, we do."]))

    await w.client("Do you repair e-bikes?")

    answer = (await w.messages())[-1]
    assert (answer.text, answer.tokens, answer.delivery) == ("Yes, we do.", 42, "sent")
    assert answer.external_id == "sent-1"


async def test_a_message_is_stored_before_anybody_answers(world: Worlds) -> None:
    model = FakeModel()
    w = await world(steps("4h"), model=model)

    await w.receive("Hello")

    assert await w.texts() == ["client: Hello"]
    assert model.asked == []


async def test_two_quick_messages_get_one_answer(world: Worlds) -> None:
    w = await world(steps("4h"))

    await w.receive("Hello")
    await w.client("Do you repair e-bikes?")

    assert len(w.sender.sent) == 1
    assert "Do you repair e-bikes?" in w.sender.texts[0]


async def test_a_client_who_writes_on_while_the_model_thinks_gets_one_answer_to_both(
    world: Worlds,
) -> None:
    model = FakeModel([say()], ["To one.", "To both."])
    w = await world(steps("4h"), model=model)

    model.meanwhile.append(lambda: w.receive("One more thing"))
    await w.client("Hello")
    await w.wait("1h")

    assert w.sender.texts == ["To both."]


async def test_an_employee_who_writes_while_the_model_thinks_has_answered(world: Worlds) -> None:
    model = FakeModel([say()], ["And once more by the model."])
    w = await world(steps("4h"), model=model)

    model.meanwhile.append(w.employee)
    await w.client("Hello")
    await w.wait("1h")

    assert w.sender.sent == []


async def test_a_message_that_was_not_answered_when_the_process_died_is_answered(
    world: Worlds,
) -> None:
    w = await world(steps("4h"))
    await w.receive("Hello")

    await w.restart()

    assert len(w.sender.sent) == 1


async def test_two_jobs_for_one_message_answer_once(world: Worlds) -> None:
    w = await world(steps("4h"))
    key = (await w.receive("Hello")).chat.id

    await asyncio.gather(*(run_job(w.app, "answer", key) for _ in range(5)))

    assert len(w.sender.sent) == 1


async def test_a_client_who_writes_while_the_answer_is_sent_is_answered_too(
    world: Worlds,
) -> None:
    w = await world(steps("4h"))
    send = w.sender.send

    async def send_slowly(*what: object) -> str | None:
        w.sender.send = send
        await w.receive("One more thing")
        return await send(*what)

    w.sender.send = send_slowly
    await w.client("Hello")
    await w.wait("1d")

    assert len([1 for _, message in w.sender.sent if message.plugin is None]) == 2
    assert await w.reminders() == ["+4h s1"]


async def test_an_answer_to_an_earlier_message_answers_no_later_one(world: Worlds) -> None:
    w = await world(steps("4h"), model=FakeModel([say()], ["Hello!", DOWN]))
    send = w.sender.send

    async def send_slowly(*what: object) -> str | None:
        w.sender.send = send
        await w.receive("One more thing")
        return await send(*what)

    w.sender.send = send_slowly
    await w.client("Hello")
    await w.wait("1d")

    assert await w.why() == "waiting_for_answer"
    assert await w.reminders() == []


async def test_the_model_hears_persona_and_conversation_in_order(world: Worlds) -> None:
    model = FakeModel([say()], ["Hello!", "It is 500 euros."])
    w = await world(steps("4h"), model=model)
    await w.client("Hi")

    await w.client("What does the blue one cost?")

    (role, rules), *said = model.asked[-1][0]
    assert role == "system"
    assert "Friendly bike-shop assistant" in rules
    assert said == [
        ("user", "Hi"),
        ("assistant", "Hello!"),
        ("user", "What does the blue one cost?"),
    ]
