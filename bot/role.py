"""What processes there are."""

from enum import StrEnum


class Role(StrEnum):
    """What a process does."""

    RUN = "run"
    WEB = "web"
    WORKER = "worker"
    LISTEN = "listen"

    @property
    def serves(self) -> bool:
        """Whether it has the web server."""
        return self in {Role.RUN, Role.WEB}

    @property
    def works(self) -> bool:
        """Whether it runs jobs."""
        return self in {Role.RUN, Role.WORKER}

    @property
    def listens(self) -> bool:
        """Whether it asks the networks that bring nothing by themselves what is new."""
        return self in {Role.RUN, Role.LISTEN}
