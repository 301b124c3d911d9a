import math
import random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hirag_operator.plan.vectors import agrees, cosine, readable, sketch, stretch
from tests.operator.plan.model.answers import vectors

NOISE = 1e-3  # of each component, relative: more than half precision and other batches make of it
DIMENSIONS = st.sampled_from([1, 2, 3, 31, 32, 33, 384, 768, 1536, 4096])
MODELS = st.integers(0, 10_000)
SKETCH = sketch(vectors())


def noisy(model: int, dimensions: int, noise: float, seed: int) -> str:
    drawn = random.Random(seed)  # noqa: S311  not for secrets
    rows = vectors(dimensions, model=model)
    return sketch([[number * (1 + drawn.uniform(-noise, noise)) for number in row] for row in rows])


@given(MODELS, DIMENSIONS, st.floats(0, NOISE), st.integers())
def test_noise_does_not_make_another_model(model: int, dimensions: int, noise: float, seed: int) -> None:
    assert agrees(sketch(vectors(dimensions, model=model)), noisy(model, dimensions, noise, seed))


@given(MODELS, MODELS, st.sampled_from([32, 33, 384, 768, 1536, 4096]))
def test_another_model_is_told_apart(one: int, other: int, dimensions: int) -> None:
    assume(one != other)
    assert not agrees(sketch(vectors(dimensions, model=one)), sketch(vectors(dimensions, model=other)))


@given(MODELS, DIMENSIONS, st.floats(1e-3, 1e3))
def test_a_sketch_agrees_with_itself_and_with_none_of_other_lengths(model: int, dimensions: int, length: float) -> None:
    one, other = sketch(vectors(dimensions, model=model)), sketch(vectors(dimensions, model=model, length=length))
    assert agrees(one, one)
    assert cosine(one, other) > 0.9999
    longer = max(length, 1 / length)
    assert longer > 1.009 or agrees(one, other)
    assert longer < 1.011 or not agrees(one, other)


@given(st.lists(st.lists(st.floats(-1e30, 1e30), min_size=1, max_size=80), min_size=1, max_size=5))
def test_whatever_has_a_length_has_a_sketch(rows: list[list[float]]) -> None:
    assume(all(0 < math.hypot(*row) < math.inf for row in rows))
    made = sketch(rows)
    assert readable(made)
    assert agrees(made, made)
    assert len(made) <= 4 + math.ceil(len(rows) * 74 / 3) * 4


@given(st.text())
def test_a_text_that_is_no_sketch_is_like_none(text: str) -> None:
    assume(not readable(text))
    assert cosine(SKETCH, text) == 0
    assert stretch(SKETCH, text) == math.inf
    assert not agrees(SKETCH, f"1.{text}")


def test_one_text_that_gets_another_vector_is_enough() -> None:
    first, *others = vectors()
    assert not agrees(SKETCH, sketch([vectors(model=1)[0], *others]))
    assert not agrees(SKETCH, sketch([*others, first]))
    assert not agrees(SKETCH, sketch(others))


def test_a_component_that_outweighs_all_others_does_not_hide_them() -> None:
    def outweighed(model: int) -> str:
        return sketch([(row[0], 1e6, *row[2:]) for row in vectors(model=model)])

    assert agrees(outweighed(0), outweighed(0))
    assert not agrees(outweighed(0), outweighed(1))


def test_sparse_vectors_are_compared_by_what_is_kept_of_them() -> None:
    def sparse(at: int) -> str:
        return sketch([[1.0 if index == at else 0.0 for index in range(384)] for _ in range(4)])

    assert agrees(sparse(1), sparse(1))
    assert not agrees(sparse(0), sparse(12))
    assert not agrees(sparse(0), sparse(1))


@pytest.mark.parametrize("dimensions", [8, 384, 65_535])
def test_a_sketch_fits_a_status(dimensions: int) -> None:
    assert len(sketch(vectors(dimensions))) <= 402


def test_sketches_of_two_versions_say_nothing_of_each_other() -> None:
    assert agrees(SKETCH, f"2.{sketch(vectors(model=1)).partition('.')[2]}")


def test_a_sketch_is_the_same_on_every_machine_and_in_every_release() -> None:
    assert sketch([[3.0, -4.0], [0.0, 0.5]]) == "1.AgAAAAAAAAAUQP9fAYACAAAAAAAAAOA/AAD/fw=="
