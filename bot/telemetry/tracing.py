"""Spans, where a collector is named in the settings; otherwise they cost next to nothing."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.trace import SpanKind, Status, StatusCode

from bot.errors import SettingsError

_NAME = "followup"


@contextmanager
def span(name: str, kind: SpanKind = SpanKind.INTERNAL, **about: str | int) -> Iterator[trace.Span]:
    """A span around the block; of an error only its kind is kept: its text may quote a client."""
    tracer = trace.get_tracer(_NAME)
    # Nobody collects; the library would still spend as much time as two queries take.
    if isinstance(tracer, trace.ProxyTracer):
        yield trace.INVALID_SPAN
        return
    with tracer.start_as_current_span(
        name, kind=kind, attributes=about, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield current
        finally:
            error = sys.exception()
            if error is not None:
                current.set_status(Status(StatusCode.ERROR, type(error).__name__))


def send_traces(endpoint: str, role: str) -> None:
    """Send the spans of this process to an OpenTelemetry collector, in the background.

    Raises SettingsError where the extra `tracing` is not installed.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415  an extra
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError:
        raise SettingsError(
            "tracing.endpoint: needs the extra 'tracing'; install it with: pip install '.[tracing]'"
        ) from None
    about = Resource.create({"service.name": "followup-bot", "service.instance.role": role})
    provider = TracerProvider(resource=about)
    exporter = OTLPSpanExporter(endpoint=endpoint.rstrip("/") + "/v1/traces", timeout=5)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)


def end_traces() -> None:
    """Send what is left."""
    shutdown = getattr(trace.get_tracer_provider(), "shutdown", None)
    if shutdown is not None:
        shutdown()
