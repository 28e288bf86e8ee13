"""One suite for every channel, ours and those of others."""

import logging
from collections.abc import Collection

import pytest

from bot.api import (
    Author,
    Channel,
    ChannelBusyError,
    ChannelError,
    ChatUnreachableError,
    SettingsError,
    UnknownDeliveryError,
)
from tests.contract.channel.harness import Fault, Harness
from tests.contract.channel.host import ACCOUNT, Host

WORDS = "a private question 1234"
ERRORS: dict[Fault, tuple[type[Exception], Collection[type[Exception]]]] = {
    Fault.AWAY: (ChannelError, (ChatUnreachableError,)),
    Fault.BUSY: (ChannelBusyError, ()),
    Fault.BLOCKED: (ChatUnreachableError, ()),
    Fault.REFUSED: (ChannelError, (ChatUnreachableError, ChannelBusyError)),
    Fault.BROKEN: (UnknownDeliveryError, ()),
    Fault.LOST: (UnknownDeliveryError, ()),
}
"""What the sender is to raise, and what of that kind it is not."""


class ChannelContract:
    """Derive from it and give the fixture `harness`."""

    @pytest.fixture
    def host(self, harness: Harness) -> Host:
        return Host(*([harness.admin] if harness.admin is not None else []))

    @pytest.fixture
    async def channel(self, harness: Harness, host: Host) -> Channel:
        channel = harness.factory(ACCOUNT, harness.options, host.host())
        await harness.begin(channel)
        return channel

    # Settings.

    def test_it_is_made_without_a_loop_or_a_network(self, harness: Harness, host: Host) -> None:
        channel = harness.factory(ACCOUNT, harness.options, host.host())

        assert channel.listener is not None or channel.routes

    def test_a_slip_in_its_settings_is_told_by_name(self, harness: Harness, host: Host) -> None:
        options = {**harness.options, "wrnog": 1}

        with pytest.raises(SettingsError, match=rf"^channels\.{ACCOUNT}\.wrnog"):
            harness.factory(ACCOUNT, options, host.host())

    # Hearing.

    @pytest.mark.usefixtures("channel")
    async def test_what_a_client_writes_is_received_and_then_acknowledged(
        self, harness: Harness, host: Host
    ) -> None:
        assert await harness.write("kim", "Hello 🚲", "m1")

        (heard,) = host.heard
        assert (heard.ref.account, heard.ref.address) == (ACCOUNT, harness.address("kim"))
        assert (heard.author, heard.text) == (Author.CLIENT, "Hello 🚲")
        assert heard.at.tzinfo is not None
        assert 0 < len(heard.id) <= 200
        assert len(heard.ref.address) <= 200

    @pytest.mark.usefixtures("channel")
    async def test_the_same_message_brought_again_has_the_same_id(
        self, harness: Harness, host: Host
    ) -> None:
        for _ in range(2):
            assert await harness.write("kim", "Hello", "m1")

        assert len({heard.id for heard in host.heard}) == 1
        assert [len(said) for said in host.said.values() if said] == [1]

    @pytest.mark.usefixtures("channel")
    async def test_the_same_words_again_are_another_message(
        self, harness: Harness, host: Host
    ) -> None:
        for name in ("m1", "m2"):
            await harness.write("kim", "Hello", name)

        assert len({heard.id for heard in host.heard}) == 2

    @pytest.mark.usefixtures("channel")
    async def test_two_clients_have_two_chats(self, harness: Harness, host: Host) -> None:
        for who in ("kim", "lee"):
            await harness.write(who, "Hello", f"m-{who}")

        assert len({heard.ref for heard in host.heard}) == 2

    @pytest.mark.usefixtures("channel")
    async def test_what_could_not_be_stored_is_not_acknowledged(
        self, harness: Harness, host: Host
    ) -> None:
        host.full = True

        assert not await harness.write("kim", "Hello", "m1")
        assert await harness.write("kim", "Hello", "m1")

        assert [heard.text for heard in host.heard] == ["Hello"]

    @pytest.mark.usefixtures("channel")
    async def test_what_does_not_come_from_the_network_is_not_let_in(
        self, harness: Harness, host: Host
    ) -> None:
        assert not await harness.forge("Hello")

        assert host.heard == []

    @pytest.mark.usefixtures("channel")
    async def test_a_command_of_an_admin_is_no_clients_message(
        self, harness: Harness, host: Host
    ) -> None:
        if harness.admin is None:
            pytest.skip("nobody gives commands there")
        await harness.write(harness.admin, "/followup status", "m1")
        await harness.write("kim", "/followup status", "m2")

        assert [taken.text for taken, _ in host.desk.taken] == ["/followup status"]
        assert [heard.ref.address for heard in host.heard] == [harness.address("kim")]

    # Sending.

    async def test_what_is_sent_reaches_that_client_alone(
        self, harness: Harness, host: Host, channel: Channel
    ) -> None:
        await says(host, harness, channel, "kim", "Yes, we do. 🚲")
        await says(host, harness, channel, "lee", "No.")

        assert await harness.taken() == [
            (harness.address("kim"), "Yes, we do. 🚲"),
            (harness.address("lee"), "No."),
        ]

    async def test_a_process_that_never_listened_sends_too(
        self, harness: Harness, host: Host, channel: Channel
    ) -> None:
        await harness.write("kim", "Hello", "m1")
        worker = harness.factory(ACCOUNT, harness.options, host.host())

        await says(host, harness, worker, "kim", "Hello from a worker.")

        assert [text for _, text in await harness.taken()] == ["Hello from a worker."]
        await closed(worker)

    async def test_a_long_text_arrives_whole(
        self, harness: Harness, host: Host, channel: Channel
    ) -> None:
        text = "\n\n".join(f"Paragraph {n}. " + "word " * 40 for n in range(20)).strip()

        await says(host, harness, channel, "kim", text)

        arrived = " ".join(text for _, text in await harness.taken())
        assert arrived.split() == text.split()

    @pytest.mark.parametrize("fault", Fault, ids=lambda fault: fault.name.lower())
    async def test_a_fault_is_told_by_what_can_be_done_about_it(
        self, harness: Harness, host: Host, channel: Channel, fault: Fault
    ) -> None:
        if fault not in harness.faults:
            pytest.skip("this network cannot fail so")
        await says(host, harness, channel, "kim", "Hello")
        await harness.fail(fault)
        wanted, too_much = ERRORS[fault]

        with pytest.raises(wanted) as caught:
            await says(host, harness, channel, "kim", "Are you there?")

        assert not isinstance(caught.value, tuple(too_much))
        out = [text for _, text in await harness.taken()]
        assert out.count("Are you there?") == (1 if fault is Fault.LOST else 0)

    async def test_a_network_that_asks_to_wait_is_told_for_how_long(
        self, harness: Harness, host: Host, channel: Channel
    ) -> None:
        if Fault.BUSY not in harness.faults:
            pytest.skip("this network never asks to wait")
        await harness.fail(Fault.BUSY)

        with pytest.raises(ChannelBusyError) as caught:
            await says(host, harness, channel, "kim", "Hello")

        assert 1 <= caught.value.wait.total_seconds() <= 3600

    async def test_it_says_whether_a_message_arrived_or_that_it_cannot_tell(
        self, harness: Harness, host: Host, channel: Channel
    ) -> None:
        await says(host, harness, channel, "kim", "Hello")
        (chat,) = [
            each for each in host.chats.values() if each.ref.address == harness.address("kim")
        ]

        assert await channel.sender.was_sent(chat, host.said[chat.id][-1]) in {True, None}
        assert channel.sender.is_open(chat, host.clock.now())

    # Discretion.

    async def test_no_log_holds_a_secret_a_text_or_an_address(
        self, harness: Harness, host: Host, channel: Channel, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.DEBUG):
            await harness.write("kim", WORDS, "m1")
            await harness.forge(WORDS)
            await says(host, harness, channel, "kim", f"{WORDS}!")
            for fault in harness.faults:
                await harness.fail(fault)
                with pytest.raises((ChannelError, UnknownDeliveryError)) as caught:
                    await says(host, harness, channel, "kim", f"{WORDS}!")
                log = logging.getLogger("bot.outbox")
                log.warning("it failed: %s", caught.value, exc_info=caught.value)

        for secret in (*harness.secrets, WORDS):
            assert secret not in caplog.text


async def says(host: Host, harness: Harness, channel: Channel, who: str, text: str) -> None:
    """The employee says something to that client; stored first, as always."""
    address = harness.address(who)
    chats = {each.ref.address: each for each in host.chats.values()}
    if address not in chats:
        await harness.write(who, "Hello?", f"first of {who}")
        chats = {each.ref.address: each for each in host.chats.values()}
    chat = chats[address]
    message = host.say(chat.id, text)
    external_id = await channel.sender.send(chat, message)
    assert external_id is None or 0 < len(external_id) <= 200


async def closed(channel: Channel) -> None:
    if channel.close is not None:
        await channel.close()
