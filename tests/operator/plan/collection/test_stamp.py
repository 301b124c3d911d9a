from typing import Any

import pytest

from hirag_operator.plan.collection.stamp import Stamp, read_stamp, stamped

STAMP = Stamp("default", "team-a", "handbook", "longTerm", "f" * 26, "r" * 10)


def test_a_stamp_is_read_as_it_was_put() -> None:
    assert read_stamp(stamped({"class": "A"}, STAMP)) == STAMP


def test_a_stamp_leaves_other_modules_alone() -> None:
    modules = {"text2vec-transformers": {"vectorizeClassName": False}}
    made = stamped({"class": "A", "moduleConfig": modules}, STAMP)
    assert made["moduleConfig"].items() >= modules.items()


@pytest.mark.parametrize(
    "schema",
    [
        pytest.param({}, id="no modules at all"),
        pytest.param({"moduleConfig": None}, id="modules that are null"),
        pytest.param({"moduleConfig": {"text2vec-transformers": {}}}, id="modules of others"),
        pytest.param({"moduleConfig": {"hirag": "mine"}}, id="our key with a text"),
        pytest.param({"moduleConfig": {"hirag": {"instance": "default"}}}, id="our key with half a stamp"),
    ],
)
def test_what_carries_no_whole_stamp_is_not_ours(schema: dict[str, Any]) -> None:
    assert read_stamp(schema) is None


def test_a_stamp_of_a_later_release_with_more_in_it_is_still_read() -> None:
    schema = stamped({}, STAMP)
    schema["moduleConfig"]["hirag"]["copiedFrom"] = "elsewhere"
    assert read_stamp(schema) == STAMP
