"""Play it: the whole chain on a fast clock; nothing is sent, and nothing is stored."""

from datetime import timedelta

from bot.model import Employee
from bot.testing import FakeModel
from tests.story.conftest import Worlds
from tests.story.filling import TAB, Visits, play, stored
from tests.story.words import BERLIN, say, step, steps, verdict


async def test_the_whole_chain_is_played_on_a_sample_and_nothing_is_sent_or_stored(
    world: Worlds, visits: Visits
) -> None:
    hours = {day: ["09:00-18:00"] for day in ("mon", "tue", "wed", "fri")}
    w = await world(steps("4h", "24h", "48h"), timezone=BERLIN, working_hours=hours)

    film = await play(await visits(w, TAB).opens(), "price")

    times = ["Mon 9 Mar 14:00", "Tue 10 Mar 14:00", "Fri 13 Mar 09:00 · step 3 moved to opening"]
    places = [film.index(each) for each in times]
    assert places == sorted(places)
    assert "reminder 3 of 3" in film
    assert "all steps are done" in film
    assert "The demo voice costs nothing." in film
    assert w.sender.sent == []
    for table in ("messages", "chats", "followup_reminders", "changes"):
        assert await w.query(f"SELECT * FROM {table}") == []  # noqa: S608  names of ours


async def test_a_chat_of_late_is_played_with_the_models_words_and_tokens(
    world: Worlds, visits: Visits
) -> None:
    model = FakeModel([say("Still there?"), verdict("skip"), say("Last call.")])
    w = await world(steps("4h", "8h", "8h"), model=model)
    await w.client("I look for a blue bike", name="Grace")
    person = await visits(w, TAB).opens()
    chat = (await w.chat()).id

    film = await play(person, str(chat))

    assert "Played for: Grace" in film
    assert "I look for a blue bike" in film
    assert "Still there?" in film
    assert "The employee would leave this step out: the matter is settled." in film
    assert "Last call." in film
    assert "tokens" in film
    assert "Still there?" in model.asked[-1][0][-1][1]
    assert len(await w.messages()) == 2
    assert await w.states() == []


async def test_what_is_typed_is_played_before_it_is_saved(world: Worlds, visits: Visits) -> None:
    w = await world(steps("4h"))

    film = await play(
        await visits(w, TAB).opens(), "later", step__0__instruction="A thing that was just typed."
    )

    assert "A thing that was just typed." in film
    assert (await stored(w))[1] == "s1 4h Do the thing of s1 now."


async def test_a_film_ends_where_the_employee_stops_or_the_model_fails(
    world: Worlds, visits: Visits
) -> None:
    model = FakeModel(["no JSON at all", verdict("stop", "not_interested")])
    w = await world(steps("4h", "8h", "8h"), model=model)

    film = await play(await visits(w, TAB).opens(), "settled")

    assert "The model gave no usable text" in film
    assert (
        "The employee would write nothing more in this silence: the client is not interested."
        in film
    )
    assert "step 3" not in film


async def test_a_model_that_postpones_is_asked_again_then(world: Worlds, visits: Visits) -> None:
    later = verdict("postpone", "human_active", "2026-03-12T09:00")
    model = FakeModel([later, say("Good morning!")])
    w = await world(steps("4h"), model=model)

    film = await play(await visits(w, TAB).opens(), "later")

    assert "The employee would wait until 2026-03-12 09:00." in film
    assert film.index("Thu 12 Mar 09:00") < film.index("Good morning!")


async def test_a_model_that_postpones_forever_is_not_asked_forever(
    world: Worlds, visits: Visits
) -> None:
    model = FakeModel(
        [verdict("postpone", "human_active", f"2026-03-{day:02}T09:00") for day in range(10, 32)]
    )
    w = await world(steps("4h"), model=model)

    film = await play(await visits(w, TAB).opens(), "later")

    assert film.count("The employee would wait until") == len(model.asked) < 22


async def test_a_step_that_was_used_up_in_that_chat_is_not_played(
    world: Worlds, visits: Visits
) -> None:
    w = await world([step("s1", "4h", once=True), step("s2", "8h")])
    await w.client()
    await w.wait("5h")
    await w.client("Hello again")

    film = await play(await visits(w, TAB).opens(), "1")

    after = film.partition("then silence")[2]
    assert "step “s2”" in after
    assert "step “s1”" not in after


async def test_a_closed_window_is_shown_and_nothing_is_composed(
    world: Worlds, visits: Visits
) -> None:
    w = await world(steps("4h", "24h"))
    w.sender.window = timedelta(hours=24)

    film = await play(await visits(w, TAB).opens(), "price")

    assert "step 2 window closed" in film
    assert "reminder 1 of 2" in film
    assert "reminder 2 of 2" not in film


async def test_a_chat_that_is_gone_is_told(world: Worlds, visits: Visits) -> None:
    w = await world(steps("4h"))
    person = await visits(w, TAB).opens()

    assert (await person.press("play", scene="4711")).status_code == 404


async def test_what_cannot_be_saved_is_not_played(world: Worlds, visits: Visits) -> None:
    w = await world(steps("4h"))
    person = await visits(w, TAB).opens()

    assert (await person.press("play", step__0__instruction="")).status_code == 422


async def test_a_chat_of_another_employee_is_not_played(world: Worlds, visits: Visits) -> None:
    w = await world(steps("4h"))
    await w.client("What Grace said.", name="Grace")
    await w.app.staff.hire(Employee("bert", "Bert", "Kind."), "test")
    person = visits(w, "/employees/bert/followup")

    await person.opens()
    page = await person.press("play", scene="1")

    assert page.status_code == 404
    assert "Grace" not in page.text
