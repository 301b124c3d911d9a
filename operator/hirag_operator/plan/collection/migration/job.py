"""The Job that fills one holder from another: `hirag-jobs migrate`, a share of all ids (or tenants) to each index.

It runs in the operator's own namespace, since it needs the key of the Weaviate, which a namespace's users must not be
able to read from a pod of theirs. It has no rights in Kubernetes. The key of a provider that makes new vectors is a
Secret of its own, which it owns: its pods wait until that is there, and it goes when the Job does.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from hirag_operator.plan.children.owned import MANAGED_BY, selector
from hirag_operator.plan.collection.migration.seen import SeenJob
from hirag_operator.plan.collection.migration.space import TAKES
from hirag_operator.plan.digest import digest
from hirag_operator.plan.moves import Holder
from hirag_operator.plan.pods.environment import environment
from hirag_operator.plan.pods.hardening import USER_ID, hardened_container, hardened_pod

Json = Mapping[str, Any]

LABELS: Final = {**MANAGED_BY, "app.kubernetes.io/component": "migration"}
OF_NAMESPACE: Final = "hirag.dev/migrates-namespace"
OF_NAME: Final = "hirag.dev/migrates-name"
OF_LEVEL: Final = "hirag.dev/migrates-level"
TARGET: Final = "hirag.dev/migration-target"  # annotation of a Job: the holder that it fills
GENERATION: Final = "hirag.dev/generation"  # annotation of a Job: of the ContextCollection, when it was made
RATE: Final = "hirag.dev/rate"  # annotation of a Job: the most objects a second, of all its pods
_INDEX: Final = "metadata.annotations['batch.kubernetes.io/job-completion-index']"
PROVIDER: Final = "hirag.dev/provider"  # annotation of a Job: for what it was made to use the key of a provider
PROVIDER_VOLUME: Final = "provider"
_KEY_FOLDER: Final = "/var/run/hirag/weaviate"
_PROVIDER_FOLDER: Final = "/var/run/hirag/provider"
_KEY: Final = "key"  # of the Secret with a provider's key, and the file that it is mounted as
_SCRATCH: Final = "/tmp"  # noqa: S108  a volume of the pod's own
_TRIES: Final = 30  # with the pauses of the Job controller, more than two hours
_OBJECTS_PER_SHARE: Final = 250_000
_TENANTS_PER_SHARE: Final = 500
_MOST_SHARES: Final = 8


@dataclass(frozen=True)
class Owned:
    """Whose level a Job carries."""

    namespace: str
    name: str
    level: str
    generation: int

    @property
    def labels(self) -> dict[str, str]:
        """Return the labels of its Jobs and their pods."""
        return {**_labels_of(self.namespace, self.name), OF_LEVEL: self.level}

    @property
    def selector(self) -> str:
        """Return the labels as the selector of a list request."""
        return selector(self.labels)


@dataclass(frozen=True)
class Means:
    """What a Job is given to work with.

    Args:
        namespace: Where it runs.
        image: Of hirag-jobs.
        resources: Of its container.
        pull_secrets: Names of Secrets that the image is pulled with.
        http_url: Weaviate's REST API.
        grpc_address: Weaviate's gRPC API; empty: by its default.
        key: Name and key of the Secret with Weaviate's key; None: it wants none.
        embedding_url: Where new vectors are made, up to and with the version.
        embedding_model: Of which model.
        provider: What has a key that new vectors are made by: the model, its Secret and its address; empty: none has.
    """

    namespace: str
    image: str
    resources: Json
    http_url: str
    grpc_address: str = ""
    key: tuple[str, str] | None = None
    pull_secrets: tuple[str, ...] = ()
    embedding_url: str = ""
    embedding_model: str = ""
    provider: str = ""


@dataclass(frozen=True)
class Cargo:
    """What a Job carries.

    Args:
        source: From where.
        target: To where.
        vectors: Whether vectors are copied, or made anew.
        objects: How many, where known.
        since_ms: As of when the target held all that the source did; 0: it begins empty.
        slowdown: How many times longer searches may take meanwhile; 0: it goes as fast as it can.
        rate: The most objects that are carried a second, until all are; 0: as many as it can.
        sample: Queries by which the recall of the new index is measured; 0: it is not.
        tenants: How many tenants of its own the source has, which are shared out whole; 0: it keeps none.
        questions: Of the user's own, by which the recall is measured too.
        nonce: A word that no Job had before.
        takes: What the target will take, as annotation `TAKES` says it; empty: that is not known.
    """

    source: Holder
    target: Holder
    vectors: Literal["copy", "embed"]
    objects: int | None
    since_ms: int
    sample: int
    slowdown: float = 0.0
    rate: int = 0
    tenants: int = 0
    questions: tuple[str, ...] = ()
    nonce: str = ""
    takes: str = ""

    @property
    def embeds(self) -> bool:
        """Return whether vectors are made, of objects or of questions."""
        return self.vectors == "embed" or bool(self.questions)

    @property
    def shares(self) -> int:
        """Return in how many parts it is carried."""
        parts = self.tenants // _TENANTS_PER_SHARE if self.tenants else (self.objects or 0) // _OBJECTS_PER_SHARE
        return min(_MOST_SHARES, 1 + parts)


def selector_of(namespace: str, name: str) -> str:
    """Return the selector of the Jobs that carry data of a ContextCollection."""
    return selector(_labels_of(namespace, name))


def job_name(target: Holder, owned: Owned) -> str:
    """Return the name of the Job that fills a holder, readable as far as there is room."""
    return f"migrate-{owned.name[:32].rstrip('-')}-{digest([owned.namespace, owned.name, str(target)], 12)}"


def render_job(owned: Owned, means: Means, cargo: Cargo) -> dict[str, Any]:
    """Return the Job."""
    shares = cargo.shares
    annotations = {TARGET: str(cargo.target), GENERATION: str(owned.generation)}
    name = job_name(cargo.target, owned)
    secret = f"{name}-{cargo.nonce[:8]}" if cargo.embeds and means.provider else ""
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": name,
            "namespace": means.namespace,
            "labels": owned.labels,
            "annotations": annotations
            | ({PROVIDER: means.provider} if secret else {})
            | ({TAKES: cargo.takes} if cargo.takes else {})
            | ({RATE: str(cargo.rate)} if cargo.rate else {}),
        },
        "spec": {
            "completionMode": "Indexed",
            "completions": shares,
            "parallelism": shares,
            "backoffLimit": _TRIES * shares,
            "template": {
                "metadata": {"labels": owned.labels, "annotations": annotations},
                "spec": pod_of(
                    means, "migrate", [*environment(_values(means, cargo, shares, secret)), _index()], secret
                ),
            },
        },
    }


def key_secret(owned: Owned, job: SeenJob, namespace: str, key: str) -> dict[str, Any]:
    """Return the Secret with the key of a provider that a Job waits for; it goes with the Job."""
    owner = {"apiVersion": "batch/v1", "kind": "Job", "name": job.name, "uid": job.uid}
    metadata = {"name": job.key_in, "namespace": namespace, "labels": owned.labels, "ownerReferences": [owner]}
    data = {_KEY: base64.b64encode(key.encode()).decode()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque", "data": data}


def pod_of(means: Means, command: str, env: Sequence[Json], secret: str = "") -> dict[str, Any]:
    """Return the pod that runs a command of hirag-jobs beside the keys of Weaviate and, in `secret`, of a provider."""
    volumes: list[Json] = [{"name": "scratch", "emptyDir": {}}]
    mounts: list[Json] = [{"name": "scratch", "mountPath": _SCRATCH}]
    keys = [("weaviate", *means.key, _KEY_FOLDER)] if means.key is not None else []
    keys += [(PROVIDER_VOLUME, secret, _KEY, _PROVIDER_FOLDER)] if secret else []
    for volume, name, key, folder in keys:
        items = [{"key": key, "path": "key"}]
        volumes.append({"name": volume, "secret": {"secretName": name, "defaultMode": 0o440, "items": items}})
        mounts.append({"name": volume, "mountPath": folder, "readOnly": True})
    container: dict[str, Any] = {
        "name": command,
        "image": means.image,
        "command": ["hirag-jobs", command],
        "env": list(env),
        "resources": dict(means.resources),
        "securityContext": hardened_container(),
        "volumeMounts": mounts,
    }
    pod = {"restartPolicy": "Never", **hardened_pod(fsGroup=USER_ID), "containers": [container], "volumes": volumes}
    return {
        **pod,
        **({"imagePullSecrets": [{"name": one} for one in means.pull_secrets]} if means.pull_secrets else {}),
    }


def variables(means: Means, source: Holder, more: Mapping[str, str], *, embeds: bool) -> dict[str, str]:
    """Return the variables of a program that reads `source`, and asks for vectors where it `embeds`."""
    values = {
        "SOURCE": source.collection,
        "TENANT": f'["{source.tenant}"]' if source.tenant is not None else "",
        "EMBEDDER_URL": means.embedding_url if embeds else "",
        "MODEL": means.embedding_model if embeds else "",
        **more,
    }
    return at_weaviate(means, values)


def at_weaviate(means: Means, more: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of a program of hirag-jobs: how it reaches Weaviate, and `more`; none that is empty."""
    values = {
        "WEAVIATE_HTTP_URL": means.http_url,
        "WEAVIATE_GRPC": means.grpc_address,
        "API_KEY_FILE": f"{_KEY_FOLDER}/key" if means.key is not None else "",
        **more,
    }
    return {f"HIRAG_JOBS_{name}": value for name, value in values.items() if value}


