"""What keeps a pod from running, in a sentence with the remedy: a chain of small decisions over its status.

Knows pods alone, whoever owns them.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from hirag_operator.api.conditions import Reason
from hirag_operator.plan.pods.containertrouble import ended, image, not_created
from hirag_operator.plan.pods.podscheduling import gated, nowhere, unbound
from hirag_operator.plan.pods.trouble import Trouble, brief

Json = Mapping[str, Any]


def pod_trouble(pod: Json) -> Trouble | None:
    """Return what is wrong with a pod; None when nothing is, or when it is being deleted."""
    if pod["metadata"].get("deletionTimestamp"):
        return None
    return next((found for decide in _DECISIONS if (found := decide(pod)) is not None), None)


def worst_trouble(pods: Iterable[Json]) -> Trouble | None:
    """Return the trouble of the first pod, by name, that needs a person; else of the first that has any."""
    ordered = sorted(pods, key=lambda pod: str(pod["metadata"]["name"]))
    troubles = [trouble for pod in ordered if (trouble := pod_trouble(pod)) is not None]
    return next((trouble for trouble in troubles if trouble.needs_person), troubles[0] if troubles else None)


def _failed(pod: Json) -> Trouble | None:
    status = pod.get("status") or {}
    if status.get("phase") != "Failed" or not status.get("reason"):
        return None
    said = brief(f"{status['reason']}: {status.get('message', '')}")
    return Trouble(Reason.POD_FAILED, f"Pod {pod['metadata']['name']} failed: {said}.")


_DECISIONS: tuple[Callable[[Json], Trouble | None], ...] = (
    _failed,
    gated,
    unbound,
    nowhere,
    image,
    not_created,
    ended,
)
