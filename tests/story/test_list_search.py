"""Search, filter, views and live hints of the list; and all chats by the same search."""

import re
from urllib.parse import urlencode

import pytest

from bot.app import people_of
from bot.errors import ChatUnreachableError, ModelError, UnknownDeliveryError
from bot.news import LocalNews
from bot.ports import Ailment
from bot.testing import FakeModel
from config.settings import Settings
from plugins.followup.dashboard.stream import Stream
from tests.story.conftest import Worlds
from tests.story.words import steps, weekdays
from tests.story.world import DeafJobs, World


async def found(w: World, path: str = "/followup", **query: str) -> list[str]:
    """The names in the table."""
    page = await w.page(f"{path}?{urlencode(query)}")
    assert page.status_code == 200
    return re.findall(r"<bdi>([^<]*)</bdi></a>", page.text)


async def crowd(w: World) -> None:
    for n, name in enumerate(("Иван Петров", "Ivana Brown", "José O'Neill", "Zoë Fell")):
        await w.client(who=f"c{n}", name=name)
        await w.wait("1m")


@pytest.mark.parametrize("path", ["/followup", "/chats"])
@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("IVAN", {"Иван Петров", "Ivana Brown"}),
        ("иван пет", {"Иван Петров"}),
        ("jose", {"José O&#39;Neill"}),
        ("fell zoe", {"Zoë Fell"}),
        ("anna z", {"Zoë Fell"}),
        ("ell", set()),
        ("nobody", set()),
    ],
)
async def test_a_search_folds_case_accents_and_scripts(
    world: Worlds, path: str, text: str, names: set[str]
) -> None:
    w = await world(steps("4h"))
    await crowd(w)

    assert set(await found(w, path, q=text)) == names


@pytest.mark.parametrize("path", ["/followup", "/chats"])
async def test_a_client_who_changed_the_name_is_found_by_the_new_one(
    world: Worlds, path: str
) -> None:
    w = await world(steps("4h"))
    await w.client(name="Grace")

    await w.client("It is me again", name="Augusta")

    assert await found(w, path, q="grace") == []
    assert await found(w, path, q="augu") == ["Augusta"]


async def test_the_employees_name_finds_all_their_chats_also_after_a_new_name(
    world: Worlds,
) -> None:
    w = await world(steps("4h"))
    await crowd(w)

    await w.save(steps("4h"), name="Béatrice")

    assert len(await found(w, q="beatrice")) == 4
    assert await found(w, q="beatrice jos") == ["José O&#39;Neill"]
    assert await found(w, q="anna") == []


async def test_the_list_of_one_employee_is_theirs_alone(world: Worlds) -> None:
    w = await world(steps("4h"))
    bob = {"name": "Bob", "persona": "Kind.", "followup": {"steps": steps("4h")}}
    await w.app.staff.save(people_of(Settings(employees={"bob": bob}, channels={}), w.app.plugins))
    await w.client(name="Grace")

    assert await found(w, employee="anna") == ["Grace"]
    assert await found(w, employee="bob") == []
    assert await found(w, employee="nobody") == ["Grace"]
    assert await found(w, "/chats", employee="bob") == []


async def test_what_was_searched_stays_in_the_box_and_in_the_links(world: Worlds) -> None:
    w = await world(steps("4h"))
    for n in range(51):
        await w.client(who=f"c{n}")

    page = (await w.page("/followup?q=visitor&employee=anna")).text

    assert 'value="visitor"' in page
    assert '<option value="anna" selected>' in page
    assert re.search(r'rel="next" href="/followup\?q=visitor&amp;employee=anna&amp;after=', page)


