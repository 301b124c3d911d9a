"""Changes to what runs: a policy that many levels are bound to, and the tenants of one collection."""

import time
from collections.abc import Sequence
from time import perf_counter
from typing import Any

from e2e.bench.converge import samples
from e2e.bench.converge.burst import Race, race
from e2e.bench.converge.samples import HOME, POLICY, Declared
from e2e.bench.converge.scene import Scene
from e2e.bench.converge.servers import accepted
from e2e.bench.converge.watch import Key, NotInTimeError, is_ready

Json = dict[str, Any]
_POLL_SECONDS = 0.05


def hot_edit(scene: Scene, bound: Sequence[Declared], ef: int, limit: float) -> Race:
    """Change `ef` of the policy and wait until Weaviate has it in every bound level and the policy's status says so."""
    aliases = scene.ours.rest.get("/aliases").json()["aliases"]
    behind = {one["alias"]: one["class"] for one in aliases}
    seen = scene.collections.seen(one.key for one in bound)
    classes = [behind[address["alias"]] for body in seen for address in body["status"]["address"].values()]

    def work() -> float:
        scene.policies.expect(_all_compliant)
        started = perf_counter()
        scene.ours.apply("hnswindexpolicies", HOME, POLICY, samples.policy(ef))
        in_weaviate = _await_ef(scene, classes, ef, limit)
        in_status = scene.policies.wait([Key(HOME, POLICY)], limit)[0]
        return max(in_weaviate, in_status) - started

    return race(scene, work)


def declare_tenants(scene: Scene, tenants: int, limit: float) -> Race:
    """Declare one collection with that many tenants, or fewer than before; wait until it is Ready as of that spec."""
    declared = samples.tenanted(tenants)

    def work() -> float:
        scene.collections.expect(is_ready)
        started = perf_counter()
        scene.apply(declared)
        return scene.collections.wait([declared.key], limit)[0] - started

    return race(scene, work)


def tenants_of(scene: Scene, declared: Declared) -> int:
    """Return how many tenants Weaviate has for the collection."""
    (body,) = scene.collections.seen([declared.key])
    name = scene.ours.rest.get(f"/aliases/{body['status']['address']['longTerm']['alias']}").json()["class"]
    return len(accepted(scene.ours.rest.get(f"/schema/{name}/tenants")).json())


def _all_compliant(policy: Json) -> bool:
    status = policy.get("status") or {}
    current = status.get("observedGeneration") == policy["metadata"]["generation"]
    return current and all(one["state"] == "Compliant" for one in status.get("bindings", []))


def _await_ef(scene: Scene, classes: Sequence[str], ef: int, limit: float) -> float:
    """Wait until every class has it; asks for one class at a time, so that the waiting costs next to nothing."""
    end = time.monotonic() + limit
    for number, name in enumerate(classes):
        while accepted(scene.ours.rest.get(f"/schema/{name}")).json()["vectorIndexConfig"]["ef"] != ef:
            if time.monotonic() > end:
                raise NotInTimeError(f"{number} of {len(classes)} classes have the new setting after {limit:g} s")
            time.sleep(_POLL_SECONDS)  # between two looks at a condition
    return perf_counter()
