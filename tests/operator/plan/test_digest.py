import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hirag_operator.plan.digest import canonical, digest

flat = st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5) | st.booleans(), max_size=6)


@given(flat, st.randoms(use_true_random=False))
def test_the_order_of_keys_does_not_matter(value: dict[str, object], random: object) -> None:
    keys = list(value)
    random.shuffle(keys)  # type: ignore[attr-defined]  # Hypothesis hands out a random.Random
    assert digest({key: value[key] for key in keys}, 26) == digest(value, 26)


def test_a_digest_is_the_same_in_every_release() -> None:
    assert digest({"b": [1, 2.5, "ü"], "a": None}, 26) == "hsso3ipl7uboiklbasmbuhtf2t"


def test_the_order_of_lists_matters() -> None:
    assert digest(["query: ", ""], 26) != digest(["", "query: "], 26)


@pytest.mark.parametrize("characters", [8, 10, 26, 52])
def test_a_digest_is_as_long_as_asked_for(characters: int) -> None:
    made = digest("text", characters)
    assert len(made) == characters
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz234567")


def test_numbers_that_json_cannot_carry_are_refused() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical({"alpha": math.nan})
