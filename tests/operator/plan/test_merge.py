from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hirag_operator.plan.merge import merge_patch, merged

leaves = st.booleans() | st.integers(min_value=2) | st.text(max_size=3) | st.lists(st.text(max_size=2), max_size=2)
keys = st.sampled_from(["a", "b", "c"])
documents = st.dictionaries(
    keys, st.recursive(leaves, lambda inner: st.dictionaries(keys, inner, max_size=3), max_leaves=8), max_size=3
)


def patched(document: Any, patch: Any) -> Any:
    """RFC 7386, section 2, as written there."""
    if not isinstance(patch, dict):
        return patch
    result = dict(document) if isinstance(document, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = patched(result.get(name), value)
    return result


@given(documents, documents)
def test_a_patch_turns_the_present_document_into_the_wanted_one(present: Any, wanted: Any) -> None:
    assert patched(present, merge_patch(present, wanted)) == wanted


@given(documents)
def test_equal_documents_need_no_patch(document: Any) -> None:
    assert merge_patch(document, document) == {}


@given(documents, documents)
def test_a_patch_is_empty_for_equal_documents_alone(present: Any, wanted: Any) -> None:
    assert (merge_patch(present, wanted) == {}) is (present == wanted)


@given(documents, documents)
def test_merging_twice_is_merging_once(present: Any, changes: Any) -> None:
    assert merged(merged(present, changes), changes) == merged(present, changes)


@given(documents, documents)
def test_merging_leaves_what_is_not_named(present: Any, changes: Any) -> None:
    result = merged(present, changes)
    assert {key: value for key, value in result.items() if key not in changes} == {
        key: value for key, value in present.items() if key not in changes
    }


@pytest.mark.parametrize(
    ("present", "wanted", "patch"),
    [
        pytest.param({"a": 1}, {"a": 2}, {"a": 2}, id="a changed value"),
        pytest.param({"a": 1, "b": 2}, {"b": 2}, {"a": None}, id="a value that goes"),
        pytest.param({"a": {"x": 1, "y": 2}}, {"a": {"x": 1, "y": 3}}, {"a": {"y": 3}}, id="one value within"),
        pytest.param({"a": [1, 2]}, {"a": [1]}, {"a": [1]}, id="lists are replaced whole"),
        pytest.param({"a": {"x": 1}}, {"a": "x"}, {"a": "x"}, id="an object that becomes a text"),
        pytest.param({}, {"a": {}}, {"a": {}}, id="an empty object is something"),
    ],
)
def test_a_patch_says_no_more_than_it_must(present: Any, wanted: Any, patch: Any) -> None:
    assert merge_patch(present, wanted) == patch
