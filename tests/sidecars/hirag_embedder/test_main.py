from pathlib import Path

import numpy as np
import pytest

from hirag_embedder.core.onnx_runtime import OnnxRuntime
from hirag_embedder.main import main


def test_export_writes_a_model_that_runs(tiny_model: Path, tmp_path: Path) -> None:
    assert main(["export", "--model", str(tiny_model), "--out", str(tmp_path / "out/model.onnx")]) == 0
    ids = np.array([[2, 5, 3]], dtype=np.int64)
    hidden = OnnxRuntime(tmp_path / "out/model.onnx", threads=1).hidden_states(ids, np.ones_like(ids))
    assert hidden.shape == (1, 3, 32)


def test_a_wrong_folder_is_told_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "--model", str(tmp_path / "none"), "--out", str(tmp_path / "model.onnx")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_an_unset_variable_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("HIRAG_EMBEDDER_MODEL_DIR", raising=False)
    assert main(["serve"]) == 2
    assert capsys.readouterr().err == "hirag-embedder: HIRAG_EMBEDDER_MODEL_DIR: must be set\n"
