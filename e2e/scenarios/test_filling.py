"""From YAML to answers in pods alone: a collection, a Job that fills it, and a search by Weaviate's own API."""

import json
import textwrap

import pytest

from e2e.cluster.cluster import Cluster
from e2e.cluster.namespace import Namespace, eventually
from e2e.scenarios import jobs
from e2e.scenarios.conftest import MODEL, MODELS
from e2e.scenarios.weaviate import InCluster

TEXTS = {
    "bread.md": "# Bread\n\nKnead flour, water, salt and yeast; let the dough rise for an hour, then bake it.",
    "tides.md": "# Tides\n\nThe moon draws the water of the oceans, so that the sea rises and falls twice a day.",
    "gzip.md": "# Compression\n\ngzip makes files smaller by finding what is repeated in them.",
}
_SEARCH = textwrap.dedent("""
    import json, sys, urllib.request
    url, alias, tenant, key, question = sys.argv[1:]
    scope = f', tenant: "{tenant}"' if tenant else ""
    query = f'{{Get{{{alias}(nearText: {{concepts: ["{question}"]}}, limit: 1{scope}){{source}}}}}}'
    request = urllib.request.Request(f"{url}/v1/graphql", json.dumps({"query": query}).encode(),
                                     {"Content-Type": "application/json", "Authorization": f"Bearer {key}"})
    print(urllib.request.urlopen(request, timeout=30).read().decode())
""")


def spec(**more: object) -> dict[str, object]:
    return {
        "embeddingModelRef": {"name": MODEL, "namespace": MODELS},
        "levels": {"longTerm": {}},
        "chunking": {"maxTokens": 100, "overlap": 10},
        **more,
    }


def fill(cluster: Cluster, tenant: Namespace, index: InCluster, jobs_image: str, collection: str) -> None:
    jobs.ingest(cluster, tenant.name, collection, TEXTS, key=index.key, image=jobs_image)
    objects = eventually(
        lambda: (tenant.get("ContextCollection", collection) or {})["status"].get("objects"),
        lambda count: count == len(TEXTS),
    )
    assert objects == len(TEXTS)


def found(cluster: Cluster, tenant: Namespace, index: InCluster, image: str, collection: str, question: str) -> str:
    """Ask Weaviate from a pod, by the address in the status; return the answer as it is."""
    address = (tenant.get("ContextCollection", collection) or {})["status"]["address"]["longTerm"]
    words = (index.http_url, address["alias"], address.get("tenant", ""), index.key, question)
    return jobs.python(cluster, tenant.name, "ask", _SEARCH, words, image=image)


@pytest.mark.usefixtures("model")
def test_a_job_fills_a_collection_of_its_own_and_a_plain_client_finds_what_it_asks_for(
    tenant: Namespace, cluster: Cluster, index: InCluster, jobs_image: str
) -> None:
    tenant.apply("ContextCollection", "notes", spec())
    tenant.await_ready("ContextCollection", "notes")
    fill(cluster, tenant, index, jobs_image, "notes")
    answer = found(cluster, tenant, index, jobs_image, "notes", "how do I bake a loaf?")
    assert "bread" in json.dumps(json.loads(answer)["data"])


@pytest.mark.usefixtures("model")
def test_a_shared_collection_is_filled_and_searched_the_same_way(
    tenant: Namespace, cluster: Cluster, index: InCluster, jobs_image: str
) -> None:
    tenant.apply("ContextCollection", "notes", spec(placement="Shared", deletionPolicy="Delete"))
    tenant.await_ready("ContextCollection", "notes")
    fill(cluster, tenant, index, jobs_image, "notes")
    answer = found(cluster, tenant, index, jobs_image, "notes", "why does the sea rise?")
    assert "tides" in json.dumps(json.loads(answer)["data"])
