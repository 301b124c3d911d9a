"""docs/objectives.md tells of every state, of fields that are there, and of defaults as they are."""

import re
from pathlib import Path

import yaml

from hirag_operator.api import HNSWIndexPolicy
from hirag_operator.api.collection_status import LevelMeasurement
from hirag_operator.api.conditions import Reason
from hirag_operator.api.index_objectives import EfBounds, Objectives, RecallObjective
from hirag_operator.plan.collection.objectives.due import RETRY_MS
from hirag_operator.plan.collection.objectives.judging import NEAR_LIMIT
from hirag_operator.plan.collection.objectives.search import MOST_GROWTH, search
from hirag_operator.plan.policy import _GRAVITY, _MET

PAGE = (Path(__file__).parents[2] / "docs/objectives.md").read_text()
DECLARED = yaml.safe_load(re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)[0])
STATES = dict(re.findall(r"^\| `(\w+)` \| (True|False) \|", PAGE, re.MULTILINE))


def test_the_policy_is_one_that_the_api_takes() -> None:
    spec = HNSWIndexPolicy.from_wire(DECLARED).spec
    assert spec.objectives is not None
    assert spec.objectives.tuning is not None
    assert f"Between {spec.objectives.tuning.ef.min} and {spec.objectives.tuning.ef.max} that takes ten" in PAGE


def test_a_search_takes_as_many_measurements_as_it_says() -> None:
    assert search([], EfBounds(min=16, max=512), 0.95, 0).left == 10


def test_the_example_of_status_has_fields_that_are_there() -> None:
    (block,) = re.findall(r"^```\n(measurements:\n.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    shown = yaml.safe_load(block)["measurements"]["longTerm"]
    assert LevelMeasurement.model_validate(shown).to_wire().keys() == shown.keys()


def test_every_state_is_told_with_what_it_makes_of_the_condition() -> None:
    states: set[Reason] = {*_MET, *_GRAVITY}
    assert {state.value: str(state in _MET) for state in states} == STATES


def test_defaults_are_as_the_api_has_them() -> None:
    assert f"`objectives.interval` ({Objectives().interval})" in PAGE
    assert f"`sampleSize` times ({RecallObjective(target=1).sample_size})" in PAGE
    assert f"{NEAR_LIMIT:.0%}".replace("%", " %") in PAGE
    assert (RETRY_MS, MOST_GROWTH) == (3_600_000, 2)
