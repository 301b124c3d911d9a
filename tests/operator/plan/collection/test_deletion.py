from typing import Any

import pytest

from hirag_operator.plan.collection.deletion import Departing, plan_deletion
from hirag_operator.plan.steps import DeleteAlias, DeleteCollection, DeleteTenants
from tests.operator.plan.objects import wanted

OWNER = Departing("default", "team-a", "handbook")
OURS = wanted().schema
EARLIER = wanted(index={"distance": "dot"}).schema
ANOTHERS = wanted(name="manual").schema
OTHER_INSTANCE = wanted(instance="blue").schema
BARE = {**OURS, "moduleConfig": {}}
SHARED = {"placement": "Shared"}
POOLED, OTHERS_POOL = wanted(SHARED).collection, wanted(SHARED, instance="blue").collection
TENANT = "team-a_handbook_longTerm"
ALIAS, NAME = wanted().place.alias, str(OURS["class"])


@pytest.mark.parametrize(
    ("aliases", "collections", "steps"),
    [
        pytest.param(
            {ALIAS: NAME}, [OURS], [DeleteAlias(ALIAS), DeleteCollection(NAME)], id="the alias goes before its target"
        ),
        pytest.param({ALIAS: None}, [OURS], [DeleteCollection(NAME)], id="a collection whose alias is gone already"),
        pytest.param({ALIAS: None}, [], [], id="nothing left"),
        pytest.param(
            {ALIAS: NAME},
            [OURS, EARLIER],
            [DeleteAlias(ALIAS), *(DeleteCollection(n) for n in sorted([NAME, str(EARLIER["class"])]))],
            id="earlier revisions go as well",
        ),
        pytest.param({ALIAS: None}, [ANOTHERS], [], id="another object's data stays"),
        pytest.param({ALIAS: NAME}, [OTHER_INSTANCE], [], id="another operator's data stays"),
        pytest.param({ALIAS: NAME}, [BARE], [], id="what carries no stamp stays, and so does the alias to it"),
        pytest.param({ALIAS: "Gone_R1"}, [], [], id="an alias to what is gone stays for a person to see"),
    ],
)
def test_only_what_carries_the_owners_stamp_goes(
    aliases: dict[str, str | None], collections: list[Any], steps: list[Any]
) -> None:
    assert plan_deletion(OWNER, aliases, collections, {}) == steps


@pytest.mark.parametrize(
    ("aliases", "tenants", "steps"),
    [
        pytest.param(
            {ALIAS: POOLED},
            {POOLED: [TENANT]},
            [DeleteAlias(ALIAS), DeleteTenants(POOLED, (TENANT,))],
            id="the alias, then the tenant; the pool is its neighbours'",
        ),
        pytest.param(
            {ALIAS: None}, {POOLED: [TENANT]}, [DeleteTenants(POOLED, (TENANT,))], id="a tenant whose alias is gone"
        ),
        pytest.param({ALIAS: POOLED}, {POOLED: []}, [DeleteAlias(ALIAS)], id="an alias whose tenant is gone"),
        pytest.param({ALIAS: OTHERS_POOL}, {}, [], id="an alias to another operator's pool"),
    ],
)
def test_of_a_pool_only_the_objects_own_tenant_goes(
    aliases: dict[str, str | None], tenants: dict[str, list[str]], steps: list[Any]
) -> None:
    schemas = [wanted(SHARED).schema, wanted(SHARED, instance="blue").schema]
    assert OWNER.pools(schemas) == [POOLED]
    assert plan_deletion(OWNER, aliases, schemas, tenants) == steps
