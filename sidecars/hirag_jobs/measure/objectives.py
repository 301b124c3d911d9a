"""What was asked of an index, against what it does."""

from collections.abc import Iterator
from dataclasses import dataclass

from hirag_jobs.measure.report import Measurement


@dataclass(frozen=True)
class Objectives:
    """Bounds that a measurement must keep; None where there is none.

    Args:
        min_recall: least mean recall, as a fraction.
        max_p95_ms: most milliseconds of the 95th percentile, on the server.
    """

    min_recall: float | None = None
    max_p95_ms: float | None = None

    def missed(self, one: Measurement, what: str, k: int) -> Iterator[str]:
        """A sentence for each bound that is not kept.

        Args:
            one: the figures.
            what: the thing that was measured.
            k: neighbours.
        """
        if self.min_recall is not None and one.recall.mean < self.min_recall:
            yield f"recall@{k} of {what} is {one.recall.mean:.4f}, below {self.min_recall:g}"
        if self.max_p95_ms is not None and one.latency.server.p95 > self.max_p95_ms:
            yield f"95 of 100 searches in {what} take up to {one.latency.server.p95:g} ms, above {self.max_p95_ms:g} ms"
