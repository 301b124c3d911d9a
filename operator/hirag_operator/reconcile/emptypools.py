"""Removing pools of shared levels whose last tenant has gone."""

from hirag_operator.adapters.weaviate import WeaviateAdapter
from hirag_operator.plan.collection.deletion import Departing
from hirag_operator.plan.steps import DeleteCollection
from hirag_operator.reconcile.pools import PoolKey
from hirag_operator.reconcile.progress import carried_out
from hirag_operator.reconcile.services import Services


def remove_empty_pools(services: Services, connection: str, server: WeaviateAdapter, leaving: Departing) -> None:
    """Remove every pool of this operator that has no tenant, unless another thread is at work in it.

    All of them, not the one just left: after a crash nobody knows any more which that was.
    """
    for pool in leaving.pools(server.collections()):
        with services.pools.removing(PoolKey(connection, pool)) as alone:
            if alone and not server.has_tenants(pool):
                carried_out(server.apply, DeleteCollection(pool))
