"""What a span tells of an error: its kind, and nothing of what it says."""

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from bot.telemetry.tracing import span


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    return exporter


def test_a_span_has_its_name_and_what_it_is_about(spans: InMemorySpanExporter) -> None:
    with span("job followup", key=12):
        pass

    (done,) = spans.get_finished_spans()
    assert (done.name, dict(done.attributes or {})) == ("job followup", {"key": 12})
    assert done.status.status_code is StatusCode.UNSET


def test_of_an_error_only_the_kind_is_kept(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="my secret"), span("job followup", key=12):
        raise ValueError("my secret words")

    (done,) = spans.get_finished_spans()
    assert done.status.status_code is StatusCode.ERROR
    assert done.status.description == "ValueError"
    assert not done.events
    assert "secret" not in done.to_json()
