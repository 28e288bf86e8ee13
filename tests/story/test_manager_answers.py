"""A manager answers on the page of the conversation: once, visibly, and the chat is theirs."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import (
    BotError,
    ChannelBusyError,
    ChannelError,
    ChatUnreachableError,
    UnknownDeliveryError,
    WindowClosedError,
)
from bot.model import Arrival, Said
from bot.site import PersonRole
from bot.testing import FakeModel
from tests.story.browsing import Browsing
from tests.story.conftest import Worlds
from tests.story.filling import Person, Visits, words
from tests.story.test_users import enter
from tests.story.words import say, steps
from tests.story.world import DeafJobs, Killed, World

CHAT = "/followup/chats/1"


async def answers(visits: Visits, w: World, text: str = "I'll look after it.", **more: Any) -> Any:
    """Opens the page, writes, and presses the button."""
    person = await page_of(visits, w)
    return await send(person, text, **more)


async def page_of(visits: Visits, w: World) -> Person:
    person = visits(w, f"{CHAT}/answer")
    person.page = await person.browser.get(CHAT)
    assert person.page.status_code == 200
    return person


async def send(person: Person, text: str = "I'll look after it.", **more: Any) -> Any:
    values = {**person.form.values, "text": text, **more}
    person.page = await person.browser.post(person.path, values)
    return person.page


def last(w: World) -> str:
    return w.sender.texts[-1]


async def test_what_a_manager_writes_goes_to_the_client_and_the_chat_is_theirs(
    world: Worlds, visits: Visits
) -> None:
    w = await world(steps("4h"))
    await w.client()

    page = await answers(visits, w, "I'll look after it.")
    await w.wait("7d")

    assert page.status_code == 200
    assert last(w) == "I'll look after it."
    assert (await w.texts())[-1] == "manager: I'll look after it."
    chat = await w.chat()
    assert (chat.held_by, chat.waiting_since) == ("local", None)
    assert await w.reminders() == []
    assert await w.why() == "human_active"
    assert "A colleague has the chat since" in words(page.text)
    assert "colleague local · 09:00" in words(page.text)


async def test_handed_back_the_remaining_wait_goes_on_and_nothing_goes_at_once(
    world: Worlds, visits: Visits
) -> None:
    w = await world(steps("4h"))
    await w.client()
    await w.wait("3h59m")
    person = await page_of(visits, w)
    await send(person)
    await w.wait("2d")

    await person.browser.post(f"{CHAT}/hand", {"hand": "resume"})
    at_once = await w.reminders()
    await w.wait("1d")

    assert at_once == []
    assert await w.reminders() == ["+2d4h9m s1"]
    assert (await w.chat()).held_by is None


async def test_the_same_form_sends_once_however_often_it_comes(
    world: Worlds, visits: Visits
) -> None:
    w = await world(steps("4h"))
    await w.client()
    person = await page_of(visits, w)
    form = person.form.values

    for _ in range(3):
        page = await send(person, **form | {"text": "Once."})

    assert page.status_code == 200
    assert w.sender.texts.count("Once.") == 1


async def test_a_form_that_comes_again_while_it_is_sent_sends_once(
    world: Worlds, visits: Visits
) -> None:
    w = await world(steps("4h"))
    await w.client()
    person = await page_of(visits, w)
    form, channel = person.form.values, w.sender.send

    async def send_slowly(*what: Any) -> str | None:
        w.sender.send = channel  # type: ignore[method-assign]
        again = await person.browser.post(person.path, form | {"text": "Once."})
        assert "being sent" in words(again.text)
        return await channel(*what)

    w.sender.send = send_slowly  # type: ignore[method-assign]
    await send(person, **form | {"text": "Once."})

    assert w.sender.texts.count("Once.") == 1


async def test_another_text_in_a_form_that_was_sent_is_kept_and_said_to_be_not_sent(
    world: Worlds, visits: Visits
) -> None:
    w = await world(steps("4h"))
    await w.client()
    person = await page_of(visits, w)
    form = person.form.values
    await send(person, **form | {"text": "First."})

    page = await send(person, **form | {"text": "Second."})
    shown = person.form.values["text"]
    sent = list(w.sender.texts)
    await send(person, "Second.")

    assert page.status_code == 409
    assert "this text was not sent" in words(page.text)
    assert shown == "Second."
    assert "Second." not in sent
    assert w.sender.texts.count("Second.") == 1


@pytest.mark.parametrize("moment", ["before the call", "after the call"])
async def test_a_crash_after_the_intent_leaves_it_uncertain_and_never_sends_it_again(
    world: Worlds, visits: Visits, moment: str
) -> None:
    w = await world(steps("4h"))
    await w.client()
    channel = w.sender.send

    async def die(*what: Any) -> str | None:
        w.sender.send = channel  # type: ignore[method-assign]
        if moment == "after the call":
            await channel(*what)
        raise Killed

    w.sender.send = die  # type: ignore[method-assign]
    with pytest.raises(Killed):
        await answers(visits, w)
    stored = (await w.messages())[-1].delivery
    await w.restart()
    await w.wait("2h")

    assert stored == "sending"
    assert (await w.messages())[-1].delivery == "uncertain"
    assert w.sender.texts.count("I'll look after it.") == (moment == "after the call")
    assert "perhaps sent" in words((await w.page(CHAT)).text)
    assert (await w.chat()).held_by == "local"


@pytest.mark.parametrize(("arrived", "fate"), [(True, "sent"), (False, "failed")])
async def test_a_channel_that_can_tell_is_asked(
    world: Worlds, visits: Visits, *, arrived: bool, fate: str
) -> None:
    w = await world(steps("4h"))
    w.app.runtime.outbox.remembering.add("site")
    w.sender.tells = lambda _message: arrived
    await w.client()
    await w.client("Hello?")
    w.sender.after.append(UnknownDeliveryError("reset"))

    await answers(visits, w)
    await w.wait("2m")

    rows = await w.query("SELECT delivery FROM messages WHERE author = 'manager'")
    assert rows == [{"delivery": fate}]
    assert w.sender.texts.count("I'll look after it.") == 1


async def test_an_answer_that_the_employee_composes_meanwhile_is_dropped(
    world: Worlds, visits: Visits
) -> None:
    model = FakeModel([say()])
    w = await world(steps("4h"), model=model)

    model.meanwhile.append(lambda: answers(visits, w, "Mine."))
    await w.client()
    await w.wait("7d")

    assert w.sender.texts == ["Mine."]


async def test_a_reminder_that_is_composed_meanwhile_is_dropped(
    world: Worlds, visits: Visits
) -> None:
    model = FakeModel([say("Still there?")])
    w = await world(steps("4h"), model=model)
    await w.client()

    model.meanwhile.append(lambda: answers(visits, w, "Mine."))
    await w.wait("7d")

    assert w.sender.texts == ["Hello!", "Mine."]
    assert await w.states() == ["s1 cancelled human_active"]


async def test_what_the_client_says_then_is_left_to_the_manager(
    world: Worlds, visits: Visits
) -> None:
    w = await world(steps("4h"))
    await w.client()
    await answers(visits, w)

    await w.client("Thank you. When?")
    await w.wait("1d")

    assert last(w) == "I'll look after it."
    assert (await w.chat()).waiting_since is not None


async def test_who_was_unanswered_is_answered_by_the_manager(world: Worlds, visits: Visits) -> None:
    w = await world(steps("4h"), jobs=DeafJobs())
    await w.client()
    await w.wait("1h")

    await answers(visits, w)
    await w.wait("1h")
    await w.resume()
    await w.wait("1d")

    assert w.sender.texts[0] == "I'll look after it."
    assert await w.reminders() == ["+5h s1"]


REFUSALS: list[tuple[BotError, str]] = [
    (ChannelError("refused"), "The channel did not take the message"),
    (ChannelBusyError(timedelta(minutes=3)), "The network asks us to wait"),
    (ChatUnreachableError("blocked"), "The client cannot be reached"),
    (WindowClosedError("too late"), "the client's last one is too long ago"),
]


@pytest.mark.parametrize(("error", "told"), REFUSALS, ids=lambda each: type(each).__name__)
async def test_what_surely_was_not_sent_says_so_keeps_the_text_and_the_client_waits(
    world: Worlds, visits: Visits, error: BotError, told: str
) -> None:
    w = await world(steps("4h"), jobs=DeafJobs())
    await w.client()
    w.sender.before.append(error)

    page = await answers(visits, w, "Try this.")

    assert page.status_code == 409
    assert told in words(page.text)
    assert ">\nTry this.</textarea>" in page.text
    assert "not delivered" in words(page.text)
    assert (await w.chat()).waiting_since is not None
    assert w.sender.texts == []


async def test_the_text_that_was_kept_can_be_sent_again(world: Worlds, visits: Visits) -> None:
    w = await world(steps("4h"))
    await w.client()
    w.sender.before.append(ChannelError("refused"))
    person = await page_of(visits, w)
    await send(person, "Try this.")

    page = await send(person, "Try this.")

    assert page.status_code == 200
    assert w.sender.texts.count("Try this.") == 1


async def test_a_manager_who_could_not_send_and_hands_back_leaves_the_client_to_the_employee(
    world: Worlds, visits: Visits
) -> None:
    model = FakeModel([say()], ["Hello!"])
    w = await world(steps("4h"), model=model)
    w.sender.before.append(ChannelError("refused"))
    model.meanwhile.append(lambda: answers(visits, w, "Mine."))
    await w.client()

    await w.resume()
    await w.wait("1m")

    assert w.sender.texts == ["Hello!"]


async def test_what_may_have_been_sent_is_uncertain_and_not_sent_again(
    world: Worlds, visits: Visits
) -> None:
    w = await world(steps("4h"))
    await w.client()
    w.sender.after.append(UnknownDeliveryError("reset"))

    page = await answers(visits, w)
    await w.wait("1h")

    assert "perhaps sent" in words(page.text)
    assert w.sender.texts.count("I'll look after it.") == 1


def close(w: World) -> None:
    """The network takes free texts for a day after the client's message."""
    known: Any = w.app.runtime.accounts
    known["site"] = replace(known["site"], window=timedelta(hours=24))


