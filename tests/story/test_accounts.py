"""Accounts that other code answers, places in a chat, and who is admin where."""

from dataclasses import replace

import pytest

from bot.app import Outside, build
from bot.model import Author
from bot.news import LocalNews
from bot.plugin import Channel, ChannelHost
from bot.testing import FakeJobs, FakeModel, FakeSender
from config.settings import Settings
from tests.story.conftest import Worlds
from tests.story.words import say, sayings, steps
from tests.story.world import World


async def foreign(world: Worlds, *delays: str) -> World:
    """Other code answers there."""
    w = await world(steps(*delays), model=FakeModel(sayings(), answers=["Ours."]))
    silence(w)
    return w


def silence(w: World) -> None:
    accounts = w.app.inbox.accounts
    accounts["site"] = replace(accounts["site"], answers=False)


async def test_where_other_code_answers_the_employee_says_nothing(world: Worlds) -> None:
    w = await foreign(world, "4h")

    await w.client()
    await w.wait("7d")

    assert w.sender.sent == []
    assert await w.why() == "waiting_for_answer"


async def test_what_the_other_code_says_is_the_answer(world: Worlds) -> None:
    w = await foreign(world, "4h", "4h")
    await w.client()
    w.pass_by("1h")
    await w.employee("Theirs.")

    await w.wait("1d")

    assert await w.reminders() == ["+4h s1", "+8h s2"]
    assert (await w.texts())[:2] == ["client: Hello, do you repair e-bikes?", "employee: Theirs."]


async def test_a_reminder_never_comes_on_the_heels_of_their_answer(world: Worlds) -> None:
    w = await foreign(world, "4h")
    await w.client()
    w.pass_by("5h")
    await w.employee("Sorry, that took a while.")

    await w.wait("1d")

    assert await w.reminders() == ["+5h10m s1"]


async def test_a_chat_that_a_manager_gives_back_is_still_left_to_the_other_code(
    world: Worlds,
) -> None:
    w = await foreign(world, "4h")
    await w.client()
    await w.pause()

    await w.resume()
    await w.wait("1d")

    assert w.sender.sent == []


async def test_an_account_that_was_given_to_other_code_has_old_questions_left_to_it(
    world: Worlds,
) -> None:
    w = await world(steps("4h"), model=FakeModel([say()]))
    await w.receive("Hello")
    silence(w)

    await w.run()
    await w.wait("1d")

    assert w.sender.sent == []


async def test_the_clients_latest_place_is_where_the_reminder_goes(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client("In a topic", route="11")
    await w.client("In another", route="12")
    await w.receive("An old one, seen late", author=Author.MANAGER, route="13")

    chat = await w.chat()

    assert chat.route == "12"


def built(monkeypatch: pytest.MonkeyPatch, **channels: dict[str, str]) -> dict[str, ChannelHost]:
    """The hosts that those channels are given."""
    hosts: dict[str, ChannelHost] = {}

    def factory(account: str, _options: object, host: ChannelHost) -> Channel:
        hosts[account] = host
        return Channel(FakeSender(), answers=account != "attached")

    monkeypatch.setattr("bot.switchboard.channel_factory", lambda _kind: factory)
    settings = Settings(
        employees={"anna": {"name": "Anna"}},
        channels={name: {"employee": "anna", **table} for name, table in channels.items()},
        admins={"telegram": [1, 2], "whatsapp": ["+491701234567"]},
    )
    build(settings, Outside("sqlite:///none.db", FakeJobs(), LocalNews()))
    return hosts


def test_admins_are_those_of_the_accounts_own_network(monkeypatch: pytest.MonkeyPatch) -> None:
    hosts = built(
        monkeypatch, tg={"kind": "telegram"}, wa={"kind": "whatsapp"}, web={"kind": "web"}
    )

    assert set(hosts["tg"].admins) == {"1", "2"}
    assert set(hosts["wa"].admins) == {"+491701234567"}
    assert set(hosts["web"].admins) == set()
    assert "followup" in hosts["tg"].commands
