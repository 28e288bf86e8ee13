"""Commands of admins: done once, told to them alone, and nothing to anybody else."""

from datetime import timedelta

import pytest

from bot.errors import ChannelError, UnknownDeliveryError
from bot.model import Author, ChatRef
from tests.story.conftest import Worlds
from tests.story.desk import ADMIN, Office
from tests.story.words import steps
from tests.story.world import Killed

BOSS = ChatRef("site", "boss")
FAILED = "That did not work, and nothing may have changed. The log says why."


@pytest.fixture
async def office(world: Worlds) -> Office:
    return Office(await world(steps("4h")))


async def open_commands(office: Office) -> int:
    rows = await office.world.query("SELECT id FROM commands WHERE done_at IS NULL")
    return len(rows)


async def test_a_command_is_done_and_answered_in_the_chat_of_the_admin(office: Office) -> None:
    taken = await office.admin("/followup add 4h Ask whether it fits.")

    assert taken
    assert office.console.texts == ["Done: /followup add 4h Ask whether it fits."]
    (command,) = office.clerk.asked
    assert (command.ref, command.by, command.employee) == (BOSS, "telegram 7", "anna")
    assert command.at == office.world.clock.now()


async def test_a_command_starts_nothing_that_a_clients_message_starts(office: Office) -> None:
    await office.admin()
    await office.world.wait("1d")

    assert await office.world.app.runtime.chats.find(BOSS) is None
    assert office.world.sender.sent == []


async def test_a_pressed_button_has_its_screen_edited(office: Office) -> None:
    await office.admin("/followup steps", message_id="callback:9", edits="41")

    assert [(ref, edits) for ref, _, edits in office.console.shown] == [(BOSS, "41")]


@pytest.mark.parametrize("text", ["/FollowUp steps", "  /followup\tsteps", "/followup\nsteps"])
async def test_a_command_may_be_written_in_other_ways(office: Office, text: str) -> None:
    assert await office.admin(text)
    assert office.done == [text]


async def test_the_same_command_brought_again_is_done_once(office: Office) -> None:
    for _ in range(2):
        assert await office.admin("/followup off", message_id="m1")

    assert office.done == ["/followup off"]
    assert len(office.console.shown) == 1


async def test_the_same_words_again_are_another_command(office: Office) -> None:
    for _ in range(2):
        await office.admin("/followup off")

    assert office.done == ["/followup off"] * 2


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("/followup off", {"sender": "8"}),
        ("/followup off", {"sender": None}),
        ("/followup off", {"sender": ""}),
        ("/followup off", {"sender": "07"}),
        ("/start", {"sender": ADMIN}),
        ("/followups", {"sender": ADMIN}),
        ("/", {"sender": ADMIN}),
        ("followup off", {"sender": ADMIN}),
        ("Please /followup off", {"sender": ADMIN}),
    ],
    ids=str,
)
async def test_anything_else_is_a_clients_message_that_the_employee_answers(
    office: Office, text: str, more: dict[str, str | None]
) -> None:
    taken = await office.world.says(text, **more)
    await office.world.run()

    assert not taken
    assert office.done == []
    assert await office.world.messages() != []
    assert len(office.world.sender.texts) == 1
    assert office.console.shown == []


@pytest.mark.parametrize("author", [Author.MANAGER, Author.EMPLOYEE])
async def test_what_an_admin_writes_to_a_client_is_no_command(
    office: Office, author: Author
) -> None:
    taken = await office.world.says("/followup off", sender=ADMIN, author=author)

    assert not taken


async def test_an_admin_of_another_network_is_nobody_here(office: Office) -> None:
    incoming = office.world.incoming("/followup off", sender=ADMIN)
    elsewhere = ChatRef("other", "boss")

    taken = await office.world.app.desk.take(
        type(incoming)(elsewhere, "m1", Author.CLIENT, incoming.text, incoming.at, sender=ADMIN)
    )

    assert not taken


async def test_without_the_plugin_there_is_no_command(office: Office) -> None:
    office.world.app.hooks.plugins = [
        each for each in office.world.app.plugins if each is not office.clerk
    ]
    office.clerk.commands = {}

    assert not await office.admin("/clerk")


