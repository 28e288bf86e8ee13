"""A model whose calls are measured and traced."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from bot.model import Reply
from bot.ports import Model
from bot.telemetry.meters import Meters
from bot.telemetry.tracing import span


@dataclass(frozen=True, slots=True)
class MeasuredModel:
    """Another model, timed; whatever it raises counts as a failure."""

    model: Model
    meters: Meters

    async def complete(
        self, messages: Sequence[tuple[str, str]], schema: dict[str, object] | None = None
    ) -> Reply:
        """As `ports.Model.complete`."""
        began, outcome = time.perf_counter(), "failed"
        try:
            with span("model"):
                reply = await self.model.complete(messages, schema)
            outcome = "answered"
        finally:
            self.meters.model.labels(outcome).observe(time.perf_counter() - began)
        if reply.tokens is not None:
            self.meters.tokens.inc(reply.tokens)
        return reply
