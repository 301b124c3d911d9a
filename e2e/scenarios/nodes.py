"""The nodes of the cluster as its administrator equips them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from e2e.cluster.cluster import Cluster

DEVICE = "hirag.dev/fake-gpu"  # an extended resource that no device plugin stands behind; the scheduler counts it


@contextmanager
def devices(cluster: Cluster, amount: int, labels: dict[str, str], taint: str) -> Iterator[str]:
    """Have a node offer so many devices, with labels and a taint `key=value:effect`, until the end of the block.

    Yields:
        The node's name.
    """
    node = cluster.kubectl("get", "nodes", "-o", "jsonpath={.items[0].metadata.name}")
    pairs = [f"{key}={value}" for key, value in labels.items()]
    try:
        _offer(cluster, node, str(amount))
        cluster.kubectl("label", "node", node, "--overwrite", *pairs)
        cluster.kubectl("taint", "node", node, "--overwrite", taint)
        yield node
    finally:
        cluster.kubectl("taint", "node", node, f"{taint.split('=', maxsplit=1)[0]}-")
        cluster.kubectl("label", "node", node, *(f"{key}-" for key in labels))
        _offer(cluster, node, None)


def _offer(cluster: Cluster, node: str, amount: str | None) -> None:
    patch = {"status": {"capacity": {DEVICE: amount}, "allocatable": {DEVICE: amount}}}
    cluster.kubectl("patch", "node", node, "--subresource=status", "--type=merge", "-p", json.dumps(patch))
