"""Noting what was measured, in Weaviate, for the operator: the last measurement at each ef.

`operator/hirag_operator/plan/collection/objectives/notes.py` is the other side of it.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from pydantic import BaseModel, Field

from hirag_jobs.copying.notes import Notes
from hirag_jobs.measure.report import Measurement
from hirag_jobs.measure.settings import MeasureSettings
from hirag_jobs.measure.subject import Subject
from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.rest import Rest
from hirag_kit.errors import HiragError, VectorStoreError

_MOST_TRIALS = 64
_LONGEST_ERROR = 400


class Trial(BaseModel):
    """One measurement."""

    ef: int = Field(default=-1, description="the collection's; -1: by its dynamicEf, or the index has none")
    recall: float | None = Field(default=None, description="mean; None where nothing could be measured")
    k: int = 0
    queries: int = 0
    p95_ms: float | None = Field(default=None, description="on the server")
    memory_bytes: int | None = None
    objects: int = 0
    tenant: str | None = None
    why: str = Field(default="", description="why nothing was measured")
    at: int = Field(default=0, description="ms since 1970 by the server's clock")


class Noted(BaseModel):
    """All that is noted of one index."""

    key: str = Field(default="", description="which index it is, as whoever reads this names it")
    trials: list[Trial] = Field(default=[], description="the last at each ef, in the order of time")
    error: str = Field(default="", description="why the last run ended, where that was a failure")

    def with_trial(self, key: str, trial: Trial) -> "Noted":
        """The same with one more; those of another index are forgotten."""
        before = [one for one in self.trials if one.ef != trial.ef] if self.key == key else []
        return Noted(key=key, trials=[*before, trial][-_MOST_TRIALS:])


def note(settings: MeasureSettings, rest: Rest, channel: ObjectChannel, subject: Subject, trial: Trial) -> None:
    """Notes a measurement.

    Raises:
        VectorStoreError: the index was changed while it was measured, so that nobody knows which one it was.
    """
    if settings.note is None:
        return
    schema = rest.schema(subject.part.collection) or {}
    now = (schema.get("vectorConfig") or {}).get(subject.vector, schema) if subject.vector else schema
    if now.get("vectorIndexConfig") != subject.settings:
        raise VectorStoreError(f"the index of {subject.part} was changed while it was measured: measure it again")
    notes = Notes(rest, channel)
    notes.prepare()
    before = notes.read(settings.note, Noted) or Noted()
    dated = trial.model_copy(update={"at": rest.now(), "ef": _ef(subject.settings), "tenant": subject.part.tenant})
    notes.write(settings.note, before.with_trial(settings.note_key, dated))


def note_failure(settings: MeasureSettings, rest: Rest, channel: ObjectChannel, why: HiragError) -> None:
    """Notes why a run ends beside what is there; if that fails too, the program's own output has to do."""
    if settings.note is None:
        return
    with suppress(HiragError):
        notes = Notes(rest, channel)
        notes.prepare()
        before = notes.read(settings.note, Noted) or Noted()
        notes.write(settings.note, before.model_copy(update={"error": why.message[:_LONGEST_ERROR]}))


def trial_of(measurement: Measurement, k: int) -> Trial:
    """What is noted of a measurement."""
    return Trial(
        recall=measurement.recall.mean,
        k=k,
        queries=measurement.queries,
        p95_ms=measurement.latency.server.p95,
        memory_bytes=measurement.memory.total_bytes,
        objects=measurement.objects,
    )


def _ef(settings: Mapping[str, Any]) -> int:
    inner = settings.get("hnsw")
    return int((inner if isinstance(inner, Mapping) else settings).get("ef", -1))
