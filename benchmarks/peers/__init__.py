"""The same job done with the timers of others, each in its own idiom.

A peer's module has a class `Peer`: `arm` replaces a chat's timer, `fill` arms many in the quickest
way that the peer documents, and `commands(width)` are the worker processes that do `width` jobs
at once. Where `ALONE` is true, the process that arms is also the one that works.
"""

NAMES = (
    "rq",
    "rq_scheduler",
    "celery",
    "arq",
    "taskiq",
    "apscheduler",
    "procrastinate",
    "ptb",
    "bullmq",
)
