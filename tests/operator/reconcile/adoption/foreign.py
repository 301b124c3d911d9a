"""Collections that the operator did not make, and levels that are filled from them."""

import random
from typing import Any
from uuid import UUID

import httpx

from e2e.cluster.namespace import Namespace, eventually
from e2e.cluster.traffic import Traffic
from e2e.cluster.weaviate import WeaviateServer
from hirag_operator.plan.names import alias_name
from tests.operator.reconcile.adoption.moving import Moving
from tests.operator.reconcile.migration.scene import DIMENSIONS, LONG_SECONDS, Scene

Json = dict[str, Any]

DECLARED = [{"name": "author", "dataType": "text"}]


class Foreign:
    """A collection of others with a text, its author and a number, and vectors of their own.

    Args:
        server: The Weaviate that has it.
        name: Of the collection.
        timestamps: Whether it indexes its timestamps.
        dimensions: Of its vectors.
        schema: Further fields of its schema.
    """

    def __init__(
        self,
        server: WeaviateServer,
        name: str,
        *,
        timestamps: bool = False,
        dimensions: int = DIMENSIONS,
        **schema: Any,
    ) -> None:
        self.name, self._server, self.dimensions = name, server, dimensions
        self.weaviate = httpx.Client(base_url=f"{server.http_url}/v1", timeout=30, trust_env=False)
        kinds = {"text": "text", "author": "text", "chunkIndex": "int"}
        body = {
            "class": name,
            "vectorizer": "none",
            "invertedIndexConfig": {"indexTimestamps": timestamps},
            "properties": [{"name": one, "dataType": [kind]} for one, kind in kinds.items()],
            **schema,
        }
        self.weaviate.post("/schema", json=body).raise_for_status()

    def fill(self, number: int) -> None:
        """Write objects."""
        chance = random.Random(0)  # noqa: S311  the same in each run
        for start in range(0, number, 200):
            objects = [self._object(start + at, chance) for at in range(min(200, number - start))]
            answer = self.weaviate.post("/batch/objects", json={"objects": objects}).raise_for_status()
            assert all(one["result"]["status"] == "SUCCESS" for one in answer.json()), answer.text[:500]

    def _object(self, number: int, chance: random.Random) -> Json:
        return {
            "class": self.name,
            "id": str(UUID(int=chance.getrandbits(128))),
            "properties": {"text": f"text {number}", "author": f"author {number % 7}", "chunkIndex": -1},
            "vector": [chance.gauss(0, 1) for _ in range(self.dimensions)],
        }

    def traffic(self, rate: float = 60) -> Traffic:
        """Writers and readers of the collection by its own name."""
        address = f"127.0.0.1:{self._server.grpc_port}"
        return Traffic(self._server.http_url, address, self.name, None, self.dimensions, rate=rate)

    def moving(self, alias: str, rate: float = 60) -> Moving:
        """The same, whose writers move to an alias when the collection takes no writes any more."""
        address = f"127.0.0.1:{self._server.grpc_port}"
        return Moving(self._server.http_url, address, self.name, alias, self.dimensions, rate)

    @property
    def exists(self) -> bool:
        """Whether it is there."""
        return self.weaviate.get(f"/schema/{self.name}").is_success

    @property
    def frozen(self) -> bool:
        """Whether it takes no writes."""
        shards = self.weaviate.get(f"/schema/{self.name}/shards").raise_for_status().json()
        return all(one["status"] == "READONLY" for one in shards)

    def objects(self) -> dict[str, Json]:
        """All its objects by id, with what they hold and their vectors."""
        return listed(self.weaviate, self.name)

    def count(self) -> int:
        """How many there are."""
        return counted(self.weaviate, self.name)

    def remove(self) -> None:
        """Delete it, as a person does."""
        self.weaviate.delete(f"/schema/{self.name}").raise_for_status()


class Adoption(Scene):
    """A ContextCollection whose only level is filled from a collection of others.

    Args:
        namespace: Where it is.
        server: The Weaviate.
        name: Of the object.
        adopt_from: How the level is filled.
        spec: Fields of the collection besides.
    """

    def __init__(
        self, namespace: Namespace, server: WeaviateServer, name: str, adopt_from: Json | None, **spec: Any
    ) -> None:
        super().__init__(namespace, server, "minilm", name, **{"properties": DECLARED, **spec})
        self.alias, self.tenant = alias_name(namespace.name, name, "longTerm"), None
        self.declare(adopt_from)

    def declare(self, adopt_from: Json | None) -> None:
        """Say how the level is filled, from the next `apply` on."""
        level: Json = {"indexPolicyRef": {"name": self.name}}
        self.spec["levels"] = {"longTerm": level | ({"adoptFrom": adopt_from} if adopt_from else {})}

    def change(self, **adopt_from: Any) -> None:
        """Apply another manner of filling the level."""
        self.declare({**self.spec["levels"]["longTerm"]["adoptFrom"], **adopt_from})
        self.apply()

    def await_served(self, seconds: float = LONG_SECONDS) -> None:
        """Wait until the level is served and nothing is left of what filled it."""
        self.await_over(seconds)
        assert self.jobs() == []

    def await_reason(self, reason: str) -> str:
        """Wait until the object is stalled for a reason; return the message."""
        told = self.namespace.await_reason("ContextCollection", self.name, reason, "Stalled", LONG_SECONDS)
        return str(told["message"])

    @property
    def has_alias(self) -> bool:
        """Whether its alias is there."""
        return self.weaviate.get(f"/aliases/{self.alias}").is_success

    @property
    def honored(self) -> tuple[str, str]:
        """Whether every field is acted on, and what is said of it."""
        told = self.namespace.condition("ContextCollection", self.name, "SpecHonored")
        return str(told.get("status")), str(told.get("message"))

    def objects(self, collection: str) -> dict[str, Json]:
        """All objects of a collection by id, with what they hold and their vectors."""
        return listed(self.weaviate, collection)


def listed(weaviate: httpx.Client, collection: str) -> dict[str, Json]:
    """All objects of a collection by id, with their vectors."""
    where: dict[str, str | int] = {"class": collection, "limit": 5000, "include": "vector"}
    found = weaviate.get("/objects", params=where).raise_for_status().json()["objects"]
    return {one["id"]: one for one in found}


def counted(weaviate: httpx.Client, collection: str) -> int:
    """The exact number of objects of a collection."""
    query = f"{{Aggregate{{{collection}{{meta{{count}}}}}}}}"
    answer = weaviate.post("/graphql", json={"query": query}).raise_for_status().json()
    return int(answer["data"]["Aggregate"][collection][0]["meta"]["count"])


def await_gone(scene: Adoption) -> None:
    """Wait until a deleted object is gone, and of its level nothing is left but its foreign source, and no Job."""

    def left() -> tuple[object, ...]:
        # The object goes last: until its finalizer is off, one of its name would go with it.
        return scene.collections(), scene.jobs(), scene.namespace.get("ContextCollection", scene.name)

    eventually(left, lambda found: found == ([], [], None), LONG_SECONDS)
