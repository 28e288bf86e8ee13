"""What was logged as an error: a job or a hook that failed, which nobody may overlook."""

import logging

LOGGERS = ("bot", "plugins")


class Faults(logging.Handler):
    """Keeps what was logged as an error: a job or a hook that failed."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []
        self.setFormatter(logging.Formatter("%(message)s\n%(exc_text)s"))
        for name in LOGGERS:
            logging.getLogger(name).addHandler(self)
            # Troubles of the outside are what histories are made of.
            logging.getLogger(name).setLevel(logging.ERROR)

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(self.format(record))

    def remove(self) -> None:
        for name in LOGGERS:
            logging.getLogger(name).removeHandler(self)
            logging.getLogger(name).setLevel(logging.NOTSET)
