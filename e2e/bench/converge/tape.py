"""What a run of the operator left behind, as the list of writes that leave the same behind.

A snapshot is read from the servers before a run and after it; what lies between the two becomes writes, object by
object: what the user applied, the finalizer, collections, tenants and aliases, owned objects, status, Events. It is the
least that leads there: an object whose status the operator wrote twice has one write of it here.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from e2e.bench.converge.servers import GROUP, KINDS, Servers, accepted, manifest

Json = dict[str, Any]
Do = Literal["apply", "finalize", "status", "child", "event", "class", "update", "tenants", "drop", "alias"]

_PAGE = 2000
_OURS = "app.kubernetes.io/managed-by=hirag-operator"
_CHILDREN = ("/api/v1/configmaps", "/apis/batch/v1/cronjobs", "/apis/apps/v1/deployments", "/api/v1/services")
_EVENTS = "/apis/events.k8s.io/v1/events"
_CONTROLLER = "hirag.dev/operator"


@dataclass(frozen=True)
class Write:
    """One write: what is done, at which path of its server, with which body."""

    do: Do
    path: str
    body: Any


@dataclass(frozen=True)
class PerCall:
    """How many tenants go into one call, made and dropped."""

    made: int = 100
    dropped: int = 100


@dataclass(frozen=True)
class Snapshot:
    """Everything of the operator's on one set of servers; objects of Kubernetes by path."""

    objects: Mapping[str, Json]
    children: Mapping[str, Json]
    events: Mapping[str, Json]
    classes: Mapping[str, Json]
    aliases: Mapping[str, str]
    tenants: Mapping[str, Mapping[str, str]]


def snapshot(servers: Servers) -> Snapshot:
    """Read everything."""
    classes = {c["class"]: c for c in accepted(servers.rest.get("/schema")).json().get("classes") or []}
    found = accepted(servers.rest.get("/aliases")).json().get("aliases") or []
    return Snapshot(
        objects={path: body for plural in KINDS for path, body in _listed(servers, f"{GROUP}/{plural}")},
        children={path: body for root in _CHILDREN for path, body in _listed(servers, root, labelSelector=_OURS)},
        events={
            path: body
            for path, body in _listed(servers, _EVENTS)
            if body.get("reportingController", body.get("reportingComponent")) == _CONTROLLER
        },
        classes=classes,
        aliases={one["alias"]: one["class"] for one in found},
        tenants={
            name: {
                tenant["name"]: tenant.get("activityStatus", "HOT")
                for tenant in accepted(servers.rest.get(f"/schema/{name}/tenants")).json() or []
            }
            for name, body in classes.items()
            if (body.get("multiTenancyConfig") or {}).get("enabled")
        },
    )


def tape(before: Snapshot, after: Snapshot, per_call: PerCall = PerCall()) -> list[Write]:
    """Return the writes that lead from `before` to `after`, each object's together."""
    writes: list[Write] = []
    left = _Weaviate(before, after, per_call)
    children, events = _by_owner(before.children, after.children), _events_by_object(before.events, after.events)
    for path, body in after.objects.items():
        uid, old = body["metadata"]["uid"], before.objects.get(path)
        writes += _declared(path, old, body)
        writes += left.of(body)
        writes += [Write("child", child, _bare(found)) for child, found in children.get(uid, [])]
        if body.get("status") != (old or {}).get("status") and body.get("status"):
            writes.append(Write("status", path, body["status"]))
        writes += [Write("event", event, _bare(found)) for event, found in events.get(uid, [])]
    return writes


def _declared(path: str, old: Json | None, new: Json) -> Iterator[Write]:
    plural, name = path.split("/")[-2:]
    if old is None or old["spec"] != new["spec"]:
        yield Write("apply", path, (new["metadata"]["uid"], manifest(plural, name, new["spec"])))
    finalizers = new["metadata"].get("finalizers", [])
    if finalizers and finalizers != ((old or {}).get("metadata") or {}).get("finalizers"):
        yield Write("finalize", path, {"metadata": {"finalizers": finalizers}})


