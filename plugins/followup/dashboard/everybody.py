"""All chats, those with the newest activity first."""

from collections.abc import Mapping, Sequence

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import Response

from bot.api import Chat, Employee, Message
from plugins.followup.dashboard.asked import Asked, wants_part
from plugins.followup.dashboard.cursor import number, place_in, written
from plugins.followup.dashboard.finding import Place, Wish, rare
from plugins.followup.folding import begins, words_of
from plugins.followup.ports import Ports

PAGE = 50
_RARE = 2000
_BATCH = 500
_ROUNDS = 10
_ID_DIGITS = 18

Talk = tuple[Message, Chat]


class Everybody:
    """The page at /chats."""

    def __init__(self, ports: Ports, environment: Environment) -> None:
        self._ports = ports
        self._environment = environment

    async def page(self, request: Request) -> Response:
        """The chats that fit; one that is rare is found by the index, others on the way back."""
        runtime = self._ports.runtime
        async with runtime.database.read() as connection:
            people = list(await runtime.lists.people(connection))
        wanted = Asked.of(request, "held").known(people)
        if wanted.view:
            found, more = await self.held(wanted.wish, people, place_in(wanted.start))
        else:
            before = number(wanted.start, _ID_DIGITS)
            found, last = await self.found(wanted.wish, people, before)
            more = str(last or "")
        return runtime.site.html(
            request,
            self._environment,
            "everybody_part.html" if wants_part(request) else "everybody.html",
            asked=wanted,
            people=people,
            names={person.id: person.name for person in people},
            rows=found,
            more=more,
            erased="erased" in request.query_params,
        )

    async def found(
        self, wish: Wish, people: Sequence[Employee], before: int | None
    ) -> tuple[Sequence[Talk], int | None]:
        """A page, and the message before which the next one begins."""
        runtime = self._ports.runtime
        async with runtime.database.read() as connection:
            few = await rare(connection, wish, people, _RARE)
            if few is not None:
                talks: list[Talk] = []
                for first in range(0, len(few), _BATCH):
                    talks += await runtime.lists.latest(connection, few[first : first + _BATCH])
                talks.sort(key=lambda talk: talk[0].id, reverse=True)
                return _paged([t for t in talks if before is None or t[0].id < before])
        return await self._walked(wish, people, before)

    async def held(
        self, wish: Wish, people: Sequence[Employee], before: Place | None
    ) -> tuple[Sequence[Talk], str]:
        """Those that a colleague has, the latest taken first, and where the next page begins."""
        lists, names = self._ports.runtime.lists, _words_of(people)
        found: list[Chat] = []
        async with self._ports.runtime.database.read() as connection:
            for _ in range(_ROUNDS):
                chats = await lists.held(connection, before, _BATCH)
                found += [chat for chat in chats if _fits(chat, wish, names)]
                before = _taken(chats[-1]) if len(chats) == _BATCH else None
                if len(found) > PAGE or before is None:
                    break
            ends = await lists.latest(connection, [chat.id for chat in found[:PAGE]])
        said = {chat.id: (message, chat) for message, chat in ends}
        if len(found) > PAGE:
            before = _taken(found[PAGE - 1])
        rows = [said[chat.id] for chat in found[:PAGE] if chat.id in said]
        return rows, written(before) if before is not None else ""

    async def _walked(
        self, wish: Wish, people: Sequence[Employee], before: int | None
    ) -> tuple[Sequence[Talk], int | None]:
        """The same by looking at one chat after the other, but not for ever."""
        names = _words_of(people)
        batch = _BATCH if wish.words or wish.employee else PAGE + 1
        found: list[Talk] = []
        for _ in range(_ROUNDS):
            async with self._ports.runtime.database.read() as connection:
                talks = await self._ports.runtime.lists.newest(connection, before, batch)
            found += [talk for talk in talks if _fits(talk[1], wish, names)]
            if len(found) > PAGE or len(talks) < batch:
                return _paged(found)
            before = talks[-1][0].id
        return found, before


def _taken(chat: Chat) -> Place | None:
    """Where a chat that somebody has stands in the list of them."""
    return (chat.paused_since, chat.id) if chat.paused_since is not None else None


def _words_of(people: Sequence[Employee]) -> Mapping[str, tuple[str, ...]]:
    return {person.id: words_of(person.name) for person in people}


def _paged(talks: Sequence[Talk]) -> tuple[Sequence[Talk], int | None]:
    return talks[:PAGE], talks[PAGE - 1][0].id if len(talks) > PAGE else None


def _fits(chat: Chat, wish: Wish, names: Mapping[str, tuple[str, ...]]) -> bool:
    if wish.employee not in {None, chat.employee}:
        return False
    words = words_of(chat.title) + names.get(chat.employee, ())
    return all(begins(words, each) for each in wish.words)
