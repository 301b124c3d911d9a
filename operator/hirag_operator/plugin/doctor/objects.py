"""What the objects tell: whether an operator looks at them, what ails them, and how their Weaviates are."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from hirag_operator.adapters.reader import ClusterReader
from hirag_operator.api.reasons import Reason
from hirag_operator.errors import NotAllowed
from hirag_operator.plan.dig import dig
from hirag_operator.plugin.doctor.report import Finding
from hirag_operator.plugin.doctor.running import ran_lately
from hirag_operator.plugin.kinds import COLLECTION, IN_ORDER
from hirag_operator.plugin.status.standing import conditions_of, problems_of
from hirag_operator.plugin.terminal import counted

Json = Mapping[str, Any]

OBJECTS: Final = "Objects"
WEAVIATE: Final = "Weaviate"
_MOST_NAMED: Final = 3
_OF_THE_SERVER: Final = frozenset(
    {
        Reason.CONNECTION_NOT_FOUND,
        Reason.WEAVIATE_UNREACHABLE,
        Reason.WEAVIATE_NOT_AUTHORIZED,
        Reason.WEAVIATE_GARBLED,
        Reason.WEAVIATE_VERSION_UNSUPPORTED,
        Reason.AUTO_SCHEMA_ENABLED,
        Reason.WEAVIATE_READ_ONLY,
    }
)
_REMEDIES: Final = {reason.value: reason.remedy for reason in _OF_THE_SERVER}
_WARNINGS: Final = frozenset({Reason.AUTO_SCHEMA_ENABLED, Reason.WEAVIATE_READ_ONLY})


def check_objects(reader: ClusterReader, namespace: str | None) -> Iterator[Finding]:
    """Yield findings about all objects of ours in a namespace (None: in all), and about the Weaviates they live on."""
    bodies: list[Json] = []
    for kind in IN_ORDER:
        try:
            bodies += reader.all_of(kind.resource.kind, namespace)
        except NotAllowed as error:
            message = f"{kind.resource.kind} was not looked at, for {error.message}."
            yield Finding(area=OBJECTS, level="note", message=message)
    yield _looked_at(bodies)
    yield from _problems(bodies)
    yield from connections([one for one in bodies if one["kind"] == COLLECTION])


def _looked_at(bodies: Sequence[Json]) -> Finding:
    total, seen = ran_lately(bodies)
    if not total:
        return Finding(area=OBJECTS, level="note", message="There are no objects yet.")
    message = f"An operator has seen the present spec of {seen:,} of {counted(total, 'object')}."
    if seen == total:
        return Finding(area=OBJECTS, level="ok", message=message)
    remedy = "Look again in a moment; if it stays so, no operator runs, or it does not watch their namespaces."
    return Finding(area=OBJECTS, level="warning" if seen else "wrong", message=message, remedy=remedy)


def _problems(bodies: Sequence[Json]) -> Iterator[Finding]:
    """Yield what ails objects, a finding for each reason; what ails a Weaviate is told of the connection."""
    by_reason: defaultdict[tuple[str, str], list[Json]] = defaultdict(list)
    for body in bodies:
        for problem in problems_of(body):
            if problem.grave and problem.reason not in _OF_THE_SERVER:
                by_reason[problem.reason, problem.remedy].append(body)
    for (reason, remedy), ailing in sorted(by_reason.items()):
        names = [f"{one['kind']} {one['metadata']['namespace']}/{one['metadata']['name']}" for one in ailing]
        more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
        message = f"{counted(len(names), 'object')} stalled by {reason}: {', '.join(names[:_MOST_NAMED])}{more}."
        yield Finding(area=OBJECTS, level="wrong", message=message, remedy=remedy)


def connections(collections: Sequence[Json]) -> Iterator[Finding]:
    """Yield what ContextCollections say of the Weaviates that they live on, a finding or more for each connection."""
    by_name: defaultdict[str, list[Json]] = defaultdict(list)
    for body in collections:
        by_name[dig(body, "spec", "weaviate", "connection") or "default"].append(body)
    for name, bodies in sorted(by_name.items()):
        yield from _connection(name, bodies)


def _connection(name: str, bodies: Sequence[Json]) -> Iterator[Finding]:
    troubles: dict[str, str] = {}
    fit = ""
    for body in bodies:
        for condition in conditions_of(body).values():
            if condition.get("status") == "False" and condition.get("reason") in _OF_THE_SERVER:
                troubles.setdefault(str(condition["reason"]), str(condition.get("message", "")))
            if condition.get("reason") == Reason.SERVER_FIT:
                fit = str(condition.get("message", ""))
    for reason, message in sorted(troubles.items()):
        level: Any = "warning" if reason in _WARNINGS else "wrong"
        told = f"Connection {name}: {reason}. {message}"
        yield Finding(area=WEAVIATE, level=level, message=told, remedy=_REMEDIES[reason])
    if not troubles and fit:
        yield Finding(area=WEAVIATE, level="ok", message=f"Connection {name}: {fit} So the operator says.")
    if not troubles and not fit:
        message = f"Connection {name}: none of {counted(len(bodies), 'ContextCollection')} has told of it yet."
        yield Finding(area=WEAVIATE, level="note", message=message)
