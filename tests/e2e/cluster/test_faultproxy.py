"""The proxy misbehaves as told, takes effect at once, and counts."""

from collections.abc import Iterator

import httpx
import pytest

from e2e.cluster.faultproxy import FaultProxy, TcpProxy
from e2e.cluster.faults import NONE, Fault
from tests.operator.adapters.answering import Answer, AnsweringServer, answering


@pytest.fixture
def server() -> Iterator[AnsweringServer]:
    with answering() as running:
        running.answer = Answer(200, {"made": True})
        yield running


def ask(proxy: TcpProxy, method: str = "GET", *, seconds: float = 5.0) -> httpx.Response:
    return httpx.request(method, f"{proxy.url}/v1/x?a=1", content=b"{}", timeout=seconds, trust_env=False)


@pytest.mark.parametrize("kind", [FaultProxy, TcpProxy])
def test_without_a_fault_it_passes_everything_on(server: AnsweringServer, kind: type[TcpProxy]) -> None:
    with kind(server.url) as proxy:
        assert ask(proxy, "PUT").json() == {"made": True}
        (asked,) = server.asked
        assert (asked.method, asked.path, asked.body) == ("PUT", "/v1/x?a=1", b"{}")


@pytest.mark.parametrize("kind", [FaultProxy, TcpProxy])
def test_it_leads_to_another_server(server: AnsweringServer, kind: type[TcpProxy]) -> None:
    with answering() as other, kind(server.url) as proxy:
        other.answer = Answer(200, {"made": False})
        assert ask(proxy).json() == {"made": True}
        proxy.lead_to(other.url)
        assert ask(proxy).json() == {"made": False}


@pytest.mark.parametrize("kind", [FaultProxy, TcpProxy])
def test_it_cuts_and_heals(server: AnsweringServer, kind: type[TcpProxy]) -> None:
    with kind(server.url) as proxy:
        proxy.fault = Fault(cut=True)
        with pytest.raises(httpx.TransportError):
            ask(proxy)
        proxy.fault = NONE
        assert ask(proxy).is_success


@pytest.mark.parametrize("kind", [FaultProxy, TcpProxy])
@pytest.mark.parametrize("fault", [Fault(hang=True), Fault(delay=60), Fault(drip=60)], ids=["hang", "delay", "drip"])
def test_it_keeps_clients_waiting_and_ends_without_them(
    server: AnsweringServer, kind: type[TcpProxy], fault: Fault
) -> None:
    with kind(server.url) as proxy:
        proxy.fault = fault
        with pytest.raises(httpx.ReadTimeout):
            ask(proxy, seconds=0.2)


def test_it_loses_answers_of_requests_that_are_carried_out(server: AnsweringServer) -> None:
    with FaultProxy(server.url) as proxy:
        proxy.fault = Fault(lose=True)
        with pytest.raises(httpx.TransportError):
            ask(proxy, "POST")
    assert [asked.method for asked in server.asked] == ["POST"]


@pytest.mark.parametrize("path", ["", "/v1/x"])
def test_it_answers_in_place_of_the_server_only_what_is_meant(server: AnsweringServer, path: str) -> None:
    with FaultProxy(server.url) as proxy:
        proxy.fault = Fault(status=500, path="/v2")
        assert ask(proxy).is_success
        proxy.asked.clear()
        proxy.fault = Fault(status=503, body=b"<html>", methods=frozenset({"POST"}), path=path)
        answer = ask(proxy, "POST")
        assert (answer.status_code, answer.content) == (503, b"<html>")
        assert ask(proxy).is_success
        assert [(asked.method, asked.path) for asked in proxy.asked] == [("POST", "/v1/x?a=1"), ("GET", "/v1/x?a=1")]
    assert len(server.asked) == 2