def _values(means: Means, cargo: Cargo, shares: int, secret: str) -> dict[str, str]:
    since = datetime.fromtimestamp(cargo.since_ms / 1000, UTC).isoformat() if cargo.since_ms else ""
    values = {
        "TARGET": cargo.target.collection,
        "INTO_TENANT": cargo.target.tenant or "",
        "VECTORS": cargo.vectors,
        "EMBEDDER_API_KEY_FILE": f"{_PROVIDER_FOLDER}/key" if secret else "",
        "SINCE": since,
        "SHARES": str(shares),
        "FOLLOW": "true",
        "SAMPLE": str(cargo.sample),
        "QUESTION": json.dumps(cargo.questions, ensure_ascii=False) if cargo.questions else "",
        "SEARCH_SLOWDOWN": f"{cargo.slowdown:g}",
        "RATE": str(max(1, cargo.rate // shares)) if cargo.rate else "",
    }
    return variables(means, cargo.source, values, embeds=cargo.embeds)


def _index() -> Json:
    return {"name": "HIRAG_JOBS_INDEX", "valueFrom": {"fieldRef": {"fieldPath": _INDEX}}}


def _labels_of(namespace: str, name: str) -> dict[str, str]:
    return {**LABELS, OF_NAMESPACE: namespace, OF_NAME: name}
