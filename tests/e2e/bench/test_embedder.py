import json
import sys
from pathlib import Path

import pytest

from e2e.bench import results
from e2e.bench.embedder import __main__ as bench
from e2e.bench.embedder.requests import bodies
from e2e.bench.embedder.texts import texts_of_mixed_lengths


def test_each_text_is_in_one_body() -> None:
    texts = texts_of_mixed_lengths(10)
    asked = [json.loads(body)["input"] for body in bodies(texts, 4)]
    assert [len(one) for one in asked] == [4, 4, 2]
    assert [text for one in asked for text in one] == texts


def test_batches_are_compared_on_the_device_that_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    monkeypatch.setattr(sys, "argv", ["bench", "--texts", "8", "--rounds", "1", "--device", "cpu", "--batching-only"])
    bench.main()
    (figure,) = json.loads((tmp_path / "embedder.json").read_text("utf-8"))["figures"]
    assert figure["value"] > 0
    assert "unsorted, 32 a batch" in figure["peers"]
