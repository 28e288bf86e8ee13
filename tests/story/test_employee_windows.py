"""Channels that close: what the tab advises, what Play it shows, what the channels page tells."""

from typing import Any

from bot.site import PersonRole
from config.settings import Settings
from tests.story.browsing import Browsing
from tests.story.conftest import Worlds
from tests.story.filling import TAB, Person, play, stored, words
from tests.story.test_users import enter
from tests.story.words import steps
from tests.story.world import World

PAGES = (
    "/employees",
    *(f"/employees/anna/{each}" for each in ("persona", "hours", "channels")),
    TAB,
)
TEMPLATE = {"content_sid": f"HX{'0' * 32}", "variables": {"1": "{reminder}"}}


async def on_whatsapp(world: Worlds, **more: Any) -> World:
    """Anna on WhatsApp, and on an account that is left out."""
    w = await world(steps("4h", "24h"))
    account = {
        "kind": "whatsapp",
        "employee": "anna",
        "account_sid": f"AC{'0' * 32}",
        "auth_token": "a-secret-of-nobody",
        "from": "whatsapp:+14155238886",
    }
    broken = {"kind": "telegram", "employee": "anna"}
    employees = {"anna": {"name": "Anna"}}
    channels = {"wa": {**account, **more}, "tg": broken}
    w.settings = Settings(employees=employees, channels=channels)
    await w.restart()
    return w


async def test_without_a_template_the_tab_says_where_the_chain_would_stop(world: Worlds) -> None:
    w = await on_whatsapp(world)
    async with Browsing(w.app.web) as browser:
        person = await Person(browser, TAB).opens()
        advice = words(person.text)
        film = await play(person, "price")

    assert "Step 2 comes more than 24 hours after the client's last message" in advice
    assert "“wa” then takes nothing but an approved template, and its settings have none" in advice
    assert "step 2 window closed" in film
    assert "the channel's time window is closed" in film


async def test_with_a_template_the_later_steps_go_out_by_it(world: Worlds) -> None:
    w = await on_whatsapp(world, template=TEMPLATE)
    async with Browsing(w.app.web) as browser:
        person = await Person(browser, TAB).opens()
        advice = words(person.text)
        film = await play(person, "price")

    assert "From step 2 on, more than 24 hours after" in advice
    assert "step 1 by template" not in film
    assert "step 2 by template" in film
    assert "reminder 2 of 2" in film


async def test_the_channels_page_says_what_is_left_out_and_why_and_no_secret(
    world: Worlds,
) -> None:
    w = await on_whatsapp(world)

    page = words((await w.page("/employees/anna/channels")).text)

    assert "tg telegram left out : channels.tg.token: is required" in page
    assert "wa whatsapp in use Free texts until 24 hours after the client's message" in page
    assert "a-secret-of-nobody" not in page


async def test_a_viewer_sees_everything_and_changes_nothing(world: Worlds) -> None:
    w = await world(steps("4h"))
    before = await w.app.staff.tables()
    async with Browsing(w.app.web) as admin, Browsing(w.app.web) as viewer:
        await enter(w, admin, "Olga", PersonRole.ADMIN)
        await enter(w, viewer, "Ivan", PersonRole.VIEWER)
        pages = [await viewer.get(path) for path in PAGES]
        refused = [
            (await viewer.post(path, {"do": do, "name": "Eve", "scene": "price"})).status_code
            for path in PAGES
            if not path.endswith("channels")
            for do in ("save", "play", "look", "add.mon")
        ]
        saved = await (await Person(admin, TAB).opens()).press(step__0__hours="5")

    assert [page.status_code for page in pages] == [200] * len(PAGES)
    assert "Do the thing of s1 now." in pages[-1].text
    assert all('class="main"' not in page.text for page in pages)
    assert set(refused) == {403}
    assert before != await w.app.staff.tables()
    assert saved.status_code == 200
    assert (await stored(w))[1].startswith("s1 5h ")
    log = await w.query("SELECT by, action FROM changes WHERE employee_id = 'anna'")
    assert log == [{"by": "Olga", "action": "followup.save"}]
