"""The measures of one process, as Prometheus reads them.

What can be read from the database or from Redis is read when somebody asks, and costs the paths
of messages and reminders nothing; only what happens in this process alone is counted here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from prometheus_client import (
    GC_COLLECTOR,
    PLATFORM_COLLECTOR,
    PROCESS_COLLECTOR,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

from bot.measures import Measure

_SECONDS: Final = (0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 30, 60)


@dataclass(slots=True)
class Meters:
    """Everything that this process measures; one for each application."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    model: Histogram = field(init=False)
    tokens: Counter = field(init=False)
    requests: Histogram = field(init=False)
    in_flight: Gauge = field(init=False)
    _told: dict[str, Gauge | Counter] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Register what every process has."""
        for standard in (PROCESS_COLLECTOR, PLATFORM_COLLECTOR, GC_COLLECTOR):
            self.registry.register(standard)
        self.model = Histogram(
            "followup_model_seconds",
            "How long the model took, its own retries included.",
            ("outcome",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.tokens = Counter(
            "followup_model_tokens", "Tokens that the model told.", registry=self.registry
        )
        self.requests = Histogram(
            "followup_http_seconds",
            "How long an HTTP request took; streams are left out.",
            ("area", "method", "status"),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.in_flight = Gauge(
            "followup_jobs_in_flight", "Jobs that run in this process now.", registry=self.registry
        )

    def count_jobs(self, running: Callable[[], int]) -> None:
        """Where to look how many jobs run."""
        self.in_flight.set_function(running)

    def text(self, measures: Sequence[Measure]) -> bytes:
        """All of it in Prometheus' text format, with what was read for this occasion.

        A gauge of which nothing is told any more is not shown with its last value.
        """
        for known in self._told.values():
            if isinstance(known, Gauge):
                known.clear()
        for measure in measures:
            self._tell(measure)
        return generate_latest(self.registry)

    def _tell(self, measure: Measure) -> None:
        kind = Counter if measure.counts else Gauge
        known = self._told.get(measure.name)
        if known is None:
            known = kind(measure.name, measure.text, tuple(measure.labels), registry=self.registry)
            self._told[measure.name] = known
        labelled = known.labels(**measure.labels) if measure.labels else known
        if isinstance(labelled, Counter):
            labelled.inc(measure.value)
        else:
            labelled.set(measure.value)
