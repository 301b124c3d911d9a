"""A collection whose index is measured and tuned, and what is told of that."""

import json
from typing import Any

from e2e.cluster.namespace import Namespace, eventually
from hirag_operator.plan.collection.migration.notes import NOTES, identity
from hirag_operator.plan.collection.objectives.notes import about
from tests.operator.reconcile.migration.scene import JOBS, LONG_SECONDS, Scene

__all__ = ["JOBS", "LONG_SECONDS", "Index", "tuned"]

Json = dict[str, Any]

BOUNDS = {"min": 8, "max": 71}


def tuned(target: float, connections: int = 8, **objectives: Any) -> Json:
    """A policy of a graph that finds little at a small ef, and is tuned."""
    recall = {"target": target, "sampleSize": 60}
    return {
        "hnsw": {"efConstruction": 16, "maxConnections": connections},
        "objectives": {"recall": recall, "tuning": {"ef": BOUNDS}, **objectives},
    }


class Index(Scene):
    """One ContextCollection with one level, `longTerm`, and a policy with objectives."""

    @property
    def measured(self) -> Json:
        """What status tells of the level's index; empty where nothing is."""
        return dict((self.status.get("measurements") or {}).get("longTerm") or {})

    def await_state(self, *states: str, seconds: float = LONG_SECONDS) -> Json:
        """Wait until a measurement comes to one of some states; return what status tells of it."""
        return eventually(lambda: self.measured, lambda told: told.get("state") in states, seconds)

    def condition(self) -> Json:
        """The condition ObjectivesMet of the collection."""
        return self.namespace.condition("ContextCollection", self.name, "ObjectivesMet")

    def ef(self) -> int:
        """The ef of the collection behind the alias."""
        schema = self.weaviate.get(f"/schema/{self.target()}").raise_for_status().json()
        return int(schema["vectorIndexConfig"]["ef"])

    def set_ef(self, ef: int) -> None:
        """Change the ef of the collection behind the alias by another hand."""
        path = f"/schema/{self.target()}"
        schema = self.weaviate.get(path).raise_for_status().json()
        schema["vectorIndexConfig"]["ef"] = ef
        self.weaviate.put(path, json=schema).raise_for_status()

    def noted(self) -> Json:
        """What is noted of its measurements; empty where nothing is."""
        found = identity(about("default", self.namespace.name, self.name, "longTerm"))
        answer = self.weaviate.get(f"/objects/{NOTES}/{found}")
        return dict(json.loads(answer.json()["properties"]["said"])) if answer.is_success else {}

    def trials(self) -> dict[int, float]:
        """The recall that is noted at each ef."""
        return {one["ef"]: one["recall"] for one in self.noted().get("trials", [])}

    def measuring(self) -> list[Json]:
        """The Jobs that measure it."""
        system = Namespace(self.namespace.control_plane, JOBS)
        own = {"hirag.dev/measures-namespace": self.namespace.name, "hirag.dev/measures-name": self.name}
        return [one for one in system.all_of("Job") if own.items() <= one["metadata"]["labels"].items()]
