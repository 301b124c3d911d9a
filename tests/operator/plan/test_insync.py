import pytest

from hirag_operator.api.conditions import ConditionType, Reason
from hirag_operator.plan.insync import MOST_NAMED, in_sync


def test_nothing_changed_by_hand_is_in_sync() -> None:
    found = in_sync(())
    assert (found.type, found.holds, found.reason) == (ConditionType.IN_SYNC, True, Reason.IN_SYNC)


@pytest.mark.parametrize(
    ("drifted", "told"),
    [
        pytest.param(["spec.replicas of Deployment a"], "Warn says: spec.replicas of Deployment a. Set", id="one"),
        pytest.param([f"f{n}" for n in range(MOST_NAMED)], f"f{MOST_NAMED - 1}. Set", id="as many as fit"),
        pytest.param([f"f{n}" for n in range(MOST_NAMED + 2)], f"f{MOST_NAMED - 1} and 2 more. Set", id="too many"),
    ],
)
def test_what_was_left_changed_is_named(drifted: list[str], told: str) -> None:
    found = in_sync(drifted)
    assert (found.holds, found.reason) == (False, Reason.DRIFTED)
    assert told in found.message
