"""A collection that is migrated by an operator of its own while it is written to and searched."""

import random
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import httpx

from e2e.cluster.namespace import Namespace, eventually
from e2e.cluster.traffic import Ledger, Traffic
from e2e.cluster.weaviate import WeaviateServer
from hirag_operator.plan.collection.migration.jobstate import carries

Json = dict[str, Any]

DIMENSIONS = 384
LONG_SECONDS = 120.0
JOBS = "hirag-system"  # where Jobs run
SMALL_DISK = 20_000_000  # bytes that the connection `small` is said to have


class Scene:
    """One ContextCollection with one level, `longTerm`, and its index policy.

    Args:
        namespace: Where they are.
        server: The Weaviate.
        model: Name of the EmbeddingModel.
        name: Of both objects.
        spec: Fields of the collection besides those that follow.
    """

    def __init__(self, namespace: Namespace, server: WeaviateServer, model: str, name: str, **spec: Any) -> None:
        self.namespace, self.name, self._server = namespace, name, server
        self.weaviate = httpx.Client(base_url=f"{server.http_url}/v1", timeout=30, trust_env=False)
        self.spec: Json = {
            "embeddingModelRef": {"name": model},
            "levels": {"longTerm": {"indexPolicyRef": {"name": name}}},
            "chunking": {"maxTokens": 100},
            "deletionPolicy": "Delete",
            "migration": {"soak": "0s"},
            **spec,
        }
        self.index: Json = {"hnsw": {"efConstruction": 64}}

    def make(self) -> None:
        """Bring both about."""
        self.apply()
        body = self.namespace.await_ready("ContextCollection", self.name)
        self.first = str(body["status"]["address"]["longTerm"]["collection"])
        self.alias = str(body["status"]["address"]["longTerm"]["alias"])
        self.tenant = body["status"]["address"]["longTerm"].get("tenant")

    def apply(self, index: Json | None = None, **spec: Any) -> None:
        """Apply both, with an index or fields of the collection that are others from now on."""
        self.index = index or self.index
        self.spec |= spec
        self.namespace.apply("HNSWIndexPolicy", self.name, self.index)
        self.namespace.apply("ContextCollection", self.name, self.spec)

    def fill(self, number: int, seed: int = 0) -> None:
        """Write objects through the alias."""
        chance = random.Random(seed)  # noqa: S311  the same in each run
        for start in range(0, number, 200):
            objects = [
                {
                    "class": self.alias,
                    "id": str(UUID(int=chance.getrandbits(128))),
                    "properties": {"text": f"text {start + at}", "chunkIndex": -1},
                    "vector": [chance.gauss(0, 1) for _ in range(DIMENSIONS)],
                    **({"tenant": self.tenant} if self.tenant else {}),
                }
                for at in range(min(200, number - start))
            ]
            answer = self.weaviate.post("/batch/objects", json={"objects": objects}).raise_for_status()
            assert all(one["result"]["status"] == "SUCCESS" for one in answer.json()), answer.text[:500]

    def traffic(self, rate: float = 100) -> Traffic:
        """Writers and readers of the alias."""
        address = f"127.0.0.1:{self._server.grpc_port}"
        return Traffic(self._server.http_url, address, self.alias, self.tenant, DIMENSIONS, rate=rate)

    @property
    def status(self) -> Json:
        """The collection's status."""
        body = self.namespace.get("ContextCollection", self.name) or {}
        return dict(body.get("status") or {})

    @property
    def estimated(self) -> Json:
        """What status expects of the migration, in figures; empty when it expects nothing."""
        return dict((self.status.get("migration") or {}).get("estimated") or {})

    @property
    def estimate(self) -> str:
        """The same in words."""
        return str((self.status.get("migration") or {}).get("estimate") or "")

    @property
    def level(self) -> Json:
        """What status tells of the level's migration; empty when there is none."""
        return dict(((self.status.get("migration") or {}).get("levels") or {}).get("longTerm") or {})

    def await_phase(self, *phases: str, seconds: float = LONG_SECONDS) -> Json:
        """Wait until the level's migration is in one of some phases; return what status tells of it."""
        return eventually(lambda: self.level, lambda level: level.get("phase") in phases, seconds)

    def await_index(self, ef_construction: int, seconds: float = LONG_SECONDS) -> None:
        """Wait until the collection behind the alias was built with this, and nothing is left of a migration."""
        eventually(self.ef_construction, lambda found: found == ef_construction, seconds)
        self.await_over(seconds)

    def await_over(self, seconds: float = LONG_SECONDS) -> None:
        """Wait until the collection is as declared and nothing is left of a migration."""
        self.namespace.await_ready("ContextCollection", self.name, seconds)
        eventually(lambda: self.status.get("migration"), lambda migration: migration is None, seconds)

    def target(self) -> str:
        """What the alias leads to."""
        return str(self.weaviate.get(f"/aliases/{self.alias}").raise_for_status().json()["class"])

    def exists(self, collection: str) -> bool:
        """Whether a collection is there."""
        return self.weaviate.get(f"/schema/{collection}").is_success

    def ef_construction(self) -> int:
        """What the collection behind the alias was built with."""
        schema = self.weaviate.get(f"/schema/{self.target()}").raise_for_status().json()
        return int(schema["vectorIndexConfig"]["efConstruction"])

    def collections(self) -> list[str]:
        """All collections that are the level's own."""
        classes = self.weaviate.get("/schema").raise_for_status().json()["classes"]
        return sorted(one["class"] for one in classes if one["class"].startswith(f"{self.alias}_R"))

    def jobs(self, *, of_surveys: bool = False) -> list[Json]:
        """The Jobs that carry its data."""
        system = Namespace(self.namespace.control_plane, JOBS)
        own = {"hirag.dev/migrates-namespace": self.namespace.name, "hirag.dev/migrates-name": self.name}
        found = [one for one in system.all_of("Job") if own.items() <= one["metadata"]["labels"].items()]
        return [one for one in found if carries(one) is not of_surveys]

    def surveys(self) -> list[Json]:
        """The Jobs that survey what is to be carried."""
        return [one for one in self.jobs(of_surveys=True) if not one["metadata"].get("deletionTimestamp")]

    def ready(self) -> Json:
        """The condition Ready."""
        return self.namespace.condition("ContextCollection", self.name)

    def vectors(self, number: int) -> list[tuple[str, list[float]]]:
        """Texts of some objects, with their vectors."""
        where: dict[str, str | int] = {"class": self.target(), "limit": number, "include": "vector"}
        found = self.weaviate.get("/objects", params=where).raise_for_status().json()["objects"]
        return [(one["properties"]["text"], one["vector"]) for one in found]

    def annotate(self, name: str, value: str) -> None:
        """Annotate the collection, as a person does."""
        self._kubectl("annotate", f"{name}={value}", "--overwrite")

    def wipe_status(self) -> None:
        """Take all that status says away."""
        self._kubectl("patch", "--subresource=status", "--type=json", '-p=[{"op": "remove", "path": "/status"}]')

    def move_alias(self, collection: str) -> None:
        """Move the alias by another hand."""
        self.weaviate.put(f"/aliases/{self.alias}", json={"class": collection}).raise_for_status()

    def _kubectl(self, verb: str, *arguments: str) -> None:
        self.namespace.control_plane.kubectl(
            verb, "contextcollection", self.name, "-n", self.namespace.name, *arguments
        )

    def require_well(self, traffic: Traffic, filled: int) -> None:
        """Hold all acknowledged writes against what is reached through the alias; no search was in vain."""
        self.require_whole(traffic.ledger, filled)
        assert [trouble for one in traffic.searches for trouble in one.troubles] == []

    def require_whole(self, ledger: Ledger, filled: int) -> None:
        """Hold the ledger of all acknowledged writes against what is reached through the alias."""
        living = {one: number for one, number in ledger.objects.items() if number is not None}
        assert ledger.troubles == []
        shown, told = self.numbers(), {str(one): number for one, number in living.items()}
        unlike = {
            one: self._standing(one, shown, told) for one in shown.keys() | told if shown.get(one) != told.get(one)
        }
        assert not unlike, unlike
        assert self.count() == len(living) + filled

    def numbers(self) -> dict[str, int]:
        """The objects that traffic wrote, by id: which write each shows."""
        where = {"path": ["chunkIndex"], "operator": "GreaterThan", "valueInt": -1}
        found = self._get(where)
        return {one["_additional"]["id"]: int(one["chunkIndex"]) for one in found}

    def count(self) -> int:
        """The objects behind the alias."""
        tenant = f'(tenant:"{self.tenant}")' if self.tenant else ""
        query = f"{{Aggregate{{{self.alias}{tenant}{{meta{{count}}}}}}}}"
        answer = self.weaviate.post("/graphql", json={"query": query}).raise_for_status().json()
        return int(answer["data"]["Aggregate"][self.alias][0]["meta"]["count"])

    def _standing(self, one: str, shown: Mapping[str, int], told: Mapping[str, int]) -> str:
        """Say what became of an object, for the one who looks for the reason: the store knows it by its id."""
        tenant = {"tenant": self.tenant} if self.tenant else {}
        stored = self.weaviate.get(f"/objects/{self.target()}/{one}", params=tenant)
        kept = stored.text if stored.is_success else f"{stored.status_code}"
        return f"found as {shown.get(one)}, last told as {told.get(one)}, in the store: {kept[:300]}"

    def _get(self, where: Json) -> list[Json]:
        name = self.target()  # the server does not know an alias in a filter
        written = f'{{path: ["{where["path"][0]}"], operator: {where["operator"]}, valueInt: {where["valueInt"]}}}'
        tenant = f', tenant: "{self.tenant}"' if self.tenant else ""
        query = f"{{Get{{{name}(limit: 10000, where: {written}{tenant}){{chunkIndex _additional{{id}}}}}}}}"
        answer = self.weaviate.post("/graphql", json={"query": query}).raise_for_status().json()
        assert not answer.get("errors"), answer
        return list(answer["data"]["Get"][name])


def grown(look: Callable[[], int]) -> int:
    """A number that grows, once it has grown since."""
    first = look()
    return eventually(look, lambda number: number > first)
