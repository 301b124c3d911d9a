"""What a plain `kubectl apply` sends, by a table of sentences; `test_plan_live` holds it against kubectl itself."""

from typing import Any

import pytest

from hirag_operator.plugin.plan.threeway import three_way

Json = dict[str, Any]


@pytest.mark.parametrize(
    ("last", "wanted", "live", "patch"),
    [
        pytest.param({"a": 1}, {"a": 1}, {"a": 1}, {}, id="nothing differs"),
        pytest.param({"a": 1}, {"a": 2}, {"a": 1}, {"a": 2}, id="a value changes"),
        pytest.param({"a": 1}, {"a": 1}, {"a": 3}, {"a": 1}, id="another hand's value is put back"),
        pytest.param({"a": 1, "b": 2}, {"a": 1}, {"a": 1, "b": 2}, {"b": None}, id="what was applied and is gone goes"),
        pytest.param({"a": 1}, {"a": 1}, {"a": 1, "b": 2}, {}, id="what others set stays"),
        pytest.param({"b": 2}, {}, {}, {}, id="what is gone already is not asked to go"),
        pytest.param({}, {"s": {"a": 1}}, {"s": {"b": 2}}, {"s": {"a": 1}}, id="sections merge"),
        pytest.param({"s": {"a": 1}}, {"s": {}}, {"s": {"a": 1, "b": 2}}, {"s": {"a": None}}, id="within sections too"),
        pytest.param({"s": 1}, {"s": {"a": 1}}, {"s": 1}, {"s": {"a": 1}}, id="a value becomes a section"),
        pytest.param({"l": [1]}, {"l": [1, 2]}, {"l": [1]}, {"l": [1, 2]}, id="lists are replaced whole"),
        pytest.param({}, {"s": {"a": 1}}, {}, {"s": {"a": 1}}, id="a section is new"),
    ],
)
def test_applying_sends(last: Json, wanted: Json, live: Json, patch: Json) -> None:
    assert three_way(last, wanted, live) == patch
