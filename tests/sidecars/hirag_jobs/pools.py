"""Pools of shared levels, made by REST as the operator makes them: one multi-tenant collection, an alias a level."""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from e2e.cluster.weaviate import WeaviateServer
from hirag_operator.plan.collection.address import Reach, address_map
from hirag_operator.plan.collection.levelplan import LevelPlan
from hirag_operator.plan.collection.levels import Embedding
from hirag_operator.plan.collection.seenlevel import SeenLevel
from hirag_operator.plan.names import alias_name, tenant_name
from tests.operator.plan.objects import collection, owner, wanted

REACH = Reach("http://weaviate:80", "weaviate:50051", "http://minilm-embedder.team-a.svc:8080/v1", "minilm")
_PATIENCE_SECONDS = 120


@dataclass(frozen=True)
class Member:
    """A level in a pool."""

    alias: str
    tenant: str
    pool: str
    rest: httpx.Client

    @property
    def where(self) -> tuple[str, ...]:
        """What says to `hirag-jobs` which tenant."""
        return ("--tenant", self.tenant)

    def stored(self) -> bytes:
        """All objects with vectors and times, as Weaviate answers."""
        query = {"class": self.pool, "tenant": self.tenant, "limit": "1000", "include": "vector"}
        return self.rest.get("/v1/objects", params=query).raise_for_status().content

    def properties(self) -> list[dict[str, Any]]:
        """Properties of all objects, in the order of documents and chunks."""
        query = {"class": self.pool, "tenant": self.tenant, "limit": "1000"}
        objects = self.rest.get("/v1/objects", params=query).raise_for_status().json()["objects"]
        found: list[dict[str, Any]] = [item["properties"] for item in objects]
        return sorted(found, key=lambda item: (item["parentId"], item["chunkIndex"]))


@dataclass(frozen=True)
class Pool:
    """A pool and its members: longTerm of `handbook` and of `notebook`, and shortTerm of `handbook`."""

    name: str
    rest: httpx.Client
    handbook: Member
    notebook: Member
    recent: Member

    def tenants(self) -> set[str]:
        return {one["name"] for one in self.rest.get(f"/v1/schema/{self.name}/tenants").raise_for_status().json()}


@contextmanager
def make_pool(
    server: WeaviateServer, inference_url: str, *, key: str | None = None, settings: Mapping[str, Any] | None = None
) -> Iterator[Pool]:
    """A pool of three members in a namespace of their own; `settings` are laid over its schema."""
    namespace = f"team-{uuid.uuid4().hex[:8]}"
    wants = wanted({"placement": "Shared"}, embedding=Embedding("f" * 26, inference_url), namespace=namespace)
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    with httpx.Client(base_url=server.http_url, headers=headers, timeout=_PATIENCE_SECONDS) as rest:
        rest.post("/v1/schema", json={**wants.schema, **(settings or {})}).raise_for_status()
        members = [
            _member(rest, wants.collection, namespace, name, level)
            for name, level in (("handbook", "longTerm"), ("notebook", "longTerm"), ("handbook", "shortTerm"))
        ]
        yield Pool(wants.collection, rest, *members)
        for member in members:
            rest.delete(f"/v1/aliases/{member.alias}").raise_for_status()
        rest.delete(f"/v1/schema/{wants.collection}").raise_for_status()


def _member(rest: httpx.Client, pool: str, namespace: str, name: str, level: str) -> Member:
    alias, tenant = alias_name(namespace, name, level), tenant_name(namespace, name, level)
    rest.post(f"/v1/schema/{pool}/tenants", json=[{"name": tenant}]).raise_for_status()
    rest.post("/v1/aliases", json={"alias": alias, "class": pool}).raise_for_status()
    return Member(alias, tenant, pool, rest)


def written_address(placement: str) -> dict[str, str]:
    """What the operator writes into the ConfigMap of collection `handbook` of one level, longTerm."""
    level = wanted({"placement": placement})
    tenants = {level.tenant_of_pool: "HOT"} if level.place.shared else None
    plan = LevelPlan(level, SeenLevel(target=level.collection, live=level.schema, tenants=tenants))
    [configmap] = address_map(collection(), owner("ContextCollection", "handbook"), [plan], REACH, {})
    data: dict[str, str] = configmap["data"]
    return data
