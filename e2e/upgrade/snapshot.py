"""What an operator left behind, as text: the objects of Kubernetes as they were stored, and Weaviate's schema.

A snapshot is a folder: `crds/` with the CRDs of the release, `objects.yaml`, `weaviate.yaml`. Objects keep their uid,
their field managers and their status, for children are known by the uid of their owner, and digests are made of it.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import yaml

from e2e.cluster.namespace import Namespace
from e2e.upgrade import scene

Json = dict[str, Any]

SNAPSHOTS: Final = Path(__file__).parents[2] / "tests" / "data" / "upgrade"
_KINDS: Final = (*scene.OURS, "Secret", *scene.CHILDREN)  # owners first: a child without one is collected as garbage
_OF_EVERY_NAMESPACE: Final = ("ServiceAccount/default", "ConfigMap/kube-root-ca.crt")
_OF_SHARDS: Final = ("actualCount", "actualVirtualCount", "virtualPerPhysical")  # told of a collection, not taken


@dataclass(frozen=True)
class Snapshot:
    """What was left behind.

    Attributes:
        crds: Folder of the release's CRDs.
        objects: Kubernetes objects as they were stored; owners stand before what they own.
        collections: Weaviate's collections, each with its `tenants` as a further key where it has some.
        aliases: Alias → collection.
    """

    crds: Path
    objects: list[Json]
    collections: list[Json]
    aliases: dict[str, str]

    @classmethod
    def read(cls, folder: Path) -> "Snapshot":
        """Return the snapshot of a folder."""
        objects = list(yaml.safe_load_all((folder / "objects.yaml").read_text()))
        weaviate = yaml.safe_load((folder / "weaviate.yaml").read_text())
        return cls(folder / "crds", objects, weaviate["collections"], weaviate["aliases"])

    def write(self, folder: Path) -> None:
        """Write it into a folder, in place of what is there."""
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.crds, folder / "crds")
        (folder / "objects.yaml").write_text(yaml.safe_dump_all(self.objects, sort_keys=False, width=120))
        weaviate = {"collections": self.collections, "aliases": self.aliases}
        (folder / "weaviate.yaml").write_text(yaml.safe_dump(weaviate, sort_keys=False, width=120))


def take(namespace: Namespace, weaviate: httpx.Client) -> Snapshot:
    """Return what there is in a namespace, and in a Weaviate that serves nobody else.

    Args:
        namespace: Where the team's objects are.
        weaviate: A client whose base is the server's `/v1`.
    """
    schema = _answer(weaviate, "/schema")["classes"]
    aliases = {one["alias"]: one["class"] for one in _answer(weaviate, "/aliases")["aliases"]}
    collections = [_collection(weaviate, one) for one in sorted(schema, key=lambda one: str(one["class"]))]
    return Snapshot(scene.CRDS, list(_objects(namespace)), collections, dict(sorted(aliases.items())))


def _objects(namespace: Namespace) -> Iterator[Json]:
    for kind in _KINDS:
        for body in namespace.all_of(kind):
            if f"{kind}/{body['metadata']['name']}" not in _OF_EVERY_NAMESPACE:
                yield {**namespace.header(kind), **body, "metadata": _stored(body["metadata"])}


def _stored(metadata: Json) -> Json:
    """Return an object's metadata as it lies in etcd, where the version of the object is not part of it.

    Who wrote which field of a status is left out: it is half of the text, and nobody goes by it.
    """
    told = {key: value for key, value in metadata.items() if key != "resourceVersion"}
    told["managedFields"] = [one for one in metadata["managedFields"] if one.get("subresource") != "status"]
    return told


def _collection(weaviate: httpx.Client, schema: Json) -> Json:
    name = schema["class"]
    sharding = {key: value for key, value in schema["shardingConfig"].items() if key not in _OF_SHARDS}
    told = {**schema, "shardingConfig": sharding}
    if not schema["multiTenancyConfig"]["enabled"]:
        return told
    tenants = _answer(weaviate, f"/schema/{name}/tenants")
    return {**{key: value for key, value in told.items() if key != "shardingConfig"}, "tenants": tenants}


def _answer(weaviate: httpx.Client, path: str) -> Any:
    return weaviate.get(path).raise_for_status().json()
