"""What is watched: our own kinds, what we own, namespaces, and the Secrets that are referred to."""

from collections.abc import Mapping, Sequence

from hirag_operator.adapters.store import Coverage
from hirag_operator.adapters.watchstream import Watch
from hirag_operator.api import KINDS
from hirag_operator.handlers.queue import Key
from hirag_operator.plan.children.owned import MANAGED_BY

CHILDREN = (
    "Deployment",
    "Service",
    "ServiceAccount",
    "HorizontalPodAutoscaler",
    "PodDisruptionBudget",
    "PersistentVolumeClaim",
    "CronJob",
    "Job",
    "ConfigMap",
    "Pod",
)
LISTING_SECONDS = 300.0  # our own kinds are listed this often, in case an event of kopf's was lost
MOST_SECRETS = 500  # each is a connection; beyond that a rotated Secret is taken up at the next resync


def coverage(namespaces: Sequence[str]) -> Mapping[str, Coverage]:
    """Return what the store is to keep when these namespaces are watched (none: the whole cluster)."""
    scope = frozenset(namespaces) or None
    return {
        **{kind.resource.kind: Coverage(namespaces=scope) for kind in KINDS},
        **{kind: Coverage(MANAGED_BY, scope) for kind in CHILDREN},
        "Namespace": Coverage(namespaces=scope),
    }


def watches(namespaces: Sequence[str]) -> list[Watch]:
    """Return the watches that run all the time, each in every one of the namespaces (none: the whole cluster)."""
    found: list[Watch] = []
    for scope in namespaces or (None,):
        found += [Watch(kind.resource.kind, scope, listing_seconds=LISTING_SECONDS) for kind in KINDS]
        found += [Watch(kind, scope, labels=MANAGED_BY) for kind in CHILDREN]
        found.append(Watch("Namespace", name=scope, metadata_only=True))
    return found


def secret_watch(secret: Key) -> Watch:
    """Return the watch of one Secret: of its version, not of its value."""
    return Watch("Secret", secret.namespace, secret.name, metadata_only=True)
