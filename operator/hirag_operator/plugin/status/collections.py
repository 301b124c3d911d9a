"""The report of a ContextCollection, from what was read of it and of what it refers to."""

from collections.abc import Iterable, Mapping
from typing import Any

from hirag_operator.api.collection_levels import STORED_LEVELS
from hirag_operator.plan.collection.cronjobs import PROGRAMS
from hirag_operator.plan.dig import dig
from hirag_operator.plan.names import workload_name
from hirag_operator.plugin.kinds import MODEL, POLICY
from hirag_operator.plugin.status.look import Key, Seen
from hirag_operator.plugin.status.report import (
    Child,
    CollectionReport,
    LevelMigrationReport,
    LevelReport,
    MigrationReport,
    Neighbour,
    PolicyUse,
    Run,
    ScheduleReport,
)
from hirag_operator.plugin.status.standing import conditions_of, instant, state_of
from hirag_operator.plugin.status.words import index_in_words, model_in_words, outline

Json = Mapping[str, Any]


def collection_report(body: Json, seen: Seen) -> CollectionReport:
    """Return how a ContextCollection stands."""
    spec, status = body.get("spec") or {}, body.get("status") or {}
    cronjobs = [one for one in seen.children.get("CronJob", ()) if _is_of(one, body)]
    return CollectionReport(
        **outline(body),
        placement=spec.get("placement") or "Dedicated",
        connection=dig(spec, "weaviate", "connection") or "default",
        objects=status.get("objects"),
        fingerprint=status.get("fingerprint") or "",
        model=_model(body, seen),
        levels=[_level(body, level, seen) for level in STORED_LEVELS if level in (spec.get("levels") or {})],
        migration=_migration(status.get("migration") or {}),
        schedules=[_schedule(body, section, cronjobs) for section in PROGRAMS if spec.get(section)],
        children=[_child(one) for one in cronjobs],
    )


def _model(body: Json, seen: Seen) -> Neighbour:
    reference = dig(body, "spec", "embeddingModelRef") or {}
    key = (MODEL, reference.get("namespace") or body["metadata"]["namespace"], str(reference.get("name", "")))
    found = seen.known.get(key)
    return Neighbour(**_neighbour(key, seen), summary=model_in_words(found) if found else "")


def _level(body: Json, level: str, seen: Seen) -> LevelReport:
    address = dig(body, "status", "address", level) or {}
    tenants = dig(body, "status", "tenants", level) or {}
    return LevelReport(
        level=level,
        alias=address.get("alias") or "",
        tenant=address.get("tenant") or "",
        collection=address.get("collection") or "",
        revision=address.get("revision") or "",
        objects=dig(body, "status", "counts", level),
        tenants={state: count for state, count in tenants.items() if count},
        pending=address.get("pending") or "",
        change_class=address.get("changeClass") or "",
        policy=_policy(body, level, seen),
        measured=str(dig(body, "status", "measurements", level, "message") or ""),
        objectives=str(dig(body, "status", "measurements", level, "state") or ""),
    )


def _migration(found: Json) -> MigrationReport | None:
    if not found:
        return None
    levels = found.get("levels") or {}
    return MigrationReport(
        phase=found.get("phase") or "",
        plan=found.get("plan") or "",
        change_class=found.get("changeClass") or "",
        changes=list(found.get("changes") or []),
        done=found.get("done"),
        total=found.get("total"),
        estimate=found.get("estimate") or "",
        levels=[_moving(level, levels[level]) for level in STORED_LEVELS if level in levels],
    )


def _moving(level: str, found: Json) -> LevelMigrationReport:
    return LevelMigrationReport(
        level=level,
        phase=found.get("phase") or "",
        plan=found.get("plan") or "",
        source=found.get("source") or "",
        target=found.get("target") or "",
        done=found.get("done"),
        total=found.get("total"),
        per_second=found.get("perSecond"),
        tenants=found.get("tenants"),
        tenants_done=found.get("tenantsDone"),
        alike=found.get("alike"),
        checksum=found.get("checksum") or "",
        recall=found.get("recall"),
        golden_recall=found.get("goldenRecall"),
        came_back=found.get("cameBack"),
        came_back_milliseconds=found.get("cameBackMilliseconds"),
        carried_late=found.get("carriedLate"),
        previous_until=instant(found.get("previousUntil")),
    )


def _policy(body: Json, level: str, seen: Seen) -> PolicyUse | None:
    reference = dig(body, "spec", "levels", level, "indexPolicyRef")
    if not reference:
        return None
    home, name = body["metadata"]["namespace"], body["metadata"]["name"]
    key = (POLICY, reference.get("namespace") or home, str(reference.get("name", "")))
    found = seen.known.get(key)
    bindings = dig(found, "status", "bindings") or []
    own = [one for one in bindings if (one.get("namespace"), one.get("name"), one.get("level")) == (home, name, level)]
    return PolicyUse(
        **_neighbour(key, seen),
        summary=index_in_words(found) if found else "",
        binding=str(own[0].get("state", "")) if own else "",
    )


def _neighbour(key: Key, seen: Seen) -> dict[str, Any]:
    found = seen.known.get(key)
    parts: dict[str, Any] = {"namespace": key[1], "name": key[2]}
    if found is None:
        return {**parts, "state": "Missing" if key in seen.known else "NotRead"}
    ready = conditions_of(found).get("Ready", {})
    return {**parts, "state": state_of(found), "reason": str(ready.get("reason", ""))}


def _schedule(body: Json, section: str, cronjobs: Iterable[Json]) -> ScheduleReport:
    declared, name = body["spec"][section], workload_name(body["metadata"]["name"], PROGRAMS[section])
    cronjob = next((one for one in cronjobs if one["metadata"]["name"] == name), None)
    run = dig(body, "status", f"last{section[0].upper()}{section[1:]}")
    return ScheduleReport(
        section=section,
        schedule=str(declared.get("schedule", "")),
        time_zone=declared.get("timeZone") or "",
        suspended=None if cronjob is None else bool(dig(cronjob, "spec", "suspend")),
        last_run=None if not run else _run(run),
    )


def _run(run: Json) -> Run:
    return Run(
        job=run.get("job") or "",
        result=run.get("result") or "",
        message=run.get("message") or "",
        finished_at=instant(run.get("finishedAt")),
    )


def _child(cronjob: Json) -> Child:
    running = len(dig(cronjob, "status", "active") or [])
    words = ["suspended" if dig(cronjob, "spec", "suspend") else str(dig(cronjob, "spec", "schedule"))]
    words += [f"{running} running"] if running else []
    return Child(kind="CronJob", name=cronjob["metadata"]["name"], summary=", ".join(words))


def _is_of(child: Json, body: Json) -> bool:
    owners = child["metadata"].get("ownerReferences") or []
    return any(owner.get("uid") == body["metadata"].get("uid") for owner in owners)
