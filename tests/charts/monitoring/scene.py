"""A whole system that runs, with all that can be well and ill in it: real servers, two of them with keys, at DEBUG."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from e2e.cluster import data
from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.embedder import MODEL_NAME, EmbedderServer
from e2e.cluster.namespace import Namespace, eventually
from e2e.cluster.operator import OperatorProcess
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.weaviate import WeaviateServer
from tests.charts.monitoring.canaries import Canaries
from tests.operator.adapters.answering import Answer, Asked, answering
from tests.operator.reconcile.conftest import install_crds
from tests.operator.reconcile.provider import refuses_key

Json = dict[str, Any]

CANARIES = Canaries()
OBJECTIVES = {"recall": {"target": 0.9}}  # not measured: Jobs have no namespace here
TEXT = "How do I compress data with gzip?"


class GuardedEmbedder(EmbedderServer):
    """An embedding server that wants a key."""

    def __init__(self, cache: Path, key_file: Path) -> None:
        super().__init__(data.model_folder(), cache)
        self._key_file = key_file

    def _environment(self, port: int) -> dict[str, str]:
        own = {"HIRAG_EMBEDDER_API_KEY_FILE": str(self._key_file), "HIRAG_EMBEDDER_LOG_LEVEL": "DEBUG"}
        return super()._environment(port) | own


@dataclass(frozen=True)
class Scene:
    """What runs, and the namespace in which all of it happens."""

    operator: OperatorProcess
    embedder: EmbedderServer
    weaviate: httpx.Client
    namespace: Namespace

    def exposed(self) -> list[str]:
        """The texts of /metrics, of operator and embedder."""
        return [httpx.get(f"{one.url}/metrics", trust_env=False).text for one in (self.operator, self.embedder)]


@contextmanager
def scene(toolchain: Toolchain, folder: Path) -> Iterator[Scene]:
    """Bring it up, and let everything happen in it that is told by a metric."""
    keys = {
        name: _file(folder / name, getattr(CANARIES, name)) for name in ("weaviate", "weaviate_refused", "embedder")
    }
    with ExitStack() as stack:
        control_plane = stack.enter_context(ControlPlane(toolchain))
        server = stack.enter_context(WeaviateServer(toolchain, api_keys={CANARIES.weaviate: "operator"}))
        embedder = stack.enter_context(GuardedEmbedder(folder / "onnx", keys["embedder"]))
        echoing = stack.enter_context(answering())
        echoing.answer = _echoes_key
        weaviate = stack.enter_context(
            httpx.Client(
                base_url=f"{server.http_url}/v1",
                headers={"Authorization": f"Bearer {CANARIES.weaviate}"},
                timeout=30,
                trust_env=False,
            )
        )
        install_crds(control_plane)
        control_plane.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
        connections = {
            "default": {"http_url": server.http_url, "api_key_file": str(keys["weaviate"])},
            "refused": {"http_url": server.http_url, "api_key_file": str(keys["weaviate_refused"])},
            "echoing": {"http_url": echoing.url, "api_key_file": str(keys["weaviate_refused"])},
            "nowhere": {"http_url": "http://127.0.0.1:9"},
        }
        env = {"HIRAG_OPERATOR_RESYNC_SECONDS": "2", "HIRAG_OPERATOR_LOG_LEVEL": "DEBUG"}
        operator = stack.enter_context(OperatorProcess(control_plane, connections, env=env))
        running = Scene(operator, embedder, weaviate, Namespace(control_plane, "team-a"))
        _models(running, echoing.url)
        _collections(running)
        _jobs(running)
        _requests(embedder)
        yield running


def _models(running: Scene, echoing: str) -> None:
    namespace = running.namespace
    secrets = {
        "embedder": CANARIES.embedder,
        "wrong": CANARIES.embedder_refused,
        "echoing": CANARIES.provider,
        "llm": CANARIES.llm,
    }
    for name, value in secrets.items():
        namespace.secret(name, {"apiKey": value, "token": value})
    served = {"url": f"{running.embedder.url}/v1", "model": MODEL_NAME, "vectorizer": "text2vec-transformers"}
    shape = {"dimensions": 384, "maxTokens": 256}

    def external(secret: str, **provider: str) -> Json:
        return {"external": {**provider, "apiKeySecretRef": {"name": secret, "key": "token"}}, **shape}

    namespace.apply("EmbeddingModel", "minilm", external("embedder", **served))
    namespace.apply("EmbeddingModel", "wrong-key", external("wrong", **served))
    namespace.apply("EmbeddingModel", "echoing", external("echoing", url=f"{echoing}/v1", model="m"))
    hub = {"huggingFace": {"repo": "a/b", "revision": "c9745ed1d9f207416be6d2e6f8de32d1f16199bf"}}
    namespace.apply("EmbeddingModel", "in-pods", {"source": hub, **shape})
    namespace.await_ready("EmbeddingModel", "minilm")


def _collections(running: Scene) -> None:
    namespace = running.namespace
    levels: Json = {"longTerm": {"indexPolicyRef": {"name": "careful"}}}
    spec: Json = {"embeddingModelRef": {"name": "minilm"}, "levels": levels, "chunking": {"maxTokens": 200}}
    namespace.apply("HNSWIndexPolicy", "careful", {"hnsw": {"ef": 64}, "objectives": OBJECTIVES})
    llm = {"url": "http://127.0.0.1:9/v1", "model": "m", "apiKeySecretRef": {"name": "llm", "key": "token"}}
    with_all = {
        "levels": {**levels, "shortTerm": {}},
        "multiTenancy": {"enabled": True, "tenants": [{"name": "one"}]},
        "summarization": {"schedule": "@daily", "llm": llm},
        "compaction": {"schedule": "@daily"},
        "driftPolicy": "Warn",
    }
    namespace.apply("ContextCollection", "handbook", {**spec, **with_all})
    namespace.apply("ContextCollection", "full", spec)
    for name in ("refused", "echoing", "nowhere"):
        weaviate = {"connection": name}
        namespace.apply("ContextCollection", name, {**spec, "weaviate": weaviate, "deletionPolicy": "Delete"})
    namespace.apply("ContextCollection", "paused", {**spec, "paused": True})
    namespace.await_ready("ContextCollection", "handbook")
    _fill_up(running, namespace.await_ready("ContextCollection", "full"))
    namespace.await_reason("ContextCollection", "nowhere", "WeaviateUnreachable")
    namespace.delete("ContextCollection", "nowhere")
    namespace.await_reason("ContextCollection", "refused", "WeaviateNotAuthorized")
    namespace.await_reason("ContextCollection", "echoing", "WeaviateNotAuthorized")
    namespace.await_reason("EmbeddingModel", "wrong-key", "ProviderNotAuthorized")
    namespace.await_reason("ContextCollection", "paused", "Paused")
    _migrations(namespace)
    _kubectl(
        namespace, "patch", "cronjob", "handbook-compact", "--type=merge", "-p", '{"spec": {"schedule": "@weekly"}}'
    )
    namespace.await_reason("ContextCollection", "handbook", "Drifted", "InSync")
    namespace.apply("HNSWIndexPolicy", "careful", {"hnsw": {"ef": 64, "efConstruction": 300}, "objectives": OBJECTIVES})
    namespace.await_reason("ContextCollection", "handbook", "MigrationRequired", "Stalled")


def _migrations(namespace: Namespace) -> None:
    """Have status tell of migrations and measurements: of a collection that is paused it stays what it was."""
    levels = {
        "longTerm": {"phase": "Failed", "done": 90, "total": 90, "perSecond": 30, "alike": 90, "recall": 0.5},
        "shortTerm": {"phase": "Kept", "alike": 7, "recall": 1},
    }
    measured: Json = {"recall": 0.97, "ef": 64, "p95Milliseconds": 4, "memoryBytes": 9, "memoryLimitBytes": 10}
    measured |= {"state": "MemoryNearLimit", "measuredAt": "2026-01-01T00:00:00Z"}
    told = {"migration": {"phase": "Failed", "levels": levels}, "measurements": {"longTerm": measured}}
    written = json.dumps({"status": told})
    _kubectl(namespace, "patch", "ctx", "paused", "--subresource=status", "--type=merge", "-p", written)


def _fill_up(running: Scene, full: Json) -> None:
    """Do what Weaviate does when its disk is full."""
    collection = full["status"]["address"]["longTerm"]["collection"]
    path = f"/schema/{collection}/shards"
    (shard,) = (one["name"] for one in running.weaviate.get(path).json())
    assert running.weaviate.put(f"{path}/{shard}", json={"status": "READONLY"}).is_success
    running.namespace.await_reason("ContextCollection", "full", "WeaviateReadOnly", "Writable")


def _jobs(running: Scene) -> None:
    """Let a schedule run, and fail: nobody runs its pod within the second that it is given."""
    namespace = running.namespace
    _kubectl(namespace, "create", "job", "again", "--from=cronjob/handbook-compact")
    _kubectl(namespace, "patch", "job", "again", "--type=merge", "-p", '{"spec": {"activeDeadlineSeconds": 1}}')
    namespace.await_reason("ContextCollection", "handbook", "JobFailed", "SchedulesActive")


def _requests(embedder: EmbedderServer) -> None:
    """Ask in all the ways that are counted: well, without a right key, and with texts that are cut off."""
    body = {"model": MODEL_NAME, "input": [TEXT, TEXT * 200]}
    with httpx.Client(base_url=embedder.url, timeout=60, trust_env=False) as client:
        for key, status in ((CANARIES.embedder, 200), (CANARIES.embedder_refused, 401)):
            answer = client.post("/v1/embeddings", json=body, headers={"Authorization": f"Bearer {key}"})
            assert answer.status_code == status, answer.text
        assert client.post("/vectors", json={"text": TEXT}).is_success


def _echoes_key(asked: Asked) -> Answer:
    """Refuse a key in the body, as some providers do, and in a header, as some proxies do."""
    refused = refuses_key(asked)
    given = asked.headers.get("Authorization", "")
    return Answer(refused.status, refused.body, {"WWW-Authenticate": given, "X-Debug": given})


def _file(path: Path, text: str) -> Path:
    path.write_text(f"{text}\n")
    return path


def _kubectl(namespace: Namespace, *arguments: str) -> str:
    return namespace.control_plane.kubectl("-n", namespace.name, *arguments)


def written(running: Scene) -> dict[str, str]:
    """All that anybody may read of it, by where it stands. What Secrets themselves hold is left out."""
    namespace = running.namespace
    kinds = ("contextcollections", "embeddingmodels", "hnswindexpolicies", "events", "pods", "jobs", "cronjobs")
    made = ("deployments", "replicasets", "services", "configmaps", "serviceaccounts")
    found = {kind: _kubectl(namespace, "get", kind, "-o", "json", "--show-managed-fields") for kind in (*kinds, *made)}
    of_operator, of_embedder = running.exposed()
    return {
        **found,
        "log of the operator": running.operator.log.read_text(),
        "log of the embedder": running.embedder.log.read_text(),
        "metrics of the operator": of_operator,
        "metrics of the embedder": of_embedder,
        "arguments of the operator": _arguments(running.operator.pid),
        "arguments of the embedder": _arguments(running.embedder.pid),
    }


def _arguments(pid: int) -> str:
    """The command line and the environment of a process, as everybody on its node may see them."""
    return "".join(Path(f"/proc/{pid}/{name}").read_text() for name in ("cmdline", "environ"))


__all__ = ["CANARIES", "Scene", "eventually", "scene", "written"]