class _Weaviate:
    """What changed in Weaviate, handed out once: to the first object that is reached through it."""

    def __init__(self, before: Snapshot, after: Snapshot, per_call: PerCall) -> None:
        self._before, self._after = before, after
        self._per_call = per_call
        self._told: set[str] = set()

    def of(self, body: Json) -> Iterator[Write]:
        """Yield the writes of one object's levels."""
        for address in (body.get("status") or {}).get("address", {}).values():
            alias, tenant = address["alias"], address.get("tenant")
            name = self._after.aliases[alias]
            yield from self._collection(name)
            yield from self._tenants(name, tenant)
            if self._before.aliases.get(alias) != name:
                yield Write("alias", "/aliases", {"alias": alias, "class": name})

    def _collection(self, name: str) -> Iterator[Write]:
        old, new = self._before.classes.get(name), self._after.classes[name]
        if name in self._told:
            return
        if old is None:
            yield Write("class", "/schema", _creatable(new))
        elif old != new:
            yield Write("update", f"/schema/{name}", {part: new[part] for part in new if new[part] != old.get(part)})
        self._told.add(name)

    def _tenants(self, name: str, tenant: str | None) -> Iterator[Write]:
        """Yield what makes and drops tenants: the one of the address, or all where the collection has its own."""
        path, old, new = f"/schema/{name}/tenants", self._before.tenants.get(name, {}), self._after.tenants.get(name)
        if new is None:
            return
        mine = new if tenant is None else {tenant: new[tenant]}
        made = [{"name": one, "activityStatus": state} for one, state in mine.items() if one not in old]
        gone = [one for one in old if one not in new] if tenant is None else []
        yield from (Write("tenants", path, part) for part in _parts(made, self._per_call.made))
        yield from (Write("drop", path, part) for part in _parts(gone, self._per_call.dropped))


def _listed(servers: Servers, root: str, **parameters: str) -> Iterator[tuple[str, Json]]:
    """Yield every object below `root` with its path, page by page."""
    group, _, plural = root.rpartition("/")
    following = ""
    while True:
        asked = {**parameters, "limit": str(_PAGE), **({"continue": following} if following else {})}
        page = accepted(servers.kubernetes.get(root, params=asked)).json()
        for body in page["items"]:
            metadata = body["metadata"]
            version = {"apiVersion": page["apiVersion"], "kind": page["kind"].removesuffix("List")}
            yield f"{group}/namespaces/{metadata['namespace']}/{plural}/{metadata['name']}", {**version, **body}
        following = page["metadata"].get("continue", "")
        if not following:
            return


def _by_owner(before: Mapping[str, Json], after: Mapping[str, Json]) -> dict[str, list[tuple[str, Json]]]:
    found: dict[str, list[tuple[str, Json]]] = {}
    for path, body in after.items():
        owner = next(iter(body["metadata"].get("ownerReferences") or []), None)
        if owner is not None and (path not in before or _bare(before[path]) != _bare(body)):
            found.setdefault(owner["uid"], []).append((path, body))
    return found


def _events_by_object(before: Mapping[str, Json], after: Mapping[str, Json]) -> dict[str, list[tuple[str, Json]]]:
    found: dict[str, list[tuple[str, Json]]] = {}
    for path, body in after.items():
        if path not in before:
            found.setdefault(body["regarding"]["uid"], []).append((path, body))
    return found


def _creatable(schema: Json) -> Json:
    """Return a schema as the server takes it: a multi-tenant one reads back with shards that may not be asked for."""
    multi_tenant = (schema.get("multiTenancyConfig") or {}).get("enabled")
    return {part: value for part, value in schema.items() if not multi_tenant or part != "shardingConfig"}


def _bare(body: Json) -> Json:
    """Return an object without what the API server adds."""
    kept = {"name", "labels", "annotations", "ownerReferences"}
    metadata = {name: value for name, value in body["metadata"].items() if name in kept}
    return {**{part: value for part, value in body.items() if part != "status"}, "metadata": metadata}


def _parts(items: list[Any], size: int) -> Iterable[list[Any]]:
    return (items[start : start + size] for start in range(0, len(items), size))
