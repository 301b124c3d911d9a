"""What a copy is said to take before it is made."""

import pytest

from hirag_operator.plan.collection.migration.weight import weight

INDEX = {"maxConnections": 10}


@pytest.mark.parametrize(
    ("objects", "tenants", "told"),
    [
        pytest.param(0, None, "0 objects; until", id="none"),
        pytest.param(None, None, "0 objects; until", id="not known, of a tenant that sleeps"),
        pytest.param(2_000, None, "2,000 objects; until the old revision goes, about 3 MB more memory", id="known"),
        pytest.param(2_000, 3, "2,000 objects; until", id="known, of all its tenants"),
        pytest.param(None, 1, "1 tenant, whose objects are counted as they are carried", id="of one tenant, not known"),
        pytest.param(None, 9_000, "9,000 tenants, whose objects", id="of many, not known"),
    ],
)
def test_it_is_told_in_words(objects: int | None, tenants: int | None, told: str) -> None:
    assert weight(objects, tenants, None, 384, INDEX).startswith(told)
