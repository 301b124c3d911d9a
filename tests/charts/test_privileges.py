"""The rights that the chart grants are those that the operator uses: asked and granted are compared by the audit log.

In both modes an operator runs with the token of its ServiceAccount, and makes and removes everything that it can.
"""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from e2e.cluster.audit import audit_flags
from e2e.cluster.audit.__main__ import main as compare
from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.embedder import EmbedderServer
from e2e.cluster.helm import CHART, Helm
from e2e.cluster.namespace import Namespace, eventually
from e2e.cluster.operator import OperatorProcess
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.weaviate import WeaviateServer
from tests.charts.installation import Installation, installed, running
from tests.docs.excerpts import excerpt
from tests.operator.reconcile.nodeless import spec as served
from tests.operator.reconcile.provider import KEY, Provider, provider, wants_key

Json = dict[str, Any]

EMBEDDER = "served-embedder"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("privileges")


@pytest.fixture(scope="module")
def audited(toolchain: Toolchain, folder: Path) -> Iterator[ControlPlane]:
    with ControlPlane(toolchain, flags=audit_flags(folder / "audit.log")) as control_plane:
        control_plane.kubectl("apply", "--server-side", "-f", str(CHART / "files" / "crds"))
        yield control_plane


@pytest.fixture(scope="module")
def own_helm(toolchain: Toolchain, audited: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Helm:
    return Helm(toolchain, tmp_path_factory.mktemp("helm"), audited.kubeconfig)


@pytest.fixture
def keyed_provider() -> Iterator[Provider]:
    with provider() as made:
        made.answers = wants_key(KEY)
        yield made


@pytest.fixture(scope="module")
def values(weaviate_server: WeaviateServer) -> Json:
    return {
        "crds": {"enabled": False},  # they would belong to the first release, and several follow
        "weaviate": {"default": {"httpUrl": weaviate_server.http_url}},
        "settings": {"resyncSeconds": 2, "serviceUrl": "http://127.0.0.1:9"},
    }


def test_a_cluster_wide_operator_uses_all_of_its_rights_and_lacks_none(
    audited: ControlPlane,
    own_helm: Helm,
    values: Json,
    folder: Path,
    embedder: EmbedderServer,
    keyed_provider: Provider,
) -> None:
    teams = [Namespace(audited, name) for name in ("red", "blue")]
    values = {**values, "secrets": {"allowed": [{"namespace": team.name, "names": ["provider"]} for team in teams]}}
    with running(audited, own_helm, "everywhere", values, folder) as installation:
        for team in teams:
            _everything(team, installation.namespace, embedder, keyed_provider)
    _nothing_to_complain_of(installation, folder)


def test_an_operator_of_some_namespaces_does_with_roles_in_them(
    audited: ControlPlane,
    own_helm: Helm,
    values: Json,
    folder: Path,
    embedder: EmbedderServer,
    keyed_provider: Provider,
) -> None:
    teams = [Namespace(audited, name) for name in ("green", "white")]
    watched = [team.name for team in teams]
    allowed = [{"namespace": "green", "names": ["provider"]}]
    values = {**values, "instance": "some", "watchNamespaces": watched, "secrets": {"allowed": allowed}}
    with running(audited, own_helm, "some", values, folder) as installation:
        _everything(teams[0], installation.namespace, embedder, keyed_provider)
    _nothing_to_complain_of(installation, folder)
    refused = audited.kubectl(
        "auth", "can-i", "--list", "--as=system:serviceaccount:some:some-hirag-operator", "-n", "red"
    )
    assert "hirag.dev" not in refused, "nothing outside of its namespaces"


def test_a_secret_that_may_not_be_read_is_named_with_the_remedy_and_the_remedy_heals(
    audited: ControlPlane, own_helm: Helm, values: Json, folder: Path, keyed_provider: Provider
) -> None:
    team = Namespace(audited, "team-a")
    team.secret("provider-key", {"token": KEY})
    with running(audited, own_helm, "hirag", values, folder) as installation:
        team.apply("EmbeddingModel", "drawn", _keyed(keyed_provider, "provider-key"))
        told = team.await_reason("EmbeddingModel", "drawn", "SecretForbidden", "Stalled")["message"]
        assert "Secret team-a/provider-key" in told
        assert "secrets.allowed" in told
        assert KEY not in installation.operator.log.read_text()
        audited.kubectl("apply", "-f", "-", stdin=excerpt("docs/install.md", "tenant-grant"))
        team.await_ready("EmbeddingModel", "drawn")


def test_a_reference_out_of_the_watched_namespaces_says_so(
    audited: ControlPlane, own_helm: Helm, values: Json, folder: Path
) -> None:
    inside, outside = Namespace(audited, "inside"), Namespace(audited, "outside")
    with running(audited, own_helm, "narrow", {**values, "watchNamespaces": ["inside"]}, folder):
        reference = {"name": "minilm", "namespace": outside.name}
        inside.apply("ContextCollection", "handbook", {"embeddingModelRef": reference, "levels": {"longTerm": {}}})
        told = inside.await_reason("ContextCollection", "handbook", "NamespaceNotAllowed", "Stalled")["message"]
        assert "have outside added to watchNamespaces" in told
        inside.delete("ContextCollection", "handbook")
        _counted(inside, "ContextCollection", 0)


def test_definitions_that_come_late_or_come_back_are_taken_up_without_a_right_to_follow_them(
    audited: ControlPlane, own_helm: Helm, values: Json, folder: Path, embedder: EmbedderServer
) -> None:
    late = Namespace(audited, "late")
    audited.kubectl("delete", "crd", "--all", "--wait=true", "--timeout=60s")
    with installed(audited, own_helm, "patient", values, folder) as installation, ExitStack() as stack:
        operator = installation.operator
        with ThreadPoolExecutor(1) as pool:
            ready = pool.submit(stack.enter_context, operator)
            eventually(lambda: _readiness(operator), lambda words: "EmbeddingModel has not been listed yet" in words)
            audited.kubectl("apply", "--server-side", "-f", str(CHART / "files" / "crds"))
            ready.result()
        late.apply("EmbeddingModel", "minilm", _external(embedder))
        late.await_ready("EmbeddingModel", "minilm")
        audited.kubectl("delete", "-f", str(CHART / "files" / "crds"))
        eventually(lambda: _readiness(operator), lambda words: "the watches of kopf have not started" in words)
        audited.kubectl("apply", "--server-side", "-f", str(CHART / "files" / "crds"))
        late.apply("EmbeddingModel", "minilm", _external(embedder))
        late.await_ready("EmbeddingModel", "minilm")
        operator.check()


def _readiness(operator: OperatorProcess) -> str:
    """What it says of itself; nothing before it listens."""
    try:
        return httpx.get(f"{operator.url}/readyz", trust_env=False).text
    except (AttributeError, httpx.TransportError):
        return ""


def _everything(team: Namespace, release: str, embedder: EmbedderServer, keyed_provider: Provider) -> None:
    """Have the operator make, change and remove all kinds of children, in Kubernetes and in Weaviate."""
    _models(team, embedder, keyed_provider)
    _collections(team)
    _migration(team, Namespace(team.control_plane, release))
    _new_vectors(team, Namespace(team.control_plane, release))
    _served_model(team)
    for kind in ("ContextCollection", "EmbeddingModel", "HNSWIndexPolicy"):
        for body in team.all_of(kind):
            team.delete(kind, body["metadata"]["name"])
        _counted(team, kind, 0)


def _counted(team: Namespace, kind: str, wanted: int) -> None:
    eventually(lambda: team.all_of(kind), lambda found: len(found) == wanted)


def _stands(team: Namespace, kind: str, *, wanted: bool) -> None:
    """Wait until a child of the served model is there, or gone."""
    eventually(lambda: team.get(kind, EMBEDDER), lambda body: (body is not None) == wanted)


def _models(team: Namespace, embedder: EmbedderServer, keyed_provider: Provider) -> None:
    team.secret("provider", {"token": KEY})
    team.apply("EmbeddingModel", "drawn", _keyed(keyed_provider, "provider"))
    team.apply("EmbeddingModel", "minilm", _external(embedder))
    team.await_ready("EmbeddingModel", "drawn")
    team.await_ready("EmbeddingModel", "minilm")


def _migration(team: Namespace, release: Namespace) -> None:
    """Have a Job made that would carry the data of one collection, for which the other waits, and taken back."""
    for ef_construction, jobs in ((300, 1), (200, 0)):
        team.apply("HNSWIndexPolicy", "careful", {"hnsw": {"efConstruction": ef_construction}})
        _counted(release, "Job", jobs)


def _new_vectors(team: Namespace, release: Namespace) -> None:
    """Have a Job given the key of a provider, rotate that, and take the change back."""
    base = {"levels": {"longTerm": {"indexPolicyRef": {"name": "careful"}}}, "chunking": {"maxTokens": 200}}
    bought = {**base, "embeddingModelRef": {"name": "drawn"}, "deletionPolicy": "Delete"}
    team.apply("ContextCollection", "handbook", bought)
    (secret,) = _given(release, 1)
    patch = json.dumps({"metadata": {"annotations": {"rotated": "yes"}}})
    team.control_plane.kubectl("patch", "secret", "provider", "-n", team.name, "-p", patch)
    team.apply("ContextCollection", "handbook", {**bought, "embeddingModelRef": {"name": "minilm"}})
    _counted(release, "Job", 0)
    _given(release, 0)
    assert KEY not in json.dumps(secret), "in base64, and nowhere else"


def _given(release: Namespace, wanted: int) -> list[Json]:
    """The Secrets of Jobs, once there are as many."""

    def look() -> list[Json]:
        owned = [one for one in release.all_of("Secret") if one["metadata"].get("ownerReferences")]
        return [one for one in owned if one["metadata"]["ownerReferences"][0]["kind"] == "Job"]

    return eventually(look, lambda found: len(found) == wanted)


def _collections(team: Namespace) -> None:
    team.apply("HNSWIndexPolicy", "careful", {"hnsw": {"efConstruction": 200}})
    levels = {"longTerm": {"indexPolicyRef": {"name": "careful"}}}
    base = {"embeddingModelRef": {"name": "minilm"}, "levels": levels, "chunking": {"maxTokens": 200}}
    scheduled = {**base, "compaction": {"schedule": "@daily"}, "deletionPolicy": "Delete"}
    team.apply("ContextCollection", "handbook", scheduled)
    team.apply("ContextCollection", "notes", {**base, "placement": "Shared", "deletionPolicy": "Delete"})
    team.await_ready("ContextCollection", "handbook")
    team.await_ready("ContextCollection", "notes")
    _counted(team, "CronJob", 1)
    team.apply("ContextCollection", "handbook", {**base, "deletionPolicy": "Delete"})
    _counted(team, "CronJob", 0)


def _served_model(team: Namespace) -> None:
    """From many replicas to one, and from serving to leaving that to a provider: what is not needed any more goes."""
    cache = {"size": "1Gi", "accessMode": "ReadWriteMany"}
    autoscaling = {"minReplicas": 2, "maxReplicas": 4}
    team.apply("EmbeddingModel", "served", served(autoscaling=autoscaling, modelCache=cache))
    kinds = ("Deployment", "Service", "ServiceAccount", "PodDisruptionBudget", "HorizontalPodAutoscaler")
    for kind in kinds:
        _stands(team, kind, wanted=True)
    _counted(team, "PersistentVolumeClaim", 1)
    team.apply("EmbeddingModel", "served", served(replicas=1, modelCache=cache))
    for kind in kinds[3:]:
        _stands(team, kind, wanted=False)
    elsewhere = {"url": "http://127.0.0.1:9/v1", "model": "m"}
    team.apply("EmbeddingModel", "served", {"external": elsewhere, "dimensions": 384})
    for kind in kinds[:3]:
        _stands(team, kind, wanted=False)


def _external(embedder: EmbedderServer) -> Json:
    model = "sentence-transformers/all-MiniLM-L6-v2"
    external = {"url": f"{embedder.url}/v1", "model": model, "vectorizer": "text2vec-transformers"}
    return {"external": external, "dimensions": 384, "maxTokens": 256}


def _keyed(keyed_provider: Provider, secret: str) -> Json:
    reference = {"apiKeySecretRef": {"name": secret, "key": "token"}}
    return {**keyed_provider.spec, "external": {**keyed_provider.spec["external"], **reference}}


def _nothing_to_complain_of(installation: Installation, folder: Path) -> None:
    subject = f"{installation.namespace}/{installation.account}"
    arguments = [str(folder / "audit.log"), str(installation.manifest), "--subject", subject]
    assert compare(arguments) == 0, "the output above says what is refused, or granted and never used"
