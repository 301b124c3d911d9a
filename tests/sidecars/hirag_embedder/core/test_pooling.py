import numpy as np
import onnxruntime as ort
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hirag_embedder.core.gpu_pooling import BoundPooling
from hirag_embedder.core.pooling import Floats, Ints, normalize, pool
from hirag_embedder.core.spec import Pooling


def _padded(lengths: list[int], seed: int = 0) -> tuple[Floats, Ints]:
    """Hidden states with rubbish at the padding, and their mask."""
    rng = np.random.default_rng(seed)
    hidden = rng.normal(size=(len(lengths), max(lengths), 8)).astype(np.float32)
    mask = (np.arange(max(lengths)) < np.array(lengths)[:, None]).astype(np.int64)
    hidden[mask == 0] = 1e6
    return hidden, mask


@given(st.lists(st.integers(1, 30), min_size=1, max_size=8), st.integers(0, 99))
def test_padding_never_touches_a_vector(lengths: list[int], seed: int) -> None:
    hidden, mask = _padded(lengths, seed)
    for row, length in enumerate(lengths):
        alone = hidden[row, :length]
        assert np.allclose(pool(hidden, mask, "mean")[row], alone.mean(axis=0), atol=1e-5)
        assert np.array_equal(pool(hidden, mask, "cls")[row], alone[0])
        assert np.array_equal(pool(hidden, mask, "lastToken")[row], alone[-1])


@pytest.mark.parametrize("pooling", ["mean", "cls", "lastToken"])
def test_a_text_of_one_token_is_that_token_however_pooled(pooling: Pooling) -> None:
    hidden, mask = _padded([1, 5])
    assert np.allclose(pool(hidden, mask, pooling)[0], hidden[0, 0])


def test_vectors_are_scaled_to_length_one_and_a_zero_vector_stays_zero() -> None:
    scaled = normalize(np.array([[3, 4], [0, 0]], dtype=np.float32))
    assert np.allclose(scaled, np.array([[0.6, 0.8], [0, 0]]))
    assert scaled.dtype == np.float32


@pytest.mark.parametrize("pooling", ["mean", "cls", "lastToken"])
def test_pooling_on_the_device_agrees(pooling: Pooling) -> None:
    on_device = BoundPooling(pooling, ["CPUExecutionProvider"], ort.SessionOptions())
    for lengths in ([1], [5, 2, 9, 1], [3, 3]):
        hidden, mask = _padded(lengths)
        found = on_device(ort.OrtValue.ortvalue_from_numpy(hidden), mask)
        assert np.allclose(found, pool(hidden, mask, pooling), atol=1e-5)