async def test_the_part_for_the_script_is_the_table_without_the_frame(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client(name="Grace")

    part = (await w.page("/followup", **{"x-part": "list"})).text

    assert "Grace" in part
    assert "<html" not in part
    assert "<form" not in part


async def test_a_chat_that_waits_for_the_opening_says_when_that_is(world: Worlds) -> None:
    w = await world(steps("4h"), working_hours=weekdays("09:00-12:00"))

    await w.client()

    page = (await w.page("/followup")).text
    assert re.search(r"opens <time [^>]*>Tue 3 Mar 09:00</time>", page)


async def test_an_empty_list_says_what_to_do_next(world: Worlds) -> None:
    w = await world(steps("4h"))
    nobody = (await w.page("/followup")).text
    none_fits = (await w.page("/followup?q=zzz")).text
    calm = (await w.page("/followup?view=attention")).text
    silent = (await w.page("/chats")).text
    await w.save(steps("4h"), enabled=False)

    off = (await w.page("/followup")).text

    assert "When a client goes silent after an answer" in nobody
    assert "No waiting chat fits." in none_fits
    assert "Show all" in none_fits
    assert "Nothing needs attention" in calm
    assert "Nobody has written yet" in silent
    assert "nobody follows up yet" in off


@pytest.mark.parametrize("view", ["/followup", "/followup?view=attention"])
async def test_a_banner_tells_that_nobody_sends_until_somebody_does(
    world: Worlds, view: str
) -> None:
    w = await world(steps("4h"))
    sound = (await w.page(view)).text
    w.pulse.now = Ailment.NO_WORKER
    idle = (await w.page(view)).text
    w.pulse.now = Ailment.NO_REDIS
    cut_off = (await w.page(view)).text

    assert "No worker is running, so nothing is sent now." in idle
    assert "Redis cannot be reached, so nothing is sent now." in cut_off
    assert "nothing is sent now" not in sound


async def test_what_needs_attention_is_listed_with_the_reason_and_what_to_do(
    world: Worlds,
) -> None:
    w = await world(steps("4h", "4h"))
    await w.client(who="blocked", name="Blocked")
    await w.wait("1s")
    await w.client(who="unsure", name="Unsure")
    await w.wait("1s")
    await w.client(who="fine", name="Fine")
    w.sender.before.append(ChatUnreachableError("blocked"))
    w.sender.after.append(UnknownDeliveryError("no answer came"))

    await w.wait("4h")

    page = (await w.page("/followup?view=attention")).text
    assert await found(w, view="attention") == ["Unsure", "Blocked"]
    assert "The client cannot be reached" in page
    assert "It is not sent again. Look in the channel whether it arrived." in page
    assert await found(w, view="attention", q="uns") == ["Unsure"]
    await w.client("I am back", who="blocked")
    assert await found(w, view="attention") == ["Unsure"]


async def test_a_step_that_the_model_failed_at_needs_attention(world: Worlds) -> None:
    model = FakeModel([ModelError("away")])
    w = await world(steps("4h"), model=model)
    await w.client(name="Grace")
    await w.wait("4h")
    still_tried = await found(w, view="attention")

    await w.wait("1h")

    assert still_tried == []
    assert await found(w, view="attention") == ["Grace"]
    assert "The model failed three times" in (await w.page("/followup?view=attention")).text


async def test_a_client_who_waits_longer_than_ten_minutes_needs_attention(world: Worlds) -> None:
    w = await world(steps("4h"), jobs=DeafJobs())
    await w.client(name="Grace")
    await w.wait("9m")
    early = await found(w, view="attention")

    await w.wait("2m")

    late = (await w.page("/followup?view=attention")).text
    await w.manager()
    assert early == []
    assert "Grace" in late
    assert "The client waits for an answer." in late
    assert await found(w, view="attention") == []


async def test_all_chats_are_listed_the_newest_activity_first(world: Worlds) -> None:
    w = await world(steps("4h"))
    await crowd(w)

    await w.client("One more thing", who="c0")

    assert (await found(w, "/chats"))[:2] == ["Иван Петров", "Zoë Fell"]
    assert "employee: <bdi>" in (await w.page("/chats")).text


async def test_all_chats_are_paged_and_far_ones_are_found(world: Worlds) -> None:
    w = await world(steps("4h"), jobs=DeafJobs())
    for n in range(60):
        await w.client(who=f"c{n}", name=f"Client {n}")

    first = (await w.page("/chats")).text
    link = re.search(r'rel="next" href="([^"]+)"', first)
    assert link
    second = re.findall(r"<bdi>([^<]*)</bdi></a>", (await w.page(link[1])).text)

    assert second == [f"Client {n}" for n in range(9, -1, -1)]
    assert await found(w, "/chats", q="client 3") == [
        *(f"Client {n}" for n in range(39, 29, -1)),
        "Client 3",
    ]


async def test_a_hint_comes_at_once_and_with_every_piece_of_news() -> None:
    news = LocalNews()
    hints = Stream(news).hints(0)

    opened = await anext(hints)
    news.publish(7)
    told = await anext(hints)
    await hints.aclose()

    assert (opened.event, told.event) == ("open", "news")


ASTRAY = """
SELECT w.chat_id FROM followup_words w LEFT JOIN followup_silences s ON s.chat_id = w.chat_id
WHERE w.due_at IS NOT s.due_at OR w.employee_id <> s.employee_id
"""


async def test_whatever_happens_a_search_finds_exactly_what_the_list_has(world: Worlds) -> None:
    w = await world(steps("4h", "1d"), working_hours=weekdays("09:00-18:00"))

    async def agrees() -> None:
        assert await w.query(ASTRAY) == []
        listed = await found(w)
        assert sorted(await found(w, q="client")) == sorted(listed)

    for n in range(4):
        await w.client(who=f"c{n}", name=f"Client {n}")
        await w.wait("30m")
    await agrees()
    await w.pause("c0")
    await agrees()
    w.sender.before.append(ChatUnreachableError("blocked"))
    w.sender.after.append(UnknownDeliveryError("no answer came"))
    await w.wait("5h")
    await agrees()
    await w.resume("c0")
    await w.save(steps("4h", "1d"), enabled=False, working_hours=weekdays("09:00-18:00"))
    await agrees()
    assert await found(w) == []
    await w.save(steps("1h"), working_hours=weekdays("09:00-18:00"))
    await w.client("Back again", who="c1", name="Client One")
    await agrees()
    assert await found(w, q="one") == ["Client One"]
    await w.restart()
    await w.wait("3d")
    await agrees()


LISTED = """
SELECT DISTINCT w.chat_id FROM followup_words w WHERE w.due_at IS NOT NULL
"""


async def answered(world: Worlds) -> World:
    """Grace wrote and was answered; nobody answers from now on but when a test says so."""
    w = await world(steps("4h"), jobs=DeafJobs())
    await w.client(name="Grace")
    await w.employee()
    return w


async def test_whose_client_has_just_written_is_found_again_with_the_answer(world: Worlds) -> None:
    w = await answered(world)
    before = await found(w, q="grace")

    await w.client("One more thing", name="Grace")
    waiting = await found(w, q="grace"), await found(w)
    await w.wait("5m")
    await w.employee()

    assert (before, waiting) == (["Grace"], ([], []))
    assert await found(w, q="grace") == ["Grace"]
    assert await w.query(ASTRAY) == []


@pytest.mark.parametrize("ending", ["stop messaging me", "pause", "off", "patience"])
async def test_what_ends_the_wait_for_an_answer_takes_the_words_out_of_the_list(
    world: Worlds, ending: str
) -> None:
    w = await answered(world)
    await w.client("One more thing", name="Grace")
    left = await w.query(LISTED)

    match ending:
        case "pause":
            await w.pause()
        case "off":
            await w.save(steps("4h"), enabled=False)
        case "patience":
            w.pass_by("10m1s")
        case words:
            await w.client(words, name="Grace")
    await w.app.sweep()

    assert len(left) == 1
    assert await w.query(LISTED) == []
    assert await found(w, q="grace") == []


async def test_a_new_name_is_found_while_the_client_waits_and_afterwards(world: Worlds) -> None:
    w = await answered(world)

    await w.client("It is me", name="Grace Hopper")
    known = await found(w, "/chats", q="hopper")
    await w.employee()

    assert known == ["Grace Hopper"]
    assert await found(w, q="hopper") == ["Grace Hopper"]
    assert await w.query(ASTRAY) == []
