import json
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from e2e.cluster import data, wheels
from e2e.cluster.cache import Cache
from e2e.cluster.errors import ToolUnavailableError


def test_the_model_folder_is_whole() -> None:
    folder = data.model_folder()
    assert json.loads((folder / "config.json").read_text())["hidden_size"] == 384
    assert {"model.safetensors", "tokenizer.json"} <= {file.name for file in folder.iterdir()}


def test_tiktoken_accepts_the_ranks_and_asks_no_network() -> None:
    count = "import tiktoken; print(len(tiktoken.get_encoding('cl100k_base').encode('hello world')))"
    environment = {"TIKTOKEN_CACHE_DIR": str(data.tiktoken_cache()), "https_proxy": "http://127.0.0.1:9"}
    done = subprocess.run([sys.executable, "-c", count], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "2"


def test_a_wheel_that_does_not_match_its_hash_is_refused_and_nothing_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ZipFile(tmp_path / "sample-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("sample-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: sample\nVersion: 1.0\n")
        wheel.writestr("sample-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr("sample-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    lock = tmp_path / "data.lock"
    lock.write_text(f"sample==1.0 --hash=sha256:{'0' * 64}\n")
    monkeypatch.setattr(data, "LOCK", lock)
    cache = Cache(tmp_path / "cache")
    with pytest.raises(ToolUnavailableError, match=r"data\.lock pins(?s:.*)HASH"):
        data.model_folder(cache)
    assert [file.name for file in cache.root.rglob("*") if file.is_file()] == ["data.lock"]


def test_a_wheel_cannot_write_outside_its_folder(tmp_path: Path) -> None:
    wheel = tmp_path / "evil-1.0-py3-none-any.whl"
    with ZipFile(wheel, "w") as archive:
        archive.writestr("evil/../../outside", "x")
    with pytest.raises(ToolUnavailableError, match="outside its folder"):
        wheels.unpack(wheel, "evil/", tmp_path / "inside")
    assert list(tmp_path.iterdir()) == [wheel]