async def test_a_command_whose_job_was_lost_is_found_by_the_sweep(office: Office) -> None:
    await office.world.says("/followup off", sender=ADMIN, who="boss")
    office.world.jobs.lose()

    await office.world.wait("1m")

    assert office.done == ["/followup off"]
    assert len(office.console.shown) == 1


async def test_a_command_that_waited_too_long_is_forgotten(office: Office) -> None:
    await office.world.says("/followup off", sender=ADMIN, who="boss")
    office.world.jobs.lose()
    office.world.pass_by("11m")

    await office.world.wait("1m")

    assert office.done == []
    assert await open_commands(office) == 0


async def test_a_job_that_comes_too_late_does_not_do_what_nobody_waits_for(
    office: Office,
) -> None:
    """The system was down, and Redis still knows the job."""
    await office.world.says("/followup off", sender=ADMIN, who="boss")
    office.world.pass_by("11m")

    await office.world.run()

    assert office.done == []


async def test_a_young_command_is_not_forgotten_with_an_old_one(office: Office) -> None:
    await office.world.says("/followup off", sender=ADMIN, who="boss")
    office.world.pass_by("11m")
    await office.world.says("/followup on", sender=ADMIN, who="boss")
    office.world.jobs.lose()

    await office.world.wait("1m")

    assert office.done == ["/followup on"]


async def test_a_process_that_dies_over_a_command_leaves_it_undone_or_done_but_never_twice(
    office: Office,
) -> None:
    async def die() -> None:
        raise Killed

    office.clerk.meanwhile.append(die)
    with pytest.raises(Killed):
        await office.admin("/followup off")

    await office.world.restart()
    office.open()
    await office.world.wait("5m")

    assert office.done == ["/followup off"]


async def test_two_jobs_for_one_command_do_it_once(office: Office) -> None:
    await office.admin("/followup off")

    office.world.jobs.wake("command", 1, office.world.clock.now() + timedelta(seconds=1))
    await office.world.wait("1m")

    assert office.done == ["/followup off"]


async def test_a_plugin_that_fails_over_a_command_is_logged_and_the_admin_told(
    world: Worlds, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    async def stumble() -> None:
        raise RuntimeError("a bug")

    world.faults = 1
    office.clerk.meanwhile.append(stumble)

    await office.admin("/followup add 4h Something secret.", edits="41")

    assert [(screen.text, edits) for _, screen, edits in office.console.shown] == [(FAILED, "41")]
    assert "RuntimeError: a bug" in caplog.text
    assert "secret" not in caplog.text


async def test_a_plugin_may_have_nothing_to_say(office: Office) -> None:
    office.clerk.speechless = True

    await office.admin()

    assert office.done == ["/followup status"]
    assert office.console.shown == []


@pytest.mark.parametrize("fault", [ChannelError("refused"), UnknownDeliveryError("lost")])
async def test_an_admin_who_cannot_be_shown_the_answer_has_the_command_done_all_the_same(
    office: Office, fault: Exception
) -> None:
    office.console.faults.append(fault)

    await office.admin("/followup off")
    await office.world.wait("1m")

    assert office.done == ["/followup off"]
    assert office.console.shown == []


async def test_a_channel_without_a_console_has_commands_done_too(office: Office) -> None:
    del office.world.app.desk.consoles["site"]

    await office.admin("/followup off")

    assert office.done == ["/followup off"]


@pytest.mark.parametrize("text", ["/followup add 4h a\0b", "/followup add 4h \ud83d"])
async def test_what_no_database_takes_is_replaced(office: Office, text: str) -> None:
    await office.admin(text)

    assert office.done == [
        "/followup add 4h a\ufffdb" if "\0" in text else "/followup add 4h \ufffd"
    ]


async def test_commands_are_forgotten_with_old_messages(office: Office) -> None:
    await office.admin("/followup off")
    await office.world.wait("364d")
    await office.admin("/followup on")
    await office.world.wait("2d")
    [_, kept] = await office.world.query("SELECT id, text FROM commands ORDER BY id")

    await office.world.app.forget()

    assert await office.world.query("SELECT id, text FROM commands") == [kept]
    assert kept["text"] == ""
