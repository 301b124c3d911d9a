"""The Job that measures the index of a level: `hirag-jobs measure`, which reads, and notes what it found.

It runs where Jobs of migrations do, and for the same reason: it needs the key of the Weaviate.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hirag_operator.api.index_objectives import RecallObjective
from hirag_operator.plan.children.owned import MANAGED_BY, selector
from hirag_operator.plan.collection.migration.job import Means, at_weaviate, pod_of
from hirag_operator.plan.digest import digest
from hirag_operator.plan.moves import Holder
from hirag_operator.plan.pods.environment import environment

Json = Mapping[str, Any]

LABELS: Final = {**MANAGED_BY, "app.kubernetes.io/component": "measurement"}
OF_NAMESPACE: Final = "hirag.dev/measures-namespace"
OF_NAME: Final = "hirag.dev/measures-name"
OF_LEVEL: Final = "hirag.dev/measures-level"
CONNECTION: Final = "hirag.dev/connection"  # annotation: of which Weaviate
_TRIES: Final = 3
_AWAIT_QUEUE_SECONDS: Final = 900  # for vectors that are not indexed yet
_LONGEST_SECONDS: Final = 6 * 3600
_KEPT_SECONDS: Final = 24 * 3600  # of one that nobody looks after any more


@dataclass(frozen=True)
class Measuring:
    """What a Job measures.

    Args:
        namespace: Of the ContextCollection.
        name: Of the ContextCollection.
        level: Which.
        connection: Name of its Weaviate.
        holder: What holds its data, with the tenant that is measured.
        recall: By how many neighbours and queries.
        about: What the note is about.
        key: Of the index, for the note.
        ef: That is in force.
        since: When it was measured last, so that no two Jobs have one name.
    """

    namespace: str
    name: str
    level: str
    connection: str
    holder: Holder
    recall: RecallObjective
    about: str
    key: str
    ef: int
    since: int

    @property
    def labels(self) -> dict[str, str]:
        """Return the labels of the Job and its pod."""
        return {**_labels_of(self.namespace, self.name), OF_LEVEL: self.level}

    @property
    def job_name(self) -> str:
        """Return the name of the Job: the same for the same measurement, another for the next."""
        told = [self.namespace, self.name, self.level, self.key, self.ef, self.since]
        return f"measure-{self.name[:32].rstrip('-')}-{digest(told, 12)}"


def selector_of(namespace: str, name: str) -> str:
    """Return the selector of the Jobs that measure levels of a ContextCollection."""
    return selector(_labels_of(namespace, name))


def render_measurement(what: Measuring, means: Means) -> dict[str, Any]:
    """Return the Job."""
    annotations = {CONNECTION: what.connection}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": what.job_name,
            "namespace": means.namespace,
            "labels": what.labels,
            "annotations": annotations,
        },
        "spec": {
            "backoffLimit": _TRIES,
            "activeDeadlineSeconds": _LONGEST_SECONDS,
            "ttlSecondsAfterFinished": _KEPT_SECONDS,
            "template": {
                "metadata": {"labels": what.labels, "annotations": annotations},
                "spec": pod_of(means, "measure", environment(at_weaviate(means, _values(what)))),
            },
        },
    }


def _values(what: Measuring) -> dict[str, str]:
    return {
        "COLLECTION": what.holder.collection,
        "TENANT": what.holder.tenant or "",
        "K": str(what.recall.k),
        "SAMPLE_SIZE": str(what.recall.sample_size),
        "AWAIT_QUEUE": str(_AWAIT_QUEUE_SECONDS),
        "NOTE": what.about,
        "NOTE_KEY": what.key,
    }


def _labels_of(namespace: str, name: str) -> dict[str, str]:
    return {**LABELS, OF_NAMESPACE: namespace, OF_NAME: name}
