"""What is said of a measurement: whether it meets the objectives, and what would help where nothing in bounds does."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hirag_operator.api import HNSWIndexPolicySpec
from hirag_operator.api.conditions import Reason
from hirag_operator.api.index_objectives import Objectives
from hirag_operator.api.quantities import to_number
from hirag_operator.plan.collection.objectives.notes import Trial
from hirag_operator.plan.collection.objectives.search import Found

Json = Mapping[str, Any]

NEAR_LIMIT: Final = 0.8  # of the memory limit: from here on it is told
MOST_CONNECTIONS: Final = 128  # that are proposed: beyond, a graph costs much and gains little
MOST_CONSTRUCTION: Final = 1024
_UNITS: Final = ((10**9, "GB"), (10**6, "MB"), (10**3, "kB"))


@dataclass(frozen=True)
class Judged:
    """What a level's measurement comes to: whether all is met, the reason, and a sentence."""

    met: bool
    reason: Reason
    message: str


def judge(spec: HNSWIndexPolicySpec, objectives: Objectives, trial: Trial, found: Found | None) -> Judged:
    """Return what a trial at the ef in force comes to; `found` is where the search is, where ef is tuned."""
    if trial.recall is None:
        return Judged(True, Reason.NOTHING_TO_MEASURE, f"{trial.why or 'Nothing could be measured'}.")
    figures = told(trial)
    if found is not None and not found.settled:
        step = f"ef {found.ef} is tried next, {found.left} more measurements at most"
        return Judged(False, Reason.TUNING, f"{figures}; {step}.")
    if (recall := _recall_missed(spec, objectives, trial, found)) is not None:
        return recall
    missed = [*_too_slow(objectives, trial, found), *_too_large(objectives, trial)]
    if missed:
        return Judged(False, Reason.OBJECTIVES_MISSED, f"{figures}: {'; '.join(missed)}.")
    share = memory_share(objectives, trial)
    if share is not None and share >= NEAR_LIMIT:
        return Judged(True, Reason.MEMORY_NEAR_LIMIT, f"{figures}: {share:.0%} of objectives.memory.limit.")
    return Judged(True, Reason.OBJECTIVES_MET, f"{figures}.")


def told(trial: Trial) -> str:
    """Return the figures of a trial in words."""
    at = f" at ef {trial.ef}" if trial.ef >= 0 else ""
    parts = [f"recall@{trial.k} {trial.recall:.4f}{at}"]
    if trial.p95_ms is not None:
        parts.append(f"p95 {trial.p95_ms:.3g} ms")
    if trial.memory_bytes is not None:
        parts.append(f"about {in_words(trial.memory_bytes)} of memory")
    return f"{', '.join(parts)}, by {trial.queries} queries"


def in_words(size: float) -> str:
    """Return bytes as people write them."""
    return next((f"{size / unit:.3g} {name}" for unit, name in _UNITS if size >= unit), f"{size:.0f} B")


def limit_bytes(objectives: Objectives) -> int | None:
    """Return objectives.memory.limit in bytes; None where there is none."""
    return None if objectives.memory is None else int(to_number(objectives.memory.limit))


def memory_share(objectives: Objectives, trial: Trial) -> float | None:
    """Return which part of its limit an index takes; None where there is no limit, or no estimate."""
    limit = limit_bytes(objectives)
    return None if limit is None or trial.memory_bytes is None else trial.memory_bytes / max(limit, 1)


def _recall_missed(
    spec: HNSWIndexPolicySpec, objectives: Objectives, trial: Trial, found: Found | None
) -> Judged | None:
    recall = objectives.recall
    if recall is None or trial.recall is None or trial.recall >= recall.target:
        return None
    figures = f"{told(trial)}: the recall is below {recall.target:g}"
    if found is not None:
        message = f"{figures} at the most that objectives.tuning.ef allows. Proposed: {'; or '.join(proposals(spec))}."
        return Judged(False, Reason.REBUILD_PROPOSED, message)
    if spec.index_type == "hnsw" and objectives.tuning is None:
        return Judged(
            False, Reason.OBJECTIVES_MISSED, f"{figures}; have ef found by objectives.tuning.ef, or raise hnsw.ef."
        )
    return Judged(False, Reason.OBJECTIVES_MISSED, f"{figures}; {'; or '.join(proposals(spec))}.")


def proposals(spec: HNSWIndexPolicySpec) -> Iterator[str]:
    """Yield changes of a policy that raise the recall, the one that is likely to help most first."""
    coarse = _finer_quantization(spec)
    if coarse:
        yield coarse
    if spec.index_type == "flat":
        return
    hnsw = spec.effective_hnsw
    connections = min(MOST_CONNECTIONS, 2 * hnsw.max_connections)
    construction = min(MOST_CONSTRUCTION, 2 * max(hnsw.ef_construction, connections))
    raised = [
        f"{name} from {old} to {new}"
        for name, old, new in (
            ("hnsw.maxConnections", hnsw.max_connections, connections),
            ("hnsw.efConstruction", hnsw.ef_construction, construction),
        )
        if new > old
    ]
    if raised:
        yield f"raise {' and '.join(raised)}, which rebuilds the index"
    if spec.objectives is not None and spec.objectives.tuning is not None:
        yield f"raise objectives.tuning.ef.max above {spec.objectives.tuning.ef.max}, which rebuilds nothing"


def _finer_quantization(spec: HNSWIndexPolicySpec) -> str:
    kind = spec.quantization.type
    coarse = kind in {"pq", "bq"} or (kind == "rq" and spec.quantization.effective_rq.bits == 1)
    if coarse and spec.distance in {"cosine", "dot", "l2-squared"}:
        return f"quantization.type rq with 8 bits in place of {kind}, which rebuilds the index"
    return f"quantization.type none in place of {kind}, which rebuilds the index" if kind != "none" else ""


def _too_slow(objectives: Objectives, trial: Trial, found: Found | None) -> Iterator[str]:
    latency = objectives.latency
    if latency is None or trial.p95_ms is None or trial.p95_ms <= latency.p95_milliseconds:
        return
    least = "; a smaller ef would miss the recall, which comes first" if found is not None else ""
    yield f"95 of 100 searches take more than {latency.p95_milliseconds} ms{least}"


def _too_large(objectives: Objectives, trial: Trial) -> Iterator[str]:
    share, limit = memory_share(objectives, trial), limit_bytes(objectives)
    if share is not None and share > 1 and limit is not None:
        yield f"the index takes more than objectives.memory.limit, {in_words(limit)}; choose a quantization"
