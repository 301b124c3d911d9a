from pathlib import Path

import httpx

from e2e.cluster.toolchain import Toolchain
from e2e.cluster.weaviate import WeaviateServer


def _collections(server: WeaviateServer, key: str | None = None) -> set[str]:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    answer = httpx.get(f"{server.http_url}/v1/schema", headers=headers).raise_for_status()
    return {collection["class"] for collection in answer.json()["classes"]}


def test_the_server_has_the_pinned_version_and_the_transformers_module(weaviate_server: WeaviateServer) -> None:
    meta = httpx.get(f"{weaviate_server.http_url}/v1/meta").json()
    assert meta["version"] == "1.35.2"
    assert "text2vec-transformers" in meta["modules"]


def test_data_survive_a_crash_and_the_next_server_with_the_same_folder(toolchain: Toolchain, tmp_path: Path) -> None:
    with WeaviateServer(toolchain, data_dir=tmp_path) as server:
        url = server.http_url
        httpx.post(f"{url}/v1/schema", json={"class": "Kept", "vectorizer": "none"}).raise_for_status()
        server.kill()
        server.start()
        assert (server.http_url, _collections(server)) == (url, {"Kept"})
    with WeaviateServer(toolchain, data_dir=tmp_path) as server:
        assert _collections(server) == {"Kept"}


def test_with_api_keys_strangers_are_refused(toolchain: Toolchain) -> None:
    with WeaviateServer(toolchain, api_keys={"secret-key": "operator"}) as server:
        assert httpx.get(f"{server.http_url}/v1/schema").status_code == httpx.codes.UNAUTHORIZED
        assert _collections(server, "secret-key") == set()
