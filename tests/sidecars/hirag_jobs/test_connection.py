"""A job reaches Weaviate by both its APIs, says which is not there, and asks nobody else."""

import socket

import pytest

from e2e.cluster.ports import PortReservation
from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.connection import connect
from hirag_kit.errors import VectorStoreError


def test_an_address_where_nothing_speaks_grpc_is_named(weaviate_server: WeaviateServer) -> None:
    with PortReservation() as nobody:
        address = f"127.0.0.1:{nobody.first}"
        with pytest.raises(VectorStoreError, match=f"{address} was not reached; --weaviate-grpc"):
            connect(weaviate_server.http_url, address, None)


def test_nobody_but_weaviate_is_asked(weaviate_server: WeaviateServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as way_out:
        for scheme in ("http", "https"):
            monkeypatch.setenv(f"{scheme}_proxy", f"http://127.0.0.1:{way_out.getsockname()[1]}")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        way_out.settimeout(0)
        with connect(weaviate_server.http_url, f"127.0.0.1:{weaviate_server.grpc_port}", None) as client:
            assert client.is_ready()
        with pytest.raises(BlockingIOError):
            way_out.accept()
