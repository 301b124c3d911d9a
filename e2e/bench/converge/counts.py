"""Requests counted at the servers, so that "the same writes" is checked and not believed."""

import re
from collections import Counter
from collections.abc import Iterable

from e2e.bench.converge.servers import Servers, accepted

READ, WRITE, REFUSED = "read", "write", "refused"

_LABEL = re.compile(r'(\w+)="([^"]*)"')
_KUBERNETES_WRITES = {"POST", "PUT", "PATCH", "APPLY", "DELETE", "DELETECOLLECTION"}
_WEAVIATE_WRITES = {"POST", "PUT", "PATCH", "DELETE"}
_READS_BY_POST = ("/graphql", "/v1/graphql")
# What the control plane writes for itself, whoever else works: heartbeats and its own bookkeeping.
_OWN = {
    "leases",
    "namespaces",
    "serviceaccounts",
    "endpoints",
    "endpointslices",
    "flowschemas",
    "prioritylevelconfigurations",
    "clusterroles",
    "clusterrolebindings",
    "customresourcedefinitions",
    "apiservices",
    "subjectaccessreviews",
}

Counts = Counter[tuple[str, str]]  # (way, what) → requests


def count(servers: Servers) -> Counts:
    """Return the requests that both servers have answered since they started."""
    counts = Counts()
    for labels, value in _samples(_kubernetes(servers), "apiserver_request_total"):
        if labels["resource"] and labels["resource"] not in _OWN:
            way = _way(labels["code"], writes=labels["verb"] in _KUBERNETES_WRITES)
            what = "/".join(filter(None, [labels["resource"], labels["subresource"]]))
            counts[way, f"Kubernetes {labels['verb']} {what}"] += value
    for labels, value in _samples(_weaviate(servers), "weaviate_http_request_duration_seconds_count"):
        method, route = labels["method"], labels["route"]
        if "well-known" not in route:
            way = _way(labels["status_code"], writes=method in _WEAVIATE_WRITES and route not in _READS_BY_POST)
            counts[way, f"Weaviate {method} {route}"] += value
    return counts


def between(before: Counts, after: Counts) -> Counts:
    """Return what was asked between two counts."""
    return after - before


def total(counts: Counts, way: str) -> int:
    """Return how many requests went one way."""
    return sum(number for (one, _), number in counts.items() if one == way)


def only(counts: Counts, way: str) -> dict[str, int]:
    """Return the requests of one way, by what was asked."""
    return {what: number for (one, what), number in sorted(counts.items()) if one == way and number > 0}


def cpu_seconds(servers: Servers) -> dict[str, float]:
    """Return the processor time that each server has used since it started."""
    return {
        "kube-apiserver": _value(_kubernetes(servers), "process_cpu_seconds_total"),
        "weaviate": _value(_weaviate(servers), "process_cpu_seconds_total"),
    }


def _way(code: str, *, writes: bool) -> str:
    """Tell what came of a request; asking for what is not there is a plain read."""
    if code.startswith(("4", "5")) and code != "404":
        return REFUSED
    return WRITE if writes and code != "404" else READ


def _kubernetes(servers: Servers) -> str:
    return accepted(servers.kubernetes.get("/metrics")).text


def _weaviate(servers: Servers) -> str:
    return accepted(servers.rest.get(servers.metrics_url)).text


def _samples(text: str, name: str) -> Iterable[tuple[dict[str, str], int]]:
    for line in text.splitlines():
        if line.startswith(name + "{"):
            labels, _, value = line.rpartition("} ")
            yield dict(_LABEL.findall(labels)), int(float(value))


def _value(text: str, name: str) -> float:
    return next(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name + " "))
