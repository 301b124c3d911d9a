"""What was measured: for a program as JSON, for a person as a few lines."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from hirag_jobs.measure.health import Health
from hirag_jobs.measure.latency import Percentiles
from hirag_jobs.measure.memory import Memory


class RecallFigures(BaseModel):
    """Recall@k, as fractions."""

    mean: float = Field(description="of all queries")
    lowest: float = Field(description="of the worst query")
    confidence_low: float = Field(description="lower end of the 95 % confidence interval of the mean")
    confidence_high: float = Field(description="its upper end")
    each: list[float | None] = Field(
        description="of each query, in the order of the questions or of the sample; "
        "None where all that it found was written or deleted before the pass came by"
    )


class LatencyFigures(BaseModel):
    """Milliseconds of a search."""

    searches: int
    concurrency: int
    server: Percentiles = Field(description="by the server's own clock: what objectives are held against")
    client: Percentiles = Field(description="from request to answer, the network and this program included")


class Measurement(BaseModel):
    """One index: of a collection without tenants, or of one tenant."""

    tenant: str | None
    objects: int
    vectors: int
    without_vector: int = Field(description="objects that do not have the vector")
    dimensions: int
    queries: int = Field(description="that the recall is of")
    recall: RecallFigures
    vanished: int = Field(
        description="what searches found and was written or deleted before the pass came by: left out of the recall"
    )
    latency: LatencyFigures
    health: Health
    memory: Memory


class Report(BaseModel):
    """One run."""

    version: Literal[1] = Field(default=1, description="of this form: another when a field changes its meaning or goes")
    alias: str | None = Field(description="the alias that was asked for; None where the collection's own name was")
    collection: str
    vector: str | None = Field(description="name of the vector; None for the unnamed one")
    index_type: str
    distance: str
    index_settings: dict[str, Any] = Field(description="the vectorIndexConfig at the time")
    k: int
    queries: Literal["sample", "questions"]
    seed: int | None = Field(description="of the sample")
    model: str | None = Field(description="of the questions' vectors")
    measurements: list[Measurement]
    missed: list[str] = Field(default=[], description="what was asked for and is not so, a sentence each")
    warnings: list[str] = []
    seconds: float = 0.0

    def lines(self) -> list[str]:
        """The report for a person."""
        return [
            *(line for one in self.measurements for line in _lines(one, self)),
            *(f"warning: {warning}" for warning in self.warnings),
            *(f"missed: {sentence}" for sentence in self.missed),
        ]


def name(tenant: str | None, collection: str) -> str:
    """What a sentence calls the thing that was measured."""
    return collection if tenant is None else f"{collection}/{tenant}"


def _lines(one: Measurement, report: Report) -> list[str]:
    recall, server, client, memory = one.recall, one.latency.server, one.latency.client, one.memory
    quantizer = "" if memory.quantizer == "none" else f", {memory.quantizer}"
    return [
        (
            f"{name(one.tenant, report.collection)}: {one.vectors} vectors of {one.dimensions}, "
            f"{report.index_type}{quantizer}, {report.distance}; {one.without_vector} objects without"
        ),
        (
            f"recall@{report.k} {recall.mean:.4f} ({recall.confidence_low:.4f} to {recall.confidence_high:.4f}), "
            f"lowest {recall.lowest:.4f}, of {one.queries} queries"
        ),
        (
            f"p50 {server.p50} ms, p95 {server.p95} ms, p99 {server.p99} ms on the server; "
            f"{client.p50}, {client.p95}, {client.p99} ms at the client"
        ),
        f"about {memory.total_bytes} bytes of memory; {one.health.queue} vectors wait to be indexed",
    ]
