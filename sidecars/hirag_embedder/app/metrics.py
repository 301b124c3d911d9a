"""What the embedder counts. Every label has a fixed, small set of values."""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from hirag_embedder.core.coalescing import BatchReport
from hirag_embedder.core.job import Embedded
from hirag_kit.wire import EmbedderMeta

# The moment of each series' birth would double the exposition, and nobody asks for it.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library left it without types

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_TEXTS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
_TOKENS = (16, 64, 128, 256, 512, 768, 1024, 1536, 2048, 4096, 8192, 16384)
_RATIOS = (1, 1.05, 1.1, 1.2, 1.3, 1.5, 2, 3, 5)


class Metrics:
    """The metrics of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)  # memory, processor time and open files, by their usual names
        name = "hirag_embedder"
        self.requests = Counter(
            f"{name}_requests", "Requests by endpoint and HTTP status.", ["endpoint", "status"], registry=registry
        )
        self.request_seconds = Histogram(
            f"{name}_request_seconds", "Time to answer.", ["endpoint"], buckets=_SECONDS, registry=registry
        )
        self.errors = Counter(f"{name}_errors", "Failed requests by code.", ["code"], registry=registry)
        self.texts = Counter(f"{name}_texts", "Texts embedded, by kind.", ["input_type"], registry=registry)
        self.truncated = Counter(f"{name}_truncated_texts", "Texts cut to max tokens.", registry=registry)
        self.tokens = Counter(f"{name}_tokens", "Real tokens computed.", registry=registry)
        self.padded_tokens = Counter(f"{name}_padded_tokens", "Tokens computed, padding included.", registry=registry)
        self.batch_texts = Histogram(f"{name}_batch_texts", "Texts of a batch.", buckets=_TEXTS, registry=registry)
        self.batch_tokens = Histogram(
            f"{name}_batch_padded_tokens", "Padded tokens of a batch.", buckets=_TOKENS, registry=registry
        )
        self.batch_padding = Histogram(
            f"{name}_batch_padding_ratio", "Padded over real tokens of a batch.", buckets=_RATIOS, registry=registry
        )
        self.batch_seconds = Histogram(
            f"{name}_batch_seconds", "Inference time of a batch.", buckets=_SECONDS, registry=registry
        )
        self.queue_texts = Gauge(f"{name}_queue_texts", "Texts that wait or are being computed.", registry=registry)
        self.queue_capacity = Gauge(f"{name}_queue_capacity_texts", "Texts the queue can hold.", registry=registry)
        self.ready = Gauge(f"{name}_ready", "1 when the model is loaded and proved by a probe.", registry=registry)
        self.model = Gauge(
            f"{name}_model_info",
            "1; the model being served, in its labels.",
            ["model", "revision", "dimensions", "precision", "backend", "device"],
            registry=registry,
        )

    def observe_batch(self, report: BatchReport) -> None:
        """Counts a batch that ran."""
        self.tokens.inc(report.tokens)
        self.padded_tokens.inc(report.padded_tokens)
        self.batch_texts.observe(report.texts)
        self.batch_tokens.observe(report.padded_tokens)
        self.batch_padding.observe(report.padded_tokens / report.tokens)
        self.batch_seconds.observe(report.seconds)

    def observe_answer(self, input_type: str, answer: Embedded) -> None:
        """Counts a request's texts that were embedded."""
        self.texts.labels(input_type).inc(len(answer.vectors))
        self.truncated.inc(answer.truncated)

    def observe_model(self, meta: EmbedderMeta) -> None:
        """Tells which model is served, and that it is ready."""
        self.model.labels(
            meta.model, meta.revision, str(meta.dimensions), meta.precision, meta.backend, meta.device
        ).set(1)
        self.ready.set(1)

    def exposition(self) -> bytes:
        """All of it, in Prometheus' text format."""
        return generate_latest(self.registry)
