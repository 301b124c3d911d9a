"""From documents to the plan: each is checked, then the operator's own plan says what they come to together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from hirag_operator.adapters.reader import ClusterReader
from hirag_operator.api.change_classes import ChangeClass
from hirag_operator.plan.unacted import unacted_fields
from hirag_operator.plugin.errors import Exit
from hirag_operator.plugin.kinds import COLLECTION, MODEL
from hirag_operator.plugin.plan.applying import Applied, Manner, dry_run
from hirag_operator.plugin.plan.children import child_steps
from hirag_operator.plugin.plan.complaints import complaints, refusal
from hirag_operator.plugin.plan.documents import Document
from hirag_operator.plugin.plan.fieldchanges import field_changes, gravest, whole_spec
from hirag_operator.plugin.plan.levels import Ground, Turn, by_table, level_effects
from hirag_operator.plugin.plan.report import DocumentReport, EffectReport, FieldError, PlanReport, Takes
from hirag_operator.plugin.plan.seen import Weaviate
from hirag_operator.plugin.plan.wanted import foreseen_model
from hirag_operator.plugin.plan.world import Cluster, World, touched
from hirag_operator.plugin.status.look import Key, references

Json = Mapping[str, Any]

CODES: Final[Mapping[Takes, Exit]] = {
    "nothing": Exit.FINE,
    "new": Exit.FINE,
    "hot": Exit.FINE,
    "build": Exit.BUILD,
    "embed": Exit.EMBED,
    "held": Exit.HELD,
    "forbidden": Exit.FORBIDDEN,
    "invalid": Exit.INVALID,
}
POOL: Final = "HiragPool_"  # how names of pools begin
_GRAVITY: Final = list(CODES)


@dataclass(frozen=True)
class Means:
    """What a plan is made by: how documents are applied (None: as they were last), and what else is known.

    `instance` is the name that the operator goes by in Weaviate, where the caller knows it.
    """

    manner: Manner | None = None
    weaviate: Weaviate | None = None
    instance: str | None = None


def compose(reader: ClusterReader, documents: Sequence[Document], means: Means) -> PlanReport:
    """Return what applying the documents would come to."""
    coming = {one.name for one in documents if one.kind == "Namespace"}
    applied = {one.key: dry_run(reader, one, means.manner, coming) for one in documents if one.body is not None}
    reports = [_document(one, applied.get(one.key)) for one in documents]
    valid = {(one.kind, one.namespace, one.name) for one in reports if one.action in {"create", "change"}}
    turns = {key: one for key, one in applied.items() if key in valid}
    cluster = Cluster(reader)
    effects = sorted(_effects(cluster, turns, means), key=lambda one: -_GRAVITY.index(one.takes))
    takes = _worst([*(one.takes for one in effects), *map(_at_least, reports)])
    return PlanReport(
        takes=takes,
        exit_code=CODES[takes],
        documents=reports,
        effects=[one for one in effects if one.steps or one.pending or one.waits],
        notes=[
            *_notes(applied.values(), means, effects),
            *(f"{note[0].upper()}{note[1:]}." for note in cluster.notes),
        ],
    )


def _document(document: Document, applied: Applied | None) -> DocumentReport:
    whose: dict[str, Any] = {
        "source": document.source,
        "kind": document.kind,
        "namespace": document.namespace,
        "name": document.name,
    }
    if document.complaint:
        return DocumentReport(**whose, action="refused", errors=[FieldError(field="", message=document.complaint)])
    if applied is None or document.body is None:
        return DocumentReport(**whose, action="leftOut")
    errors = _errors(document.body, applied)
    changes = field_changes(applied.before, applied.after) if applied.before is not None else []
    if errors:  # of the rest nothing would come
        changes = [one for one in changes if one.class_ == ChangeClass.FORBIDDEN]
    action = _action(applied, changed=bool(changes), wrong=bool(errors))
    checked = f"{'checked by this program alone' if applied.unchecked else 'checked by the API server'}, {applied.how}"
    return DocumentReport(**whose, action=action, checked=checked, errors=errors, changes=changes)


def _errors(body: Json, applied: Applied) -> list[FieldError]:
    """Return why a document is refused: by the API server, whatever this program knows, or else by its own rules."""
    if applied.refusal is not None:
        return refusal(applied.refusal, complaints(body))
    return complaints(body) if applied.unchecked else []


def _action(applied: Applied, *, changed: bool, wrong: bool) -> Any:
    if wrong:
        return "refused"
    if applied.before is None:
        return "create"
    return "change" if changed else "nothing"


def _at_least(report: DocumentReport) -> Takes:
    """Return what a document comes to by itself, whatever follows from it elsewhere."""
    match report.action:
        case "refused":
            return "forbidden" if _changes_what_is_fixed(report) else "invalid"
        case "create":
            return "new"
        case "change":
            return "hot"
        case _:
            return "nothing"


def _changes_what_is_fixed(report: DocumentReport) -> bool:
    """Return whether a refused document is wrong for nothing else than a field that cannot change."""
    fixed = [one.path for one in report.changes]
    return bool(fixed) and all(any(path.startswith(error.field) for path in fixed) for error in report.errors)


def _effects(cluster: Cluster, turns: Mapping[Key, Applied], means: Means) -> Iterator[EffectReport]:
    before = {key: one.before for key, one in turns.items() if one.before is not None}
    then = World(cluster, {key: _foreseen(one) for key, one in turns.items()})
    ground = Ground(World(cluster), then, means.weaviate, means.instance)
    cluster.known |= before | {key: None for key in turns if key not in before}
    for key, one in turns.items():
        if key[0] == COLLECTION:
            changes = field_changes(one.before, one.after) if one.before is not None else []
            yield from level_effects(ground, Turn(one.before, one.after, gravest(changes)))
        yield from _in_kubernetes(one)
    users, all_seen = touched(cluster, before)
    for body in users:
        yield from level_effects(ground, Turn(body, body, _of_references(body, turns)))
    if not all_seen:
        yield from (_unseen_users(one) for key, one in turns.items() if key in before and key[0] != COLLECTION)


def _foreseen(one: Applied) -> dict[str, Any]:
    if one.before is None or one.after["kind"] != MODEL:
        return dict(one.after)
    try:
        return foreseen_model(one.before, one.after)
    except ValidationError:  # of another release than ours: what refers to it says so
        return dict(one.after)


def _unseen_users(one: Applied) -> EffectReport:
    """Return what a change can take at most where not all that it concerns may be seen."""
    metadata = one.after["metadata"]
    return EffectReport(
        kind=str(one.after["kind"]),
        namespace=metadata["namespace"],
        name=metadata["name"],
        takes=by_table(gravest(field_changes(one.before or {}, one.after))),
        basis="table",
        waits="you may not see all ContextCollections that use it: this is the most that the change can take for one",
    )


def _of_references(body: Json, turns: Mapping[Key, Applied]) -> ChangeClass:
    """Return the most that the changes of what a collection refers to can take for it, by the table."""
    changed = [turns[key] for key in references(body) if key in turns]
    found = [change for one in changed if one.before is not None for change in field_changes(one.before, one.after)]
    return gravest(found)


def _in_kubernetes(one: Applied) -> Iterator[EffectReport]:
    steps = child_steps(one.before, one.after)
    kind, metadata = str(one.after["kind"]), one.after["metadata"]
    whose = {"kind": kind, "namespace": metadata["namespace"], "name": metadata["name"]}
    if steps:
        yield EffectReport(**whose, takes="new" if one.before is None else "hot", basis="render", steps=steps)
    for unacted in unacted_fields(whole_spec(one.after), kind):
        yield EffectReport(**whose, takes="nothing", basis="table", waits=f"not acted on by this release: {unacted}")


def _notes(applied: Iterable[Applied], means: Means, effects: Sequence[EffectReport]) -> Iterator[str]:
    """Yield what was not looked at, and what follows from it."""
    for message in dict.fromkeys(one.unchecked for one in applied if one.unchecked):
        yield f"{message[0].upper()}{message[1:]}, so the API server was not asked: what others have set is not seen."
    by_status = any(one.basis == "status" and one.level for one in effects)
    if by_status and means.weaviate is None:
        yield "Weaviate was not looked at: levels are taken to be as their status says. --weaviate-url has it asked."
    elif by_status:
        yield "Levels on other connections than that of --weaviate-url are taken to be as their status says."
    if any(one.basis == "table" and one.level for one in effects):
        yield "Of levels that are not as declared now, the table tells the most that a change can take."
    if means.weaviate is None and means.instance is None and any(POOL in step for one in effects for step in one.steps):
        yield "Names of pools hold for an operator of instance default; --instance names another."


def _worst(takes: Sequence[Takes]) -> Takes:
    return max(takes, key=_GRAVITY.index, default="nothing")
