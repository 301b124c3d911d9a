"""An API server in trouble costs nothing but time."""

import re
from typing import Any

import httpx
import pytest

from e2e.cluster.faultproxy import FaultProxy, TcpProxy
from e2e.cluster.faults import NONE, Fault
from e2e.cluster.namespace import Namespace, eventually
from e2e.cluster.operator import OperatorProcess

Json = dict[str, Any]


@pytest.mark.parametrize(
    "fault",
    [Fault(cut=True), Fault(hang=True), Fault(drip=0.05)],
    ids=["cut off", "hanging", "dripping"],
)
def test_an_api_server_in_trouble_costs_nothing_but_time(
    namespace: Namespace, collection_spec: Json, api_proxy: TcpProxy, operator: OperatorProcess, fault: Fault
) -> None:
    """What is asked for meanwhile is seen once the server can be reached again."""
    namespace.apply("ContextCollection", "handbook", collection_spec)
    namespace.await_ready("ContextCollection", "handbook")
    api_proxy.fault = fault
    namespace.apply("ContextCollection", "meanwhile", collection_spec)
    namespace.delete("ContextCollection", "handbook")
    assert httpx.get(f"{operator.url}/healthz", timeout=30, trust_env=False).is_success
    api_proxy.fault = NONE
    namespace.await_ready("ContextCollection", "meanwhile")
    eventually(lambda: namespace.get("ContextCollection", "handbook"), lambda body: body is None)


@pytest.mark.parametrize("fault", [Fault(cut=True), Fault(hang=True)], ids=["cut off", "hanging"])
def test_a_status_that_the_api_server_did_not_take_is_written_once_it_does(
    namespace: Namespace,
    proxied_spec: Json,
    api_proxy: TcpProxy,
    weaviate_proxy: FaultProxy,
    operator: OperatorProcess,
    fault: Fault,
) -> None:
    namespace.apply("ContextCollection", "handbook", proxied_spec)
    namespace.await_ready("ContextCollection", "handbook")
    before = _interrupted(operator)
    api_proxy.fault = fault
    weaviate_proxy.fault = Fault(status=503)
    eventually(lambda: _interrupted(operator), lambda now: now > before)
    api_proxy.fault = NONE
    namespace.await_reason("ContextCollection", "handbook", "WeaviateUnreachable")
    weaviate_proxy.fault = NONE
    namespace.await_ready("ContextCollection", "handbook")


def test_a_slow_api_server_only_takes_longer(namespace: Namespace, collection_spec: Json, api_proxy: TcpProxy) -> None:
    api_proxy.fault = Fault(delay=0.1)
    namespace.apply("ContextCollection", "handbook", collection_spec)
    namespace.await_ready("ContextCollection", "handbook")


def _interrupted(operator: OperatorProcess) -> float:
    """Return how many reconciles of ContextCollections a server's failure has cut short."""
    metrics = httpx.get(f"{operator.url}/metrics", trust_env=False).text
    line = r'^hirag_operator_reconciles_total\{kind="ContextCollection",result="interrupted"\} (\S+)$'
    return sum(float(number) for number in re.findall(line, metrics, re.MULTILINE))
