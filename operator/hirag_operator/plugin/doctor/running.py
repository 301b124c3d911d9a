"""Whether an operator runs, and which of its replicas acts."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from hirag_operator.adapters.reader import ClusterReader
from hirag_operator.errors import NotAllowed
from hirag_operator.plan.children.owned import FIELD_MANAGER
from hirag_operator.plan.dig import dig
from hirag_operator.plugin.doctor.report import Finding
from hirag_operator.plugin.status.standing import instant
from hirag_operator.plugin.terminal import age, counted

Json = Mapping[str, Any]

AREA: Final = "Operator"
# What the chart puts on the operator's Deployment, and into its environment.
LABELS: Final = "app.kubernetes.io/part-of=hirag,app.kubernetes.io/component=operator"
LEASE_NAMESPACE: Final = "HIRAG_OPERATOR_LEASE_NAMESPACE"
LEASE_NAME: Final = "HIRAG_OPERATOR_LEASE_NAME"
INSTANCE: Final = "HIRAG_OPERATOR_INSTANCE"


def check_running(reader: ClusterReader, namespace: str | None, now: datetime) -> Iterator[Finding]:
    """Yield findings about the operator's Deployments in a namespace (None: wherever they are), and about its Lease."""
    try:
        deployments = reader.all_of("Deployment", namespace, labels=LABELS)
    except NotAllowed as error:
        message = f"Where the operator runs was not told, for {error.message}."
        yield Finding(area=AREA, level="note", message=message, remedy="Name its namespace by --operator-namespace.")
        return
    if not deployments:
        where = f"in namespace {namespace}" if namespace else "in the cluster"
        message = f"No Deployment of the operator is {where}; one that runs elsewhere shows by what it does, below."
        yield Finding(area=AREA, level="note", message=message)
    for deployment in deployments:
        yield _replicas(deployment)
        yield from _leader(reader, deployment, now)


def _replicas(deployment: Json) -> Finding:
    metadata = deployment["metadata"]
    wanted, ready = dig(deployment, "spec", "replicas") or 0, dig(deployment, "status", "readyReplicas") or 0
    images = [one.get("image", "") for one in dig(deployment, "spec", "template", "spec", "containers") or []]
    name = f"Deployment {metadata['namespace']}/{metadata['name']}"
    message = f"{name}: {ready} of {counted(wanted, 'replica')} ready, image {', '.join(images)}."
    if not ready:
        remedy = (
            f"See why: kubectl -n {metadata['namespace']} describe deployment/{metadata['name']}, and its pods' logs."
        )
        return Finding(area=AREA, level="wrong", message=message, remedy=remedy)
    if ready < wanted:
        remedy = f"See why: kubectl -n {metadata['namespace']} get pods -l {LABELS}."
        return Finding(area=AREA, level="warning", message=message, remedy=remedy)
    return Finding(area=AREA, level="ok", message=message)


def _leader(reader: ClusterReader, deployment: Json, now: datetime) -> Iterator[Finding]:
    """Yield who leads, by the Lease that the Deployment's own environment names."""
    environment = _environment(deployment)
    namespace = environment.get(LEASE_NAMESPACE, "")
    instance = environment.get(INSTANCE, "default")
    name = environment.get(LEASE_NAME) or f"{FIELD_MANAGER}-{instance}"
    if not namespace:
        wanted = dig(deployment, "spec", "replicas") or 0
        message = "Its replicas do not elect one that acts, so there may be one alone."
        remedy = f"Set {LEASE_NAMESPACE}, or keep one replica." if wanted > 1 else ""
        yield Finding(area=AREA, level="wrong" if wanted > 1 else "note", message=message, remedy=remedy)
        return
    try:
        lease = reader.get("Lease", namespace, name)
    except NotAllowed as error:
        yield Finding(area=AREA, level="note", message=f"Which replica leads was not told, for {error.message}.")
        return
    if lease is None:
        message = f"Lease {namespace}/{name} does not exist: no replica has led yet."
        yield Finding(area=AREA, level="wrong", message=message, remedy="See the operator's logs; it may lack rights.")
    else:
        yield leadership(lease, now)


def _environment(deployment: Json) -> dict[str, str]:
    containers = dig(deployment, "spec", "template", "spec", "containers") or []
    return {one["name"]: str(one.get("value", "")) for container in containers for one in container.get("env") or []}


def leadership(lease: Json, now: datetime) -> Finding:
    """Return what a Lease says about who leads."""
    name, spec = f"Lease {lease['metadata']['namespace']}/{lease['metadata']['name']}", lease.get("spec") or {}
    holder, renewed = spec.get("holderIdentity") or "", instant(spec.get("renewTime"))
    if not holder:
        remedy = "A replica takes it within seconds; if none does, see the operator's logs."
        return Finding(area=AREA, level="warning", message=f"{name}: nobody leads at this moment.", remedy=remedy)
    if renewed is None or now - renewed > timedelta(seconds=spec.get("leaseDurationSeconds") or 0):
        message = f"{name}: {holder} led, and has not renewed for {age(renewed, now) or 'an unknown time'}."
        remedy = (
            "Nobody acts until a replica takes over; see the operator's pods and logs, and the clocks of the nodes."
        )
        return Finding(area=AREA, level="wrong", message=message, remedy=remedy)
    return Finding(area=AREA, level="ok", message=f"{name}: {holder} leads, renewed {age(renewed, now)} ago.")


def ran_lately(bodies: Sequence[Json]) -> tuple[int, int]:
    """Return how many objects there are, and of how many an operator has seen the present spec."""
    seen = [one for one in bodies if dig(one, "status", "observedGeneration") == dig(one, "metadata", "generation")]
    return len(bodies), len(seen)
