from typing import Any

import pytest

from hirag_operator.plan.collection.misfit import misfit
from tests.operator.plan.objects import model, policy


@pytest.mark.parametrize(
    ("quantization", "complaint"),
    [
        ({}, None),
        ({"type": "rq"}, None),
        ({"type": "pq"}, None),
        ({"type": "pq", "pq": {"segments": 96}}, None),
        ({"type": "pq", "pq": {"segments": 7}}, "segments is 7, which does not divide the model's 384 dimensions"),
    ],
    ids=["no quantizer", "one without segments", "segments left to Weaviate", "a divisor", "no divisor"],
)
def test_segments_must_divide_the_dimensions(quantization: dict[str, Any], complaint: str | None) -> None:
    why = misfit(policy({"quantization": quantization}).spec, model())
    assert why is None if complaint is None else complaint in str(why)
