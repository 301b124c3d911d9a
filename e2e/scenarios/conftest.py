"""One cluster for all scenarios: a node of this machine, or the cluster that E2E_KUBECONFIG names.

Its images are built here. On a cluster of somebody else they have to be there under the same names (docs/e2e.md).
"""

import os
import re
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import pytest

from e2e.cluster import images
from e2e.cluster.cluster import Cluster
from e2e.cluster.existing import ExistingCluster
from e2e.cluster.helm import Helm
from e2e.cluster.local import LocalCluster
from e2e.cluster.namespace import Namespace
from e2e.cluster.progress import Progress
from e2e.cluster.toolchain import Toolchain
from e2e.scenarios import evidence, models, weaviate
from e2e.scenarios.installation import Installation, bring_key, values

IMAGES = ("hirag-operator", "hirag-embedder", "hirag-jobs", "weaviate", "pause")
RELEASE, MODELS, MODEL = "hirag", "models", "minilm"
PROVIDERS, PROVIDER_KEY = "providers", "provider-key"  # the one Secret that the operator may read
_LAST = "test_rights.py"  # looks back at what all the others had the operator do


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    return Toolchain.from_environment()


@pytest.fixture(scope="session")
def cluster(toolchain: Toolchain) -> Iterator[Cluster]:
    with ExitStack() as stack:
        if kubeconfig := os.environ.get("E2E_KUBECONFIG"):
            yield stack.enter_context(ExistingCluster(toolchain, Path(kubeconfig)))
        else:
            toolchain.ensure("base", "node", "checks")
            archives = images.build(IMAGES, Progress())
            pause = images.reference("pause")
            yield stack.enter_context(LocalCluster(toolchain, images=list(archives.values()), pause=pause))


@pytest.fixture(scope="session")
def jobs_image() -> str:
    return f"hirag-jobs:{images.TAG}"


@pytest.fixture(scope="session")
def helm(toolchain: Toolchain, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Helm:
    return Helm(toolchain, tmp_path_factory.mktemp("helm"), cluster.kubeconfig)


@pytest.fixture(scope="session")
def index(cluster: Cluster) -> Iterator[weaviate.InCluster]:
    image = os.environ.get("E2E_WEAVIATE_IMAGE", f"weaviate:{images.TAG}")
    with weaviate.running(cluster, image) as found:
        yield found


@pytest.fixture(scope="session")
def providers(cluster: Cluster) -> Iterator[Namespace]:
    """The namespace of which the operator may read the Secret PROVIDER_KEY."""
    yield Namespace(cluster, PROVIDERS)
    cluster.kubectl("delete", "namespace", PROVIDERS)


@pytest.fixture(scope="session")
def declared(index: weaviate.InCluster) -> dict[str, Any]:
    """The values that the release is installed with."""
    return values(index, secrets={"allowed": [{"namespace": PROVIDERS, "names": [PROVIDER_KEY]}]})


@pytest.fixture(scope="session")
def installation(
    cluster: Cluster,
    helm: Helm,
    index: weaviate.InCluster,
    providers: Namespace,  # noqa: ARG001 - a grant in it is part of the release
    declared: dict[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Installation]:
    bring_key(cluster, RELEASE, index.key)
    release = Installation(cluster, helm, RELEASE, tmp_path_factory.mktemp("values"))
    release.upgrade(declared)
    yield release
    release.uninstall()
    cluster.kubectl("delete", "namespace", RELEASE)


@pytest.fixture(scope="session")
def model(cluster: Cluster, installation: Installation, jobs_image: str) -> Namespace:  # noqa: ARG001 - who makes it work
    """A namespace whose EmbeddingModel MODEL everybody may use; it is served by a pod."""
    namespace = Namespace(cluster, MODELS)
    models.fill_claim(cluster, MODELS, "weights", jobs_image)
    namespace.apply("EmbeddingModel", MODEL, models.spec("weights"))
    namespace.await_ready("EmbeddingModel", MODEL, seconds=models.READY_SECONDS)
    return namespace


@pytest.fixture
def tenant(
    cluster: Cluster,
    installation: Installation,  # noqa: ARG001 - who looks after it
    request: pytest.FixtureRequest,
) -> Iterator[Namespace]:
    """A namespace of one scenario, gone after it with all that is in it."""
    name = re.sub(r"[^a-z0-9]+", "-", request.node.name.removeprefix("test_").lower())[:50].strip("-")
    yield Namespace(cluster, name)
    cluster.kubectl("delete", "namespace", name, "--wait=false")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name == _LAST)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep what may explain a failure, while it is still there."""
    report = yield
    if report.failed and "cluster" in item.funcargs:
        folder = evidence.collect(cast("Cluster", item.funcargs["cluster"]), f"{item.name}.{report.when}")
        report.sections.append(("evidence", f"objects, Events and logs are in {folder}"))
    return report
