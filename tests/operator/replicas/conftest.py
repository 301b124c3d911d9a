"""Two replicas with the default length of a lease; scenarios leave both running."""

from collections.abc import Iterator

import pytest

from e2e.cluster.faults import NONE
from e2e.cluster.stage import Stage
from e2e.cluster.toolchain import Toolchain
from hirag_operator.settings import Settings

LEASE_SECONDS: int = Settings.model_fields["lease_seconds"].default


@pytest.fixture(scope="package")
def stage(toolchain: Toolchain) -> Iterator[Stage]:
    with Stage(toolchain, LEASE_SECONDS, {"HIRAG_OPERATOR_PULSE_SECONDS": "1"}) as stage:
        yield stage


@pytest.fixture(autouse=True)
def whole(stage: Stage) -> Iterator[None]:
    """Whatever a scenario leaves broken is whole for the next."""
    yield
    for replica in stage.replicas:
        replica.api.fault = replica.weaviate.fault = NONE
        replica.restore()