async def test_where_the_window_is_closed_it_says_so_instead_of_a_field(
    world: Worlds, visits: Visits
) -> None:
    w = await world([])
    close(w)
    await w.client()
    person = await page_of(visits, w)
    form = person.form.values
    await w.wait("24h")

    shown = (await w.page(CHAT)).text
    page = await send(person, **form | {"text": "Too late."})

    assert "the client's last one is too long ago" in words(shown)
    assert 'name="text"' not in shown
    assert page.status_code == 409
    assert "Too late." in page.text
    assert "Too late." not in w.sender.texts
    assert (await w.chat()).paused_since is None
    await w.client("I am back.")
    assert 'name="text"' in (await w.page(CHAT)).text


async def test_a_window_that_closes_while_the_form_is_open_stores_nothing(world: Worlds) -> None:
    w = await world([])
    close(w)
    await w.client()
    await w.wait("24h")

    with pytest.raises(WindowClosedError):
        await w.app.runtime.managers.answer(1, Said("Too late.", "kim", "key"))

    assert len(await w.messages()) == 2


@pytest.mark.parametrize("what", ["unreachable", "broken", "gone"])
async def test_where_nothing_can_be_sent_it_says_so(
    world: Worlds, visits: Visits, what: str
) -> None:
    w = await world([])
    await w.client()
    chat = await w.chat()
    known: Any = w.app.runtime.accounts
    if what == "unreachable":
        await w.app.reports.unreachable(chat.ref, w.clock.now())
    elif what == "broken":
        known["site"] = replace(known["site"], fault="channels.site.token: is missing")
    else:
        del known["site"]

    page = (await w.page(CHAT)).text

    told = "cannot be reached" if what == "unreachable" else "is not connected"
    assert told in words(page)
    assert 'name="text"' not in page


