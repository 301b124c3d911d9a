"""What applying a file would do is told with the ef that was found, so that tuning is taken for no change."""

from typing import Any

import pytest

from hirag_operator.api import ContextCollection
from hirag_operator.plan.collection.levels import Indexing
from hirag_operator.plugin.plan.wanted import _as_tuned
from tests.operator.plan.objects import collection, policy

TUNING = {"recall": {"target": 0.9}, "tuning": {"ef": {"min": 16, "max": 128}}}


def measured(ef: int | None, **spec: Any) -> ContextCollection:
    told = {} if ef is None else {"longTerm": {"ef": ef, "state": "ObjectivesMet"}}
    return ContextCollection.from_wire({**collection(spec).to_wire(), "status": {"measurements": told}})


@pytest.mark.parametrize(
    ("of", "objectives", "ef"),
    [
        pytest.param(measured(40), TUNING, 40, id="as it was found"),
        pytest.param(measured(400), TUNING, 128, id="bounds that came since hold"),
        pytest.param(measured(None), TUNING, None, id="nothing was measured"),
        pytest.param(measured(40), {"recall": {"target": 0.9}}, None, id="nothing is tuned"),
        pytest.param(measured(128, placement="Shared"), TUNING, None, id="a pool is not tuned"),
    ],
)
def test_a_level_has_the_ef_that_status_tells(
    of: ContextCollection, objectives: dict[str, Any], ef: int | None
) -> None:
    assert _as_tuned(of, "longTerm", Indexing(policy({"objectives": objectives}).spec)).ef == ef
