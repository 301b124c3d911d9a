import base64
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from hirag_kit.wire import EmbeddingItem, EmbeddingRequest


def test_a_single_text_is_a_list_of_one() -> None:
    assert EmbeddingRequest.model_validate({"model": "m", "input": "a"}).input == ["a"]


def test_a_request_is_a_passage_in_floats_unless_it_says_otherwise() -> None:
    request = EmbeddingRequest.model_validate({"model": "m", "input": ["a"]})
    assert (request.input_type, request.encoding_format, request.dimensions) == ("passage", "float", None)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"input": [1, 2, 3]}, "arrays of tokens are not accepted"),
        ({"input": [[1, 2], [3]]}, "arrays of tokens are not accepted"),
        ({"input": []}, "at least one text"),
        ({"input": None}, "a string or a list of strings"),
        ({"input": ["a", {}]}, "a string or a list of strings"),
        ({"input": "a", "dimensions": 0}, "greater than or equal to 1"),
        ({"input": "a", "input_type": "document"}, "query"),
        ({"input": "a", "model": "m" * 257}, "256"),
        ({"input": "a", "inputtype": "query"}, "Extra inputs"),
    ],
)
def test_a_wrong_request_is_refused(fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        EmbeddingRequest.model_validate({"model": "m"} | fields)


@given(st.lists(st.floats(width=32, allow_nan=False), max_size=20))
def test_base64_and_plain_vectors_read_alike(numbers: list[float]) -> None:
    encoded = base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()
    assert EmbeddingItem(index=0, embedding=encoded).floats() == numbers
    assert EmbeddingItem(index=0, embedding=numbers).floats() == numbers


def test_the_kit_needs_neither_a_server_nor_numpy() -> None:
    import subprocess  # noqa: PLC0415  a fresh interpreter shows what is really imported
    import sys  # noqa: PLC0415

    program = (
        "import sys, hirag_kit.errors, hirag_kit.health, hirag_kit.logs, hirag_kit.wire; "
        "print([name for name in ('fastapi', 'numpy', 'onnxruntime', 'tokenizers') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", program], check=True, capture_output=True).stdout.strip() == b"[]"
