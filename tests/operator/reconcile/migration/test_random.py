"""Changes, writes and deaths in any order, on real servers: what was acknowledged is there in the end.

The pure plan is tried so a thousand times more often (`tests/operator/plan/collection/migration/test_machine.py`). Here
a few sequences show that the world is as the model in which it is tried.
"""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.operator.reconcile.migration.stage import Stage
from tests.operator.reconcile.migration.wandering import Wandering

FEW = settings(
    max_examples=4,
    stateful_step_count=8,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],  # a shorter sequence is not worth an hour of servers
    suppress_health_check=list(HealthCheck),
)


def test_any_sequence_of_changes_writes_and_deaths_ends_well(whole_stage: Stage) -> None:
    run_state_machine_as_test(type("Machine", (Wandering,), {"stage": whole_stage}), settings=FEW)
