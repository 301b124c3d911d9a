"""What a Job of a migration is rendered from, by the fields in which a test differs from the least."""

from dataclasses import replace
from typing import Any, Final

from hirag_operator.plan.collection.migration.job import Cargo, Means, Owned, render_job
from hirag_operator.plan.moves import Holder

Json = dict[str, Any]

OWNED: Final = Owned("team-a", "handbook", "longTerm", 3)
MEANS: Final = Means(
    namespace="hirag-system",
    image="hirag-jobs:1",
    resources={"limits": {"memory": "512Mi"}},
    http_url="http://weaviate.hirag:8080",
    embedding_url="http://minilm-embedder.team-a.svc:8080/v1",
    embedding_model="minilm",
)
CARGO: Final = Cargo(Holder("Handbook_R1"), Holder("Handbook_R2"), "copy", 5, 0, 100)


def rendered(means: Json | None = None, **cargo: Any) -> Json:
    return render_job(OWNED, replace(MEANS, **(means or {})), replace(CARGO, **cargo))


def pod_of(job: Json) -> Json:
    spec: Json = job["spec"]["template"]["spec"]
    return spec


def env_of(job: Json) -> dict[str, str]:
    """Variables that are given as values; the index of a pod is none of them."""
    (container,) = pod_of(job)["containers"]
    return {one["name"]: one["value"] for one in container["env"] if "value" in one}
