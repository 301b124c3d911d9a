from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from hirag_embedder.core.batching import Batch, plan_batches

lengths_of_texts = st.lists(st.integers(1, 512), max_size=200)
budgets = st.integers(1, 4096)


@given(lengths_of_texts, budgets)
def test_every_text_is_in_exactly_one_batch(lengths: list[int], budget: int) -> None:
    planned = [index for batch in plan_batches(lengths, budget) for index in batch.indices]
    assert sorted(planned) == list(range(len(lengths)))


@given(lengths_of_texts, budgets)
def test_no_batch_is_above_the_budget_unless_one_text_alone_is(lengths: list[int], budget: int) -> None:
    for batch in plan_batches(lengths, budget):
        assert batch.padded_tokens <= budget or len(batch.indices) == 1


@given(lengths_of_texts, budgets)
def test_a_batch_is_as_wide_as_its_longest_text(lengths: list[int], budget: int) -> None:
    for batch in plan_batches(lengths, budget):
        assert batch.width == max(lengths[index] for index in batch.indices)


@given(lengths_of_texts, budgets)
def test_shorter_texts_never_come_after_longer_ones(lengths: list[int], budget: int) -> None:
    planned = [lengths[index] for batch in plan_batches(lengths, budget) for index in batch.indices]
    assert planned == sorted(planned)


@given(lengths_of_texts, budgets)
def test_no_batch_has_room_for_the_first_text_of_the_next(lengths: list[int], budget: int) -> None:
    batches = plan_batches(lengths, budget)
    for batch, following in pairwise(batches):
        assert (len(batch.indices) + 1) * lengths[following.indices[0]] > budget


def test_texts_of_like_length_share_a_batch() -> None:
    assert plan_batches([100, 3, 98, 5, 4], budget=200) == [Batch((1, 4, 3), 5), Batch((2, 0), 100)]


def test_sorting_pays_on_mixed_lengths() -> None:
    lengths = [8, 200, 12, 180, 9, 210, 11, 190] * 8
    padded = sum(batch.padded_tokens for batch in plan_batches(lengths, 1024))
    assert padded < 1.15 * sum(lengths)
