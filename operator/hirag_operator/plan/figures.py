"""What an object's own status comes to in figures, for metrics: pure, and computed only while somebody asks.

Status says how things stand, and every replica sees it. So figures are read off it when they are asked for, and kept
nowhere: an object that is gone has none, a restart loses none, and objects that nobody asks about cost nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from hirag_operator.api.conditions import ConditionType

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Family:
    """A metric: its name, what it tells, and the names of its labels."""

    name: str
    tells: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Figure:
    """One value of a metric; `labels` are the values of its labels in their order."""

    family: Family
    labels: tuple[str, ...]
    value: float


_OBJECT = ("kind", "namespace", "name")
_LEVEL = ("namespace", "name", "level")
_SCHEDULE = ("namespace", "name", "schedule")

READY: Final = Family(
    "hirag_operator_object_ready", "1 when Ready is True and speaks of the present spec, else 0.", _OBJECT
)
STALLED: Final = Family(
    "hirag_operator_object_stalled", "1 while the object waits for a person; absent otherwise.", (*_OBJECT, "reason")
)
DRIFTED: Final = Family(
    "hirag_operator_object_drifted",
    "1 while something that was changed by hand is left so (driftPolicy Warn); absent otherwise.",
    _OBJECT,
)
FALSE_SINCE: Final = Family(
    "hirag_operator_object_condition_false_timestamp_seconds",
    "Since when a condition is False that should be True, as Unix time; absent otherwise.",
    (*_OBJECT, "condition", "reason"),
)
DELETED_AT: Final = Family(
    "hirag_operator_object_deletion_timestamp_seconds",
    "When the deletion of an object was asked for that is still there, as Unix time; absent otherwise.",
    _OBJECT,
)
COLLECTION: Final = Family(
    "hirag_operator_collection_info",
    "1; how a ContextCollection is set up, in its labels.",
    ("namespace", "name", "connection", "placement", "model", "revision"),
)
OBJECTS: Final = Family("hirag_operator_collection_objects", "Objects of a level, as last counted.", _LEVEL)
TENANTS: Final = Family(
    "hirag_operator_collection_tenants", "Tenants of a level by state, as last counted.", (*_LEVEL, "state")
)
MIGRATION: Final = Family(
    "hirag_operator_migration_pending",
    "1 while a level waits for a new revision (build: data copied, embed: new vectors as well); absent otherwise.",
    (*_LEVEL, "change_class"),
)
MIGRATION_PHASE: Final = Family(
    "hirag_operator_migration_phase",
    "1; at which step the migration of a level is, in its label; absent where there is none.",
    (*_LEVEL, "phase"),
)
MIGRATION_OBJECTS: Final = Family(
    "hirag_operator_migration_objects", "Objects that the migration of a level has to carry.", _LEVEL
)
MIGRATION_DONE: Final = Family(
    "hirag_operator_migration_objects_done", "Objects of them that are on the new revision.", _LEVEL
)
MIGRATION_RATE: Final = Family(
    "hirag_operator_migration_objects_per_second", "Objects that are carried a second, while they are copied.", _LEVEL
)
MIGRATION_RECALL: Final = Family(
    "hirag_operator_migration_recall",
    "Recall of a new revision's index against exact search, as measured before it takes over; told through its soak.",
    _LEVEL,
)
INDEX_RECALL: Final = Family(
    "hirag_operator_index_recall",
    "Recall of a level's index against exact search, as last measured where its policy has objectives.",
    _LEVEL,
)
INDEX_P95: Final = Family(
    "hirag_operator_index_p95_seconds", "95th percentile of searches on the server, as last measured.", _LEVEL
)
INDEX_EF: Final = Family("hirag_operator_index_ef", "ef that was measured last; -1: it follows dynamicEf.", _LEVEL)
INDEX_MEMORY: Final = Family(
    "hirag_operator_index_memory_bytes", "Memory that a level's index takes, by an estimate at that time.", _LEVEL
)
INDEX_MEMORY_LIMIT: Final = Family(
    "hirag_operator_index_memory_limit_bytes", "objectives.memory.limit of a level; absent where there is none.", _LEVEL
)
INDEX_MEASURED: Final = Family(
    "hirag_operator_index_measured_timestamp_seconds", "When a level's index was measured last, as Unix time.", _LEVEL
)
JOB_FAILING: Final = Family(
    "hirag_operator_job_failing",
    "1 when the last run of a schedule failed, else 0; absent before the first.",
    _SCHEDULE,
)
JOB_STARTED: Final = Family(
    "hirag_operator_job_started_timestamp_seconds", "When the last run of a schedule began, as Unix time.", _SCHEDULE
)
REPLICAS: Final = Family("hirag_operator_model_replicas", "Pods of a model that exist.", ("namespace", "name"))
READY_REPLICAS: Final = Family(
    "hirag_operator_model_ready_replicas", "Pods of a model that serve.", ("namespace", "name")
)
POLICY_LEVELS: Final = Family("hirag_operator_policy_levels", "Levels that use an index policy.", ("namespace", "name"))
POLICY_COMPLIANT: Final = Family(
    "hirag_operator_policy_compliant_levels", "Levels whose index is as the policy says.", ("namespace", "name")
)

FAMILIES: Final = (
    READY,
    STALLED,
    DRIFTED,
    FALSE_SINCE,
    DELETED_AT,
    COLLECTION,
    OBJECTS,
    TENANTS,
    MIGRATION,
    MIGRATION_PHASE,
    MIGRATION_OBJECTS,
    MIGRATION_DONE,
    MIGRATION_RATE,
    MIGRATION_RECALL,
    INDEX_RECALL,
    INDEX_P95,
    INDEX_EF,
    INDEX_MEMORY,
    INDEX_MEMORY_LIMIT,
    INDEX_MEASURED,
    JOB_FAILING,
    JOB_STARTED,
    REPLICAS,
    READY_REPLICAS,
    POLICY_LEVELS,
    POLICY_COMPLIANT,
)
_OF_A_MIGRATION = {
    "total": MIGRATION_OBJECTS,
    "done": MIGRATION_DONE,
    "perSecond": MIGRATION_RATE,
    "recall": MIGRATION_RECALL,
}
_OF_AN_INDEX = {
    "recall": INDEX_RECALL,
    "ef": INDEX_EF,
    "memoryBytes": INDEX_MEMORY,
    "memoryLimitBytes": INDEX_MEMORY_LIMIT,
}
_SCHEDULES = {"summarization": "lastSummarization", "compaction": "lastCompaction"}
_TOLD_APART = frozenset({ConditionType.RECONCILING, ConditionType.STALLED})  # those that are well when False


def figures(body: Json) -> Iterator[Figure]:
    """Yield the figures of one object of our kinds, as the API server has it."""
    metadata, status = body["metadata"], body.get("status") or {}
    where = (metadata["namespace"], metadata["name"])
    yield from _conditions((body["kind"], *where), metadata, status)
    match body["kind"]:
        case "ContextCollection":
            yield from _collection(where, body.get("spec") or {}, status)
        case "EmbeddingModel":
            yield from _counted(where, status, {"replicas": REPLICAS, "readyReplicas": READY_REPLICAS})
        case _:
            yield from _counted(where, status, {"bindingCount": POLICY_LEVELS, "compliantCount": POLICY_COMPLIANT})


def _conditions(whose: tuple[str, str, str], metadata: Json, status: Json) -> Iterator[Figure]:
    current = status.get("observedGeneration") == metadata.get("generation")
    is_ready = False
    for condition in status.get("conditions") or []:
        type_, holds, reason = condition["type"], condition["status"], condition["reason"]
        if type_ == ConditionType.READY:
            is_ready = holds == "True" and current
        if type_ == ConditionType.STALLED and holds == "True":
            yield Figure(STALLED, (*whose, reason), 1)
        if type_ == ConditionType.IN_SYNC and holds == "False":
            yield Figure(DRIFTED, whose, 1)
        if type_ not in _TOLD_APART and holds == "False":
            yield Figure(FALSE_SINCE, (*whose, type_, reason), _seconds(condition["lastTransitionTime"]))
    yield Figure(READY, whose, is_ready)
    if deleted := metadata.get("deletionTimestamp"):
        yield Figure(DELETED_AT, whose, _seconds(deleted))


def _collection(where: tuple[str, str], spec: Json, status: Json) -> Iterator[Figure]:
    reference = spec.get("embeddingModelRef") or {}
    connection = (spec.get("weaviate") or {}).get("connection", "default")
    model = f"{reference.get('namespace') or where[0]}/{reference.get('name', '')}"
    setup = (connection, spec.get("placement", "Dedicated"), model, status.get("activeRevision") or "")
    yield Figure(COLLECTION, (*where, *setup), 1)
    for level, count in (status.get("counts") or {}).items():
        yield Figure(OBJECTS, (*where, level), count)
    for level, counts in (status.get("tenants") or {}).items():
        for state, count in counts.items():
            yield Figure(TENANTS, (*where, level, state), count)
    for level, address in (status.get("address") or {}).items():
        if "changeClass" in address:
            yield Figure(MIGRATION, (*where, level, address["changeClass"]), 1)
    for level, moving in ((status.get("migration") or {}).get("levels") or {}).items():
        yield from _migration((*where, level), moving)
    for level, measured in (status.get("measurements") or {}).items():
        yield from _measured((*where, level), measured)
    for schedule, field in _SCHEDULES.items():
        yield from _run((*where, schedule), status.get(field) or {})


def _migration(whose: tuple[str, str, str], moving: Json) -> Iterator[Figure]:
    if phase := moving.get("phase"):
        yield Figure(MIGRATION_PHASE, (*whose, phase), 1)
    yield from _counted(whose, moving, _OF_A_MIGRATION)


def _measured(whose: tuple[str, str, str], measured: Json) -> Iterator[Figure]:
    yield from _counted(whose, measured, _OF_AN_INDEX)
    if (p95 := measured.get("p95Milliseconds")) is not None:
        yield Figure(INDEX_P95, whose, p95 / 1000)
    if at := measured.get("measuredAt"):
        yield Figure(INDEX_MEASURED, whose, _seconds(at))


def _run(whose: tuple[str, str, str], run: Json) -> Iterator[Figure]:
    if run:
        yield Figure(JOB_FAILING, whose, run.get("result") == "Failed")
    if started := run.get("startedAt"):
        yield Figure(JOB_STARTED, whose, _seconds(started))


def _counted(where: tuple[str, ...], status: Json, fields: Mapping[str, Family]) -> Iterator[Figure]:
    for field, family in fields.items():
        if (count := status.get(field)) is not None:
            yield Figure(family, where, count)


def _seconds(moment: str) -> float:
    """Return the Unix time of a moment as Kubernetes writes it."""
    return datetime.fromisoformat(moment).timestamp()
