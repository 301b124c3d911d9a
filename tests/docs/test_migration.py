"""docs/migration.md tells of every step and field of a migration, and of defaults as they are."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from hirag_operator.api.collection_migration import Migration
from hirag_operator.api.collection_status import MigrationStatus
from hirag_operator.plan.collection.migration.course import Stage

PAGE = (Path(__file__).parents[2] / "docs/migration.md").read_text()
STATUSES = [
    yaml.safe_load(block)["migration"]
    for block in re.findall(r"^```\n(migration:\n.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
]
DEFAULTS = dict(re.findall(r"^\| `migration\.(\w+)` \((\w+)\) \|", PAGE, re.MULTILINE))


def test_every_step_says_what_is_seen_and_what_to_do() -> None:
    assert [stage for stage in Stage if not re.search(rf"^\| `{stage}` \| .+ \| .+ \|$", PAGE, re.MULTILINE)] == []


def test_there_are_examples_of_status() -> None:
    assert [one["phase"] for one in STATUSES] == ["Copying", "Soaking"]


@pytest.mark.parametrize("shown", STATUSES, ids=[one["phase"] for one in STATUSES])
def test_an_example_of_status_has_fields_that_are_there(shown: dict[str, Any]) -> None:
    status = MigrationStatus.model_validate(shown).model_dump(by_alias=True, exclude_none=True)
    assert status["levels"]["longTerm"].keys() == shown["levels"]["longTerm"].keys()
    assert shown.keys() <= status.keys()


def test_defaults_are_as_the_api_has_them() -> None:
    declared = Migration().to_wire()
    assert {
        name: str(declared[name]).lower().removesuffix(".0")
        for name in ("maxFreeze", "objectsPerSecond", "soak", "searchSlowdown", "keepPrevious")
    } == DEFAULTS
    assert f"`minRecall` ({declared['verify']['minRecall']})" in PAGE
    assert f"`sampleSize` ({declared['verify']['sampleSize']} queries)" in PAGE
