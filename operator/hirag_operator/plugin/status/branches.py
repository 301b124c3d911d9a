"""What hangs below an object in its tree."""

from collections.abc import Iterator
from datetime import datetime

from rich.text import Text
from rich.tree import Tree

from hirag_operator.plugin.status.moving import migration_branch
from hirag_operator.plugin.status.report import (
    Child,
    CollectionReport,
    LevelReport,
    ModelReport,
    Neighbour,
    ObjectReport,
    PolicyReport,
    ScheduleReport,
)
from hirag_operator.plugin.terminal import age, counted, line, marked

Branch = Tree | Text

MOST_NAMED = 20  # users of a model, or levels of a policy: the rest is counted


def branches(one: ObjectReport, now: datetime) -> Iterator[Branch]:
    """Yield what is told of an object besides its problems."""
    match one:
        case CollectionReport():
            yield from _of_collection(one, now)
        case ModelReport():
            yield from _of_model(one)
        case PolicyReport():
            yield from _of_policy(one)
    yield from map(_child, one.children)


def _of_collection(one: CollectionReport, now: datetime) -> Iterator[Branch]:
    objects = [counted(one.objects, "object")] if one.objects is not None else []
    yield line(", ".join([f"Placement {one.placement}", f"Weaviate connection {one.connection}", *objects]))
    yield _neighbour("Model", one.model, one.namespace, fingerprint=one.fingerprint)
    yield from (_level(level, one.namespace) for level in one.levels)
    if one.migration is not None:
        yield migration_branch(one.migration, one, now)
    yield from (_schedule(schedule, now) for schedule in one.schedules)


def _colour(objectives: str) -> str:
    return "" if objectives in {"ObjectivesMet", "NothingToMeasure", "Tuning", "NotMeasured"} else "yellow"


def _level(level: LevelReport, home: str) -> Tree:
    facts = [counted(level.objects, "object")] if level.objects is not None else []
    facts += [f"revision {level.revision}"] if level.revision else []
    branch = Tree(line(f"Level {level.level}", f": {', '.join(facts)}" if facts else ": not made yet"), highlight=False)
    if level.alias:
        tenant = f", tenant {level.tenant}" if level.tenant else ""
        leads = f" → {level.collection}" if level.collection else ", which leads nowhere"
        branch.add(line(f"Alias {level.alias}{leads}{tenant}"))
    if level.tenants:
        branch.add(line("Tenants: ", ", ".join(f"{count:,} {state}" for state, count in level.tenants.items())))
    if level.policy is not None:
        branch.add(_neighbour("Policy", level.policy, home, binding=level.policy.binding))
    if level.objectives:
        branch.add(line("Index (", marked(level.objectives, _colour(level.objectives)), f"): {level.measured}"))
    if level.pending:
        branch.add(line("Pending (", marked(level.change_class or "build"), f"): {level.pending}"))
    return branch


def _neighbour(role: str, one: Neighbour, home: str, *, binding: str = "", fingerprint: str = "") -> Text:
    name = one.name if one.namespace == home else f"{one.namespace}/{one.name}"
    reason = f" ({one.reason})" if one.reason and one.state != "Ready" else ""
    state = "not read" if one.state == "NotRead" else one.state
    return line(
        f"{role} {name}: ",
        marked(state, None if state == one.state else "dim"),
        reason,
        ", " if binding else "",
        marked(binding),
        f", {one.summary}" if one.summary else "",
        f", fingerprint {fingerprint}" if fingerprint else "",
    )


def _schedule(one: ScheduleReport, now: datetime) -> Branch:
    label = line(
        f"Schedule {one.section}: {one.schedule}",
        f" {one.time_zone}" if one.time_zone else "",
        ", suspended" if one.suspended else "",
    )
    if one.last_run is None:
        return label
    run, ended = one.last_run, age(one.last_run.finished_at, now)
    branch = Tree(label, highlight=False)
    branch.add(
        line(
            f"Last run {run.job}: ",
            marked(run.result),
            f" {ended} ago" if ended else "",
            f"\n{run.message}" if run.message else "",
        )
    )
    return branch


def _of_model(one: ModelReport) -> Iterator[Branch]:
    dimensions = f", {one.dimensions} dimensions" if one.dimensions else ""
    yield line(f"{one.model or 'Not served yet'}{dimensions}")
    if one.endpoint:
        yield line(f"Endpoint {one.endpoint}")
    if one.fingerprint:
        yield line(f"Fingerprint {one.fingerprint}")
    if one.gpu_profile:
        yield line(f"GPU profile {one.gpu_profile}")
    yield from _named("Used by", one.used_by, "ContextCollection")


def _of_policy(one: PolicyReport) -> Iterator[Branch]:
    yield line(f"Index {one.index}")
    yield line(f"As it says: {one.compliant_count:,} of {counted(one.binding_count, 'level')}")
    for binding in one.bindings[:MOST_NAMED]:
        change = f" ({binding.change_class})" if binding.change_class else ""
        pending = f": {binding.pending}" if binding.pending else ""
        where = f"{binding.namespace}/{binding.name} {binding.level}: "
        yield line(where, marked(binding.state), f"{change}{pending}")
    if one.binding_count > MOST_NAMED:
        yield line(f"and {one.binding_count - len(one.bindings[:MOST_NAMED]):,} more")


def _named(role: str, names: list[str], noun: str) -> Iterator[Text]:
    if names:
        more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
        yield line(f"{role} {counted(len(names), noun)}: {', '.join(names[:MOST_NAMED])}{more}")


def _child(child: Child) -> Text:
    return line(f"{child.kind} {child.name}: ", marked(child.summary, "" if child.well else "yellow"))
