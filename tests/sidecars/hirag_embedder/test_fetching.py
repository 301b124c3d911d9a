"""Fetching, from a double of the hub: a local HTTP server that answers the calls the hub's client library makes."""

import hashlib
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from hirag_embedder.core.loading import load
from hirag_embedder.core.spec import ModelSpec, RuntimeSpec
from hirag_embedder.fetching import fetch
from hirag_embedder.main import main
from hirag_kit.errors import ConfigurationError, StorageError

REPO = "org/tiny"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


class HubDouble(ThreadingHTTPServer):
    """One repository at one commit, its large file announced as LFS does."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.*")}
        self.served = dict(self.files)
        self.url = f"http://127.0.0.1:{self.server_port}"

    def announcement(self) -> dict[str, Any]:
        siblings = []
        for name, content in self.files.items():
            one: dict[str, Any] = {"rfilename": name, "size": len(content), "blobId": _blob(content)}
            if name.endswith((".safetensors", ".onnx")):
                one["lfs"] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 134}
            siblings.append(one)
        return {"id": REPO, "modelId": REPO, "sha": COMMIT, "siblings": siblings, "tags": [], "private": False}


class _Handler(BaseHTTPRequestHandler):
    server: HubDouble
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        prefix = f"/{REPO}/resolve/{COMMIT}/"
        if path == f"/api/models/{REPO}/revision/{COMMIT}":
            self._answer(200, json.dumps(self.server.announcement()).encode(), "application/json")
        elif path.removeprefix(prefix) in self.server.served and path.startswith(prefix):
            self._answer(200, self.server.served[path.removeprefix(prefix)], "application/octet-stream")
        else:
            self._answer(404, b"{}", "application/json")

    do_HEAD = do_GET  # noqa: N815  the name that the server calls

    def _answer(self, status: int, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", f'"{_blob(content)}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Keeps the tests' output clean."""


@pytest.fixture
def hub(tiny_model: Path) -> Iterator[HubDouble]:
    (tiny_model / "training.log").write_text("not needed to serve", "utf-8")
    server = HubDouble(tiny_model)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_what_was_fetched_can_be_served(hub: HubDouble, tmp_path: Path) -> None:
    status = main(
        ["fetch", "--repo", REPO, "--revision", COMMIT, "--to", str(tmp_path / "model"), "--endpoint", hub.url]
    )
    assert status == 0
    assert load(ModelSpec(tmp_path / "model", REPO, max_tokens=32), RuntimeSpec()).meta.dimensions == 32


def test_only_what_serving_needs_is_fetched(hub: HubDouble, tmp_path: Path) -> None:
    files = fetch(REPO, COMMIT, tmp_path / "model", hub.url)
    assert sorted(path.name for path in files) == ["config.json", "model.safetensors", "tokenizer.json"]
    assert not (tmp_path / "model/training.log").exists()


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
def test_a_file_that_was_changed_on_the_way_is_refused_by_name(hub: HubDouble, tmp_path: Path, name: str) -> None:
    hub.served[name] = hub.files[name][:-1] + b"?"
    with pytest.raises(StorageError, match=f"{name} is not the file"):
        fetch(REPO, COMMIT, tmp_path / "model", hub.url)
    assert not (tmp_path / "model" / name).exists()


@pytest.mark.parametrize("revision", ["main", "v1.0", "0123456", COMMIT.upper()])
def test_a_revision_that_can_move_is_refused(revision: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="only a commit is pinned"):
        fetch(REPO, revision, tmp_path, "http://127.0.0.1:9")


def test_a_folder_that_was_filled_serves_without_the_hub(hub: HubDouble, tmp_path: Path) -> None:
    fetched = fetch(REPO, COMMIT, tmp_path / "model", hub.url)
    assert fetch(REPO, COMMIT, tmp_path / "model", "http://127.0.0.1:9") == fetched


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
def test_a_file_that_was_damaged_or_lost_since_is_fetched_again(hub: HubDouble, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "model"
    fetch(REPO, COMMIT, folder, hub.url)
    (folder / name).write_bytes(b"damaged")
    with pytest.raises(StorageError, match=f"{name} is not the file|cannot be fetched"):
        fetch(REPO, COMMIT, folder, "http://127.0.0.1:9")
    (folder / name).unlink(missing_ok=True)
    fetch(REPO, COMMIT, folder, hub.url)
    assert (folder / name).read_bytes() == hub.files[name]


@pytest.mark.parametrize(
    "receipt",
    [
        pytest.param("", id="empty"),
        pytest.param("[]", id="no object"),
        pytest.param('{"repo": "org/tiny"}', id="half of one"),
        pytest.param(json.dumps({"repo": "org/other", "revision": COMMIT, "files": {}}), id="of another repository"),
        pytest.param(json.dumps({"repo": REPO, "revision": "f" * 40, "files": {}}), id="of another commit"),
        pytest.param(json.dumps({"repo": REPO, "revision": COMMIT, "files": "all"}), id="with no list of files"),
    ],
)
def test_a_receipt_that_says_nothing_of_this_commit_is_passed_over(
    hub: HubDouble, tmp_path: Path, receipt: str
) -> None:
    (tmp_path / ".fetched.json").write_text(receipt, "utf-8")
    assert len(fetch(REPO, COMMIT, tmp_path, hub.url)) == len(hub.files) - 1  # without the log of its training


def test_a_hub_that_is_away_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be fetched"):
        fetch(REPO, COMMIT, tmp_path, "http://127.0.0.1:9")


def test_a_repository_that_is_not_there_is_named(hub: HubDouble, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="org/other at"):
        fetch("org/other", COMMIT, tmp_path, hub.url)


def test_a_repository_without_weights_is_refused(hub: HubDouble, tmp_path: Path) -> None:
    del hub.files["model.safetensors"]
    with pytest.raises(ConfigurationError, match="has none of model"):
        fetch(REPO, COMMIT, tmp_path, hub.url)


def _blob(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
