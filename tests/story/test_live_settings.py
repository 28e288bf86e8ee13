"""Rule 9: an edit applies at once to chats in mid-chain, and never fires a burst."""

from bot.app import people_of
from bot.testing import FakeModel
from config.settings import Settings
from tests.story.conftest import Worlds
from tests.story.words import say, settings_of, step, steps, weekdays


async def test_a_longer_delay_applies_to_a_chat_that_waits(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    await w.wait("3h")

    await w.save(steps("6h"))
    await w.wait("1d")

    assert await w.reminders() == ["+6h s1"]


async def test_a_shorter_delay_that_is_over_already_is_due_ten_minutes_after_the_save(
    world: Worlds,
) -> None:
    w = await world(steps("8h"))
    await w.client()
    await w.wait("3h")

    await w.save(steps("1h"))
    await w.wait("1d")

    assert await w.reminders() == ["+3h10m s1"]


async def test_after_a_save_a_short_step_is_due_after_half_its_delay(world: Worlds) -> None:
    w = await world(steps("8h"))
    await w.client()
    await w.wait("3h")

    await w.save(steps("2m"))
    await w.wait("1d")

    assert await w.reminders() == ["+3h1m s1"]


async def test_a_shorter_delay_that_is_not_over_yet_is_kept_to_the_second(world: Worlds) -> None:
    w = await world(steps("8h"))
    await w.client()
    await w.wait("3h")

    await w.save(steps("3h1s"))
    await w.wait("1d")

    assert await w.reminders() == ["+3h1s s1"]


async def test_an_edit_never_fires_a_burst(world: Worlds) -> None:
    w = await world(steps("30d"))
    for n in range(5):
        await w.client(who=f"c{n}")
    await w.wait("3d")

    await w.save(steps("1h", "1h"))
    await w.wait("9m59s")
    burst = [await w.reminders(f"c{n}") for n in range(5)]
    await w.wait("1d")

    assert burst == [[]] * 5
    assert await w.reminders("c3") == ["+3d10m s1", "+3d1h10m s2"]


async def test_steps_already_sent_stay_sent_when_they_are_moved(world: Worlds) -> None:
    w = await world(steps("1h", "4h", "4h"))
    await w.client()
    await w.wait("2h")

    await w.save([step("s2", "4h"), step("s1", "1h"), step("s3", "4h")])
    await w.wait("3d")

    assert await w.reminders() == ["+1h s1", "+5h s3"]
    assert await w.why() == "done"


async def test_when_the_last_sent_step_is_deleted_the_first_unsent_one_is_next(
    world: Worlds,
) -> None:
    w = await world(steps("1h", "4h"))
    await w.client()
    await w.wait("2h")

    await w.save([step("s0", "3h"), step("s2", "4h")])
    await w.wait("3d")

    assert await w.reminders() == ["+1h s1", "+4h s0", "+8h s2"]


async def test_a_step_put_before_the_last_sent_one_is_not_caught_up(world: Worlds) -> None:
    w = await world(steps("1h"))
    await w.client()
    await w.wait("2h")

    await w.save([step("s0", "1h"), step("s1", "1h")])
    await w.wait("3d")

    assert await w.reminders() == ["+1h s1"]


async def test_a_chat_that_was_done_gets_a_step_that_was_added(world: Worlds) -> None:
    w = await world(steps("1h"))
    await w.client()
    await w.wait("2d")

    await w.save(steps("1h", "4h"))
    await w.wait("3d")

    assert await w.reminders() == ["+1h s1", "+2d10m s2"]


async def test_deleting_the_waiting_step_leaves_nothing_to_do(world: Worlds) -> None:
    w = await world(steps("1h", "4h"))
    await w.client()
    await w.wait("2h")

    await w.save(steps("1h"))
    await w.wait("3d")

    assert await w.reminders() == ["+1h s1"]
    assert await w.why() == "done"


async def test_a_save_that_changes_nothing_is_an_edit_all_the_same(world: Worlds) -> None:
    w = await world(steps("4h"), working_hours=weekdays("14:00-18:00"))
    await w.client()
    await w.wait("4h55m")

    await w.save(steps("4h"), working_hours=weekdays("14:00-18:00"))
    await w.wait("1d")

    assert await w.reminders() == ["+5h5m s1"]


async def test_a_save_and_a_reminder_at_the_same_second_the_save_comes_first(
    world: Worlds,
) -> None:
    w = await world(steps("4h"))
    await w.client()
    await w.wait("3h59m59s")
    w.pass_by("1s")

    await w.save(steps("5h"))
    await w.wait("1d")

    assert await w.reminders() == ["+5h s1"]


async def test_an_edit_needs_no_sweep_to_apply(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    edited = settings_of(steps("1m"))

    await w.app.staff.save(people_of(edited, w.app.plugins))
    await w.run()

    assert await w.why() == "+1m"


async def test_new_hours_apply_at_once(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    await w.wait("1h")

    await w.save(working_hours=weekdays("16:00-18:00"))
    await w.wait("1d")

    assert await w.calendar() == ["Mon 2 16:00:00 s1"]


async def test_an_edit_while_the_model_composes_has_it_compose_anew(world: Worlds) -> None:
    model = FakeModel([say("The old words."), say("The new words.")])
    w = await world(steps("4h"), model=model)
    await w.client()

    model.meanwhile.append(lambda: w.save([step("s1", "4h", instruction="Do it differently.")]))
    await w.wait("1d")

    assert w.sender.texts[1:] == ["The new words."]
    assert "Do it differently." in model.asked[-1][0][-1][1]


async def test_a_step_deleted_while_the_model_composes_is_not_sent(world: Worlds) -> None:
    model = FakeModel([say("Too late.")])
    w = await world(steps("4h"), model=model)
    await w.client()

    model.meanwhile.append(lambda: w.save([]))
    await w.wait("1d")

    assert await w.reminders() == []
    assert await w.states() == ["s1 cancelled no_steps"]


async def test_what_the_system_starts_with_is_no_edit(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    w.pass_by("5h")

    await w.restart()

    assert await w.reminders() == ["+5h s1"]


async def test_a_settings_file_that_was_changed_does_not_change_who_is_known(
    world: Worlds,
) -> None:
    w = await world(steps("4h"))
    await w.client()
    w.settings = settings_of(steps("1h"), name="Berta")

    await w.restart()
    await w.wait("1d")

    assert await w.reminders() == ["+4h s1"]


async def test_another_employees_edit_changes_nothing_here(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    await w.wait("3h")
    bert = {"name": "Bert", "followup": {"steps": steps("1h")}}
    edited = Settings(employees={"bert": bert})

    await w.app.staff.save(people_of(edited, w.app.plugins))
    await w.wait("1d")

    assert await w.reminders() == ["+4h s1"]
