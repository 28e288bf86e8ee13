"""Who may come in: people, their sessions and tokens, and those who tried."""

from dataclasses import dataclass

from bot.clock import Clock
from bot.passwords import Passwords
from bot.people import People
from bot.ports import Database, Journal, Transaction
from bot.sessions import Sessions
from bot.signing_in import SigningIn, WrongTokens
from bot.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Keys:
    """Who may sign in, who has, and who tried."""

    people: People
    sessions: Sessions
    signing_in: SigningIn
    tokens: Tokens
    wrong: WrongTokens

    @classmethod
    def of(cls, database: Database, clock: Clock, journal: Journal) -> "Keys":
        """All of them on one database."""
        passwords = Passwords()
        people = People(database, clock, journal, passwords)
        signing_in = SigningIn(database, clock, people, passwords)
        return cls(
            people,
            Sessions(database, clock),
            signing_in,
            Tokens(database, clock, journal),
            WrongTokens(database, clock),
        )

    async def forget(self, tx: Transaction) -> None:
        """Delete what is over."""
        for each in (self.people, self.sessions, self.signing_in, self.tokens):
            await each.forget(tx)
