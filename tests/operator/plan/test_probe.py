import math
from typing import Any

import pytest

from hirag_operator.api import EmbeddingModel
from hirag_operator.plan.probe import Probed, complaint
from tests.operator.plan.objects import external, model

META: dict[str, Any] = {"pooling": "mean", "normalize": True, "max_tokens": 256, "precision": "fp32"}


def probed(*dimensions: int, norms: tuple[float, ...] = (1.0, 1.0), **meta: Any) -> Probed:
    return Probed(dimensions or (384, 384), norms, meta)


@pytest.mark.parametrize(
    ("declared", "answer"),
    [
        pytest.param(model(), probed(), id="as declared, and no description"),
        pytest.param(model(), probed(**META), id="as declared and as described"),
        pytest.param(model(), probed(norms=(1.0005, 0.9995)), id="norms that are 1 but for rounding"),
        pytest.param(model({"normalize": False}), probed(norms=(5.2, 4.9)), id="long vectors where none are scaled"),
        pytest.param(external({"dimensions": 384}), probed(norms=(5.2, 4.9)), id="a provider scales as it likes"),
    ],
)
def test_a_probe_proves_the_declaration(declared: EmbeddingModel, answer: Probed) -> None:
    assert complaint(declared, answer) is None


@pytest.mark.parametrize(
    ("declared", "answer", "told"),
    [
        pytest.param(model(), probed(768, 768), "set spec.dimensions to 768", id="longer vectors"),
        pytest.param(model(), probed(384, 768), "set spec.dimensions to 768", id="one longer vector"),
        pytest.param(model(), probed(norms=(1.0, 0.0)), "zero or not finite", id="a vector of zeros"),
        pytest.param(model(), probed(norms=(1.0, math.nan)), "zero or not finite", id="a vector of no numbers"),
        pytest.param(model(), probed(norms=(math.inf, 1.0)), "zero or not finite", id="a vector without end"),
        pytest.param(model(), probed(norms=(5.2, 4.9)), "spec.normalize is true", id="vectors that are not scaled"),
        pytest.param(model(), probed(**{**META, "pooling": "cls"}), "pooling 'cls'", id="another pooling"),
        pytest.param(model(), probed(**{**META, "max_tokens": 128}), "max_tokens 128", id="a shorter reader"),
        pytest.param(
            model({"normalize": False}), probed(**META), "normalize True, but spec says False", id="scaled all the same"
        ),
    ],
)
def test_a_contradiction_is_told_with_its_remedy(declared: EmbeddingModel, answer: Probed, told: str) -> None:
    assert told in (complaint(declared, answer) or "")
