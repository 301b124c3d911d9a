"""Changes to what runs: a policy that many levels are bound to, and the tenants of one collection."""

import time
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from e2e.bench.converge import samples
from e2e.bench.converge.burst import Race, race
from e2e.bench.converge.samples import HOME, POLICY, Declared
from e2e.bench.converge.scene import Scene
from e2e.bench.converge.servers import accepted
from e2e.bench.converge.watch import Key, NotInTimeError, changed, is_ready

Json = dict[str, Any]
_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class HotEdit:
    """A hot edit as a race, and how many levels its status called compliant before Weaviate had the new setting."""

    race: Race
    too_early: int


def hot_edit(scene: Scene, bound: Sequence[Declared], ef: int, limit: float) -> HotEdit:
    """Change `ef` of the policy and wait until its status says so of every bound level and Weaviate has it in each."""
    aliases = scene.ours.rest.get("/aliases").json()["aliases"]
    behind = {one["alias"]: one["class"] for one in aliases}
    seen = scene.collections.seen(one.key for one in bound)
    classes = {behind[address["alias"]] for body in seen for address in body["status"]["address"].values()}
    key = Key(HOME, POLICY)
    too_early = 0

    def work() -> float:
        nonlocal too_early
        scene.policies.expect(changed(scene.policies, key, _all_compliant))
        started = perf_counter()
        scene.ours.apply("hnswindexpolicies", HOME, POLICY, samples.policy(ef))
        in_status = scene.policies.wait([key], limit)[0]
        too_early = len(_without(scene, classes, ef))
        in_weaviate = _await_ef(scene, classes, ef, limit) if too_early else in_status
        return max(in_weaviate, in_status) - started

    return HotEdit(race(scene, work), too_early)


def declare_tenants(scene: Scene, declared: Declared, limit: float) -> Race:
    """Declare a collection with its tenants, anew or as a change; wait until it is Ready as of that spec."""

    def work() -> float:
        known = scene.collections.knows(declared.key)
        scene.collections.expect(changed(scene.collections, declared.key, is_ready) if known else is_ready)
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


def _without(scene: Scene, classes: AbstractSet[str], ef: int) -> set[str]:
    """Return the classes that have another setting."""
    found = accepted(scene.ours.rest.get("/schema")).json()["classes"]
    return {one["class"] for one in found if one["class"] in classes and one["vectorIndexConfig"]["ef"] != ef}


def _await_ef(scene: Scene, classes: AbstractSet[str], ef: int, limit: float) -> float:
    end = time.monotonic() + limit
    while left := _without(scene, classes, ef):
        if time.monotonic() > end:
            raise NotInTimeError(f"{len(left)} of {len(classes)} classes lack the new setting after {limit:g} s")
        time.sleep(_POLL_SECONDS)  # between two looks at a condition
    return perf_counter()
