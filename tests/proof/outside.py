"""A channel and a model with moods, both of which somebody may interrupt."""

from collections import deque
from collections.abc import Sequence

from bot.errors import BotError, ModelError
from bot.model import Chat, Message, Reply
from bot.testing import FakeSender
from tests.proof.stage import Stage
from tests.story.words import say
from tests.texts import unlike


class Channel(FakeSender):
    """Remembers everything that arrived; may be asked what did."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage
        self._under_way: set[int] = set()
        self.talkative = False
        self.tells = self._arrived

    async def send(self, chat: Chat, message: Message) -> str | None:
        self._under_way.add(message.id)
        try:
            await self._stage.point("send")
            external = await super().send(chat, message)
            await self._stage.point("sent")
        finally:
            self._under_way.discard(message.id)
        return external

    def _arrived(self, message: Message) -> bool | None:
        """It cannot tell of what is still on its way: a lease is longer than any call lasts."""
        if not self.talkative or message.id in self._under_way:
            return None
        return any(each.id == message.id for _, each in self.sent)

    def calm(self) -> None:
        """No more troubles."""
        self.before.clear()
        self.after.clear()

    def reset(self) -> None:
        self.calm()
        self.sent.clear()
        self._under_way.clear()
        self.talkative = False
        self.window = None


class Voice:
    """The model: says what is next in its mood, else that the reminder shall be sent."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.mood: deque[str | BotError] = deque()
        self._last: object = None

    @property
    def told(self) -> object:
        """What was last said to whoever has the turn."""
        actor = self._stage.actor_now
        return self._last if actor is None else actor.told

    async def complete(
        self, messages: Sequence[tuple[str, str]], schema: dict[str, object] | None = None
    ) -> Reply:
        await self._stage.point("model")
        if schema is None:
            return Reply("Yes, we do.", tokens=1)
        # Each reminder makes the next task longer, and so the next text another one.
        said = self.mood.popleft() if self.mood else say(unlike(len(messages[-1][1])))
        actor = self._stage.actor_now
        if actor is None:
            self._last = said
        else:
            actor.told = said
        if isinstance(said, BotError):
            raise said
        return Reply(said, tokens=1)


def broken() -> ModelError:
    return ModelError("the model is away")
