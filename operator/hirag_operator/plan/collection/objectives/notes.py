"""What is known of a level's index by measuring it: a note in Weaviate that the Job of `hirag-jobs measure` writes.

`sidecars/hirag_jobs/measure/noting.py` is the other side of it; a contract test reads what it writes with these eyes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from hirag_operator.api.index_objectives import Objectives
from hirag_operator.plan.digest import digest

Json = Mapping[str, Any]

_KEY_LENGTH: Final = 24  # characters


@dataclass(frozen=True)
class Trial:
    """One measurement of an index, at one ef.

    Args:
        ef: The collection's; -1: it follows dynamicEf, or the index has none.
        recall: Mean recall@k; None where nothing could be measured, and `why` says why not.
        k: Neighbours.
        queries: How many were asked.
        p95_ms: 95th percentile of searches by the server's clock, in milliseconds.
        memory_bytes: Of the index, estimated.
        objects: How many there were.
        tenant: Which was measured, of a collection with tenants.
        why: Why nothing was measured.
        at: When it was, by the server's clock, in milliseconds since 1970.
    """

    ef: int = -1
    recall: float | None = None
    k: int = 0
    queries: int = 0
    p95_ms: float | None = None
    memory_bytes: int | None = None
    objects: int = 0
    tenant: str | None = None
    why: str = ""
    at: int = 0


@dataclass(frozen=True)
class Noted:
    """All that is noted of a level.

    Args:
        key: Of which index, as `key_of` names it.
        trials: The last one at each ef, in the order of time.
        error: Why the last run ended, where that was a failure.
    """

    key: str = ""
    trials: tuple[Trial, ...] = ()
    error: str = ""

    def of(self, key: str) -> "Noted":
        """Return what of it speaks of an index: all, or nothing."""
        return self if self.key == key else Noted(error=self.error)

    @property
    def latest(self) -> Trial | None:
        """Return the last trial."""
        return self.trials[-1] if self.trials else None

    def at(self, ef: int) -> Trial | None:
        """Return the last trial at an ef; None where there was none."""
        return next((one for one in reversed(self.trials) if one.ef == ef), None)


NOTHING: Final = Noted()


def about(instance: str, namespace: str, name: str, level: str) -> str:
    """Return what the note of a level's measurements is about."""
    return f"measurements of {instance}/{namespace}/{name}/{level}"


def key_of(collection: str, index_type: str, index: Json, objectives: Objectives) -> str:
    """Return what tells an index, and how it is measured, from others, whatever its ef is.

    Args:
        collection: The physical one that serves.
        index_type: As the schema has it.
        index: The vectorIndexConfig.
        objectives: That say how it is measured.
    """
    recall = objectives.effective_recall
    same_at_any_ef = {name: value for name, value in index.items() if name != "ef"}
    return digest([collection, index_type, same_at_any_ef, recall.k, recall.sample_size], _KEY_LENGTH)


def ef_of(index: Json) -> int:
    """Return the ef in a vectorIndexConfig: of dynamic that of its graph; -1 where there is none."""
    inner = index.get("hnsw")
    return int((inner if isinstance(inner, Mapping) else index).get("ef", -1))


def read_noted(said: Json) -> Noted:
    """Read a note; what is not understood counts as not said."""
    names = {field.name for field in fields(Trial)}
    try:
        found = [Trial(**{name: value for name, value in one.items() if name in names}) for one in said["trials"]]
        return Noted(
            str(said.get("key", "")), tuple(sorted(found, key=lambda one: one.at)), str(said.get("error") or "")
        )
    except (KeyError, TypeError, AttributeError):
        return NOTHING