@pytest.mark.parametrize(
    ("text", "told"), [(" \n ", "Write something first."), ("x" * 4001, "at most 4000 characters")]
)
async def test_what_is_no_message_is_not_sent(
    world: Worlds, visits: Visits, text: str, told: str
) -> None:
    w = await world(steps("4h"))
    await w.client()

    page = await answers(visits, w, text)

    assert page.status_code == 422
    assert told in words(page.text)
    assert len(w.sender.sent) == 1
    assert (await w.chat()).paused_since is None


@pytest.mark.parametrize("key", ["", "short", "k" * 65, "<script>alert(1)</script>"])
async def test_a_form_without_a_key_of_ours_is_refused(
    world: Worlds, visits: Visits, key: str
) -> None:
    w = await world(steps("4h"))
    await w.client()

    page = await answers(visits, w, key=key)

    assert page.status_code == 400
    assert len(w.sender.sent) == 1


async def test_viewers_see_who_has_the_chat_and_write_nothing(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    async with Browsing(w.app.web) as admin, Browsing(w.app.web) as viewer:
        await enter(w, admin, "kim", PersonRole.ADMIN)
        await enter(w, viewer, "vera", PersonRole.VIEWER)
        await admin.get(CHAT)
        await admin.post(f"{CHAT}/answer", {"text": "Mine.", "key": "k" * 20})

        page = await viewer.get(CHAT)
        refused = await viewer.post(f"{CHAT}/answer", {"text": "Hi", "key": "v" * 20})

    assert "colleague has the chat since 09:00 : kim ." in words(page.text)
    assert "textarea" not in page.text
    assert refused.status_code == 403
    assert w.sender.texts[-1] == "Mine."


async def test_the_audit_log_tells_who_answered_and_not_what(world: Worlds, visits: Visits) -> None:
    w = await world(steps("4h"))
    await w.client()

    await answers(visits, w, "A secret.")

    (row,) = await w.query("SELECT * FROM changes WHERE action = 'chat.answered'")
    assert (row["by"], row["chat_id"]) == ("local", 1)
    assert "secret" not in json.dumps(row, default=str)


async def test_a_network_that_refuses_it_later_has_the_client_wait_again(
    world: Worlds, visits: Visits
) -> None:
    w = await world(steps("4h"), jobs=DeafJobs())
    await w.client()
    await answers(visits, w)
    message = (await w.messages())[-1]

    await w.app.reports.refused("site", message.id, ChannelError("not delivered"))

    assert (await w.chat()).waiting_since is not None
    assert "not delivered" in words((await w.page(CHAT)).text)


async def test_a_network_that_tells_that_it_was_read_is_believed(
    world: Worlds, visits: Visits
) -> None:
    w = await world(steps("4h"))
    await w.client()
    w.sender.after.append(UnknownDeliveryError("reset"))
    await answers(visits, w)

    await w.app.reports.arrived("site", (await w.messages())[-1].id, Arrival.READ)

    assert (await w.messages())[-1].delivery == "sent"
    assert "· read" in words((await w.page(CHAT)).text)


async def business(w: World) -> None:
    await w.manager("Me.", by="Kim Best, Telegram Business")


async def command_line(w: World) -> None:
    assert await w.app.runtime.handover.pause(1, by="command line")


Takes = Callable[[World], Awaitable[None]]


@pytest.mark.parametrize(
    ("takes", "who"),
    [(business, "Kim Best, Telegram Business"), (command_line, "command line")],
    ids=["business", "command line"],
)
async def test_every_list_of_chats_shows_who_has_it(world: Worlds, takes: Takes, who: str) -> None:
    w = await world(steps("4h"))
    await w.client(name="Grace")
    await w.client(who="other", name="Ada")
    await takes(w)

    talk, everybody, held, waiting = [
        words((await w.page(path)).text)
        for path in (CHAT, "/chats", "/chats?view=held", "/followup")
    ]

    assert f"since 09:00 : {who}" in talk
    assert f"With a colleague : {who} · since 09:00" in everybody
    assert f"With a colleague : {who} · since 09:00" in held
    assert "Ada" in everybody
    assert "Ada" not in held
    assert "1 chat is with a colleague." in waiting
    assert "Grace" not in waiting


async def test_the_one_who_wrote_last_has_the_chat(world: Worlds, visits: Visits) -> None:
    w = await world(steps("4h"))
    await w.client()
    await business(w)

    await answers(visits, w)

    assert (await w.chat()).held_by == "local"


async def test_chats_with_a_colleague_are_found_by_name_and_page_by_page(world: Worlds) -> None:
    w = await world(steps("4h"))
    for n in range(60):
        await w.receive(who=f"c{n}", name=f"Client {n}")
        await w.app.runtime.handover.pause(n + 1, by="kim")
        w.pass_by("1m")

    first = (await w.page("/chats?view=held")).text
    second = (await w.page(f"/chats?view=held&after={cursor(first)}")).text
    named = (await w.page("/chats?view=held&q=client+7")).text
    none = words((await w.page("/chats?view=held&q=zoe")).text)

    assert first.count('class="name" href') == 50
    assert [f"Client {n}<" in second for n in (0, 9, 10)] == [True, True, False]
    assert named.count('class="name" href') == 1
    assert "No chat fits." in none


def cursor(page: str) -> str:
    return page.partition("after=")[2].partition('"')[0]


async def test_without_a_held_chat_the_view_says_so(world: Worlds) -> None:
    w = await world(steps("4h"))

    page = words((await w.page("/chats?view=held")).text)

    assert "No colleague has a chat" in page
