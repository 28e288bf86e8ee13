"""Bugs, planted one at a time into the loaded code; the files know nothing of them.

Each is a mistake that somebody could make in one place, or has made elsewhere.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

import bot.inbox
import plugins.followup.plugin
from bot.api import Delivery
from bot.errors import UnknownDeliveryError
from bot.outbox import SqlOutbox
from plugins.followup import chain, claims, gate, hours, on_message, settling, sweep
from plugins.followup.adapters import store_sql
from plugins.followup.adapters.reminders_sql import SqlReminders
from plugins.followup.model import Reason

Patch = pytest.MonkeyPatch


async def _nothing(*_: object, **__: object) -> None:
    """What is left out."""


# The claim and the gate.


def no_check_at_the_gate(patch: Patch) -> None:
    def open_gate(_ports: Any, _sheet: Any, claimed: Any, found: Any) -> Any:
        return replace(claimed, held=found[0])

    patch.setattr(gate, "still_ours", open_gate)


def no_claim(patch: Patch) -> None:
    async def never_busy(*_: object) -> set[int]:
        return set()

    patch.setattr(SqlReminders, "busy", never_busy)


def no_hours_at_the_gate(patch: Patch) -> None:
    still_ours = claims.still_ours

    def open_for_the_gate(*what: Any) -> Any:
        with pytest.MonkeyPatch.context() as here:
            here.setattr(chain, "is_open", lambda *_: True)
            return still_ours(*what)

    patch.setattr(gate, "still_ours", open_for_the_gate)


def a_human_is_not_alone_at_the_gate(patch: Patch) -> None:
    still_ours, mended, obstacles = claims.still_ours, claims._mended, chain._obstacles

    def unfrozen(silence: Any, plan: Any) -> Any:
        return obstacles(replace(silence, frozen_since=None), plan)

    def unaware(*what: Any) -> Any:
        with pytest.MonkeyPatch.context() as here:
            here.setattr(chain, "_obstacles", unfrozen)
            return still_ours(*what)

    def alone(found: Any, now: datetime) -> Any:
        return mended(replace(found, chat=replace(found.chat, paused_since=None)), now)

    async def held(*what: Any) -> Any:
        with pytest.MonkeyPatch.context() as here:
            here.setattr(claims, "_mended", alone)
            return await claims.hold(*what)

    _claims_outlive(patch, Reason.HUMAN_ACTIVE)
    patch.setattr(gate, "hold", held)
    patch.setattr(gate, "still_ours", unaware)


def the_gate_forgets_the_mute(patch: Patch) -> None:
    still_ours, obstacles = claims.still_ours, chain._obstacles

    def loud(silence: Any, plan: Any) -> Any:
        return obstacles(replace(silence, muted_since=None), plan)

    def forgetful(*what: Any) -> Any:
        with pytest.MonkeyPatch.context() as here:
            here.setattr(chain, "_obstacles", loud)
            return still_ours(*what)

    _claims_outlive(patch, Reason.MUTED)
    patch.setattr(gate, "still_ours", forgetful)


def _claims_outlive(patch: Patch, what: Reason) -> None:
    cancel = SqlReminders.cancel

    async def but_not_then(self: Any, tx: Any, chat: int, reason: Reason, now: datetime) -> None:
        if reason is not what:
            await cancel(self, tx, chat, reason, now)

    patch.setattr(SqlReminders, "cancel", but_not_then)


def no_intent_before_the_call(patch: Patch) -> None:
    patch.setattr(gate, "_intent", lambda message: {"message_id": message.id})


# After a crash, and after the channel.


def sent_again_after_a_crash(patch: Patch) -> None:
    settle = sweep.was_sent

    async def once_more(ports: Any, reminder: int, delivery: Delivery, **more: Any) -> None:
        if delivery is Delivery.UNCERTAIN:
            await sweep.not_sent(ports, reminder, None)
        else:
            await settle(ports, reminder, delivery, **more)

    patch.setattr(sweep, "was_sent", once_more)


def unknown_is_tried_again(patch: Patch) -> None:
    deliver = SqlOutbox.deliver

    async def twice(self: Any, chat: Any, message: Any) -> Any:
        try:
            return await deliver(self, chat, message)
        except UnknownDeliveryError:
            return await deliver(self, chat, message)

    patch.setattr(SqlOutbox, "deliver", twice)


def no_sweep(patch: Patch) -> None:
    patch.setattr(plugins.followup.plugin, "sweep", _nothing)


def no_end_of_leases(patch: Patch) -> None:
    patch.setattr(sweep, "_take_back", _nothing)


def uncertain_uses_up_nothing(patch: Patch) -> None:
    sent, put_down = settling.sent, settling._put_down

    def but_not_used(sheet: Any, fate: Any, found: Any) -> Any:
        with pytest.MonkeyPatch.context() as here:
            if fate.delivery is Delivery.UNCERTAIN:
                here.setattr(settling, "sent", chain.skipped)
                here.setattr(settling, "used_up", lambda silence, _step: silence)
            return put_down(sheet, fate, found)

    assert sent is chain.sent
    patch.setattr(settling, "_put_down", but_not_used)


def an_old_silence_passes_the_step_in_the_new(patch: Patch) -> None:
    load = settling._load

    async def of_today(*what: Any) -> Any:
        return {
            key: (replace(row, silence=record.silence.number), record, message)
            for key, (row, record, message) in (await load(*what)).items()
        }

    patch.setattr(settling, "_load", of_today)


# The rules.


def once_is_ignored(patch: Patch) -> None:
    following = chain.next_step
    patch.setattr(
        chain,
        "next_step",
        lambda silence, plan: following(replace(silence, used=frozenset()), plan),
    )


def no_wait_for_an_answer(patch: Patch) -> None:
    wanted = chain._wanted

    def at_once(silence: Any, *more: Any) -> Any:
        return wanted(replace(silence, answered_at=silence.answered_at or silence.began), *more)

    patch.setattr(chain, "_wanted", at_once)


def an_edit_fires_a_burst(patch: Patch) -> None:
    wanted = chain._wanted
    patch.setattr(
        chain,
        "_wanted",
        lambda silence, step, plan: wanted(silence, step, replace(plan, saved_at=None)),
    )


def switching_on_catches_up(patch: Patch) -> None:
    obstacles = chain._obstacles
    patch.setattr(
        chain,
        "_obstacles",
        lambda silence, plan: obstacles(silence, replace(plan, enabled_since=None)),
    )


def opted_out_for_one_silence_only(patch: Patch) -> None:
    begun = chain.client_wrote

    def forgetful(silence: Any, at: datetime) -> Any:
        return replace(begun(silence, at), opted_out=False)

    patch.setattr(on_message, "client_wrote", forgetful)


def a_late_message_moves_the_anchor_back(patch: Patch) -> None:
    begun = chain.client_wrote

    def as_written(silence: Any, at: datetime) -> Any:
        return replace(begun(silence, at), began=at, anchor=at)

    patch.setattr(on_message, "client_wrote", as_written)


def never_too_late(patch: Patch) -> None:
    patch.setattr(chain, "TOO_LATE", timedelta(days=3650))


def postponed_is_not_stored(patch: Patch) -> None:
    values = store_sql._silence_values
    patch.setattr(
        store_sql, "_silence_values", lambda silence: values(silence) | {"postponed_until": None}
    )


def daylight_saving_by_the_offset_of_the_day(patch: Patch) -> None:
    def beginnings(day: Any, when: Any) -> Any:
        midnight = datetime.combine(day, datetime.min.time(), when.zone).astimezone(UTC)
        for span in hours._beginning_on(day, when):
            yield midnight + timedelta(seconds=span.open)

    hours._openings.cache_clear()
    patch.setattr(hours, "_beginnings", beginnings)


# What comes in.


def a_message_counts_twice(patch: Patch) -> None:
    add, names = bot.inbox.add_incoming, count()

    def renamed(arriving: Any) -> Any:
        said = arriving.incoming
        return replace(arriving, incoming=replace(said, id=f"{said.id} {next(names)}"))

    async def as_new(connection: Any, arriving: Any) -> Any:
        return await add(connection, [renamed(each) for each in arriving])

    patch.setattr(bot.inbox, "add_incoming", as_new)
