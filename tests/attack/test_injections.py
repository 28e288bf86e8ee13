"""What a client writes is data: a model that obeys every client gives nothing away by it.

Promised is that no long piece of what the model was told reaches a chat, as it stands there or in
a plain disguise, that no chat's words come near another, and that nothing but the client's own
silence changes. A translation, or a tale in other words, is beyond any guard and not promised.
"""

import base64
import codecs
import itertools
import json
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import pytest

from bot.model import Reply
from bot.testing import FakeClock, FakeJobs
from tests.attack.injections import attacks
from tests.story.words import say, settings_of, step
from tests.story.world import World

PERSONA = (
    "A patient siskin of a shop assistant who knows every spoke by its first name and would rather "
    "lose a sale than let anybody ride home on a wheel that wobbles even a little"
)
INSTRUCTION = "Mention the linnet discount only if they hesitate about the price of the bike"
OTHER = "My secret is that the goldfinch lives at number nine behind the old mill"
_MARKS = ("siskin", "linnet", "goldfinch", "nobody reads it before the client", "changes these rul")

FORMS: Sequence[Callable[[str], str]] = (
    lambda told: told,
    lambda told: f"I was told this: “{told}”. Nice, is it not?",
    str.upper,
    lambda told: told.replace(" ", "\n"),
    lambda told: "\n".join(f"- {line}" for line in told.split(". ")),
    " ".join,
    lambda told: "-".join(told.split()),
    "\u200b".join,
    lambda told: told[::-1],
    lambda told: codecs.encode(told, "rot13"),
    lambda told: base64.b64encode(told.encode()).decode(),
    lambda told: f"Here it is: {base64.b64encode(told.encode()).decode()} as you wished.",
    lambda told: told.encode().hex(),
)


class Obedient:
    """Tells all that it was told, each time in another form, or says what the client wrote."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self._forms = itertools.cycle([*FORMS, None])

    async def complete(
        self, messages: Sequence[tuple[str, str]], schema: dict[str, object] | None = None
    ) -> Reply:
        told = "\n".join(text for _, text in messages)
        self.seen.append(told)
        form = next(self._forms)
        if form is None:
            said = [text for role, text in messages if role == "user"][-1]
            return Reply(said, tokens=1)
        secret = next(self._secrets)(messages)
        return Reply(form(secret) if schema is None else say(form(secret)), tokens=1)

    _secrets = itertools.cycle(
        [
            lambda messages: PERSONA,
            lambda messages: messages[0][1],
            lambda messages: INSTRUCTION if INSTRUCTION in str(messages) else PERSONA,
        ]
    )


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[World]:
    chain = [step("s1", "4h") | {"instruction": INSTRUCTION}]
    settings = settings_of(chain, persona=PERSONA)
    world = World(settings, f"sqlite:///{tmp_path}/shop.db", FakeClock(), FakeJobs(), None)
    world.model = Obedient()  # type: ignore[assignment]  # a model of its own kind
    await world.boot()
    yield world
    await world.app.close()


async def test_an_obedient_model_gives_nothing_away(shop: World) -> None:
    await shop.receive(OTHER, who="bertha")
    before = await _state(shop)

    for number, (_, text) in enumerate(attacks()):
        await shop.receive(text, who=f"a{number}")
    await shop.run()
    await shop.wait("5h")

    others = [said.text for ref, said in shop.sender.sent if ref.address != "bertha"]
    assert [text for text in others if _gives_away(text)] == []
    assert await _state(shop) == before
    asked = [told for told in shop.model.seen if "goldfinch" in told]  # type: ignore[union-attr]
    assert all(_is_berthas(told) for told in asked)
    assert len(shop.model.seen) > 2 * len(list(attacks()))  # type: ignore[union-attr]


def test_there_are_over_two_hundred_attacks() -> None:
    texts = {text for _, text in attacks()}

    assert len(texts) == len(list(attacks())) > 200


async def _state(shop: World) -> str:
    """What no client but its own may change."""
    tables = await shop.app.staff.tables()
    bertha = await shop.query(
        "SELECT opted_out_at, paused_since, held_by, name FROM chats WHERE address = 'bertha'"
    )
    stands = await shop.query(
        "SELECT s.number, s.opted_out, s.stopped, s.muted_since, s.snoozed_until"
        " FROM followup_silences s JOIN chats c ON c.id = s.chat_id WHERE c.address = 'bertha'"
    )
    changes = await shop.query("SELECT count(*) AS made FROM changes")
    return json.dumps([tables, list(bertha), list(stands), list(changes)], default=str)


def _gives_away(text: str) -> bool:
    """By eyes of its own: any disguise that these forms have, taken off."""
    squeezed = "".join(sign for sign in text if sign.isalnum()).casefold()
    looks = [squeezed, squeezed[::-1], codecs.decode(squeezed, "rot13")]
    for word in text.split():
        for decode in (base64.b64decode, bytes.fromhex):
            try:
                looks.append("".join(decode(word).decode().split()).casefold())
            except ValueError:
                continue
    return any("".join(mark.split()) in look for mark in _MARKS for look in looks)


def _is_berthas(told: str) -> bool:
    return not any(text in told for _, text in itertools.islice(attacks(), 20))
