"""The peer: a plain client loop, one write after the other, as an engineer's script makes them."""

import json
from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import Any

from e2e.bench.converge.servers import Servers, accepted, apply
from e2e.bench.converge.tape import Do, Json, Write

_MERGE = {"Content-Type": "application/merge-patch+json"}


class PlainLoop:
    """Makes writes on a set of servers that the operator does not know.

    Objects get other uids there than they have on the operator's servers; what names one is adapted.
    """

    def __init__(self, servers: Servers) -> None:
        self._kubernetes = servers.kubernetes
        self._rest = servers.rest
        self._uids: dict[str, str] = {}
        self._ways: Mapping[Do, Callable[[str, Any], None]] = {
            "apply": self._apply,
            "finalize": self._merge,
            "status": lambda path, body: self._merge(f"{path}/status", {"status": body}),
            "child": self._child,
            "event": self._event,
            "class": lambda path, body: self._weaviate("POST", path, body),
            "update": self._update,
            "tenants": lambda path, body: self._weaviate("POST", path, body),
            "drop": lambda path, body: self._weaviate("DELETE", path, body),
            "alias": lambda path, body: self._weaviate("POST", path, body),
        }

    def run(self, writes: Sequence[Write]) -> float:
        """Make the writes in order; returns the seconds that it took.

        Raises:
            RuntimeError: A server refused one.
        """
        started = perf_counter()
        for write in writes:
            self._ways[write.do](write.path, write.body)
        return perf_counter() - started

    def undo(self, writes: Sequence[Write]) -> None:
        """Remove what writes that only made new things have made, so that they can be made again."""
        for write in reversed(writes):
            match write.do:
                case "alias":
                    accepted(self._rest.delete(f"/aliases/{write.body['alias']}"))
                case "class":
                    accepted(self._rest.delete(f"/schema/{write.body['class']}"))
                case "tenants":
                    self._weaviate("DELETE", write.path, [one["name"] for one in write.body])
                case "event" | "child":
                    accepted(self._kubernetes.delete(write.path))
                case "apply":
                    self._merge(write.path, {"metadata": {"finalizers": None}})
                    accepted(self._kubernetes.delete(write.path))
                case _:
                    pass  # goes with what it was written into

    def _apply(self, path: str, body: tuple[str, Json]) -> None:
        uid, wanted = body
        self._uids[uid] = apply(self._kubernetes, path, wanted)["metadata"]["uid"]

    def _merge(self, path: str, body: Json) -> None:
        accepted(self._kubernetes.patch(path, headers=_MERGE, content=json.dumps(body)))

    def _child(self, path: str, body: Json) -> None:
        owners = [{**owner, "uid": self._uids[owner["uid"]]} for owner in body["metadata"]["ownerReferences"]]
        apply(self._kubernetes, path, {**body, "metadata": {**body["metadata"], "ownerReferences": owners}}, "loop")

    def _event(self, path: str, body: Json) -> None:
        regarding = {**body["regarding"], "uid": self._uids[body["regarding"]["uid"]]}
        accepted(self._kubernetes.post(path.rpartition("/")[0], json={**body, "regarding": regarding}))

    def _update(self, path: str, changes: Json) -> None:
        """Read, merge and write: a PUT that leaves a field out resets it."""
        live = accepted(self._rest.get(path)).json()
        self._weaviate("PUT", path, {**live, **changes})

    def _weaviate(self, method: str, path: str, body: Any) -> None:
        accepted(self._rest.request(method, path, json=body))
