"""The text of /metrics: what the process counts, and what stands in the status of the objects that it watches."""

import asyncio
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from hirag_operator import metrics
from hirag_operator.adapters.store import Store
from hirag_operator.api import KINDS
from hirag_operator.plan.figures import FAMILIES, figures


class ObjectFigures(Collector):
    """Gauges of all objects of our kinds, read off the store whenever they are asked for."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Return every family, also one that no object has a figure of: its help is told all the same."""
        found = {family: GaugeMetricFamily(family.name, family.tells, labels=family.labels) for family in FAMILIES}
        for kind in KINDS:
            for body in self._store.all_of(kind.resource.kind):
                for figure in figures(body):
                    found[figure.family].add_metric(figure.labels, figure.value)
        yield from found.values()


class Exposition:
    """Writes the text, off the event loop and once at a time: ten thousand objects take a moment."""

    def __init__(self, store: Store) -> None:
        self._objects = CollectorRegistry()
        self._objects.register(ObjectFigures(store))
        self._one_at_a_time = asyncio.Lock()

    async def text(self) -> bytes:
        """Return all of it, in Prometheus' text format."""
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._written)

    def _written(self) -> bytes:
        return generate_latest(metrics.REGISTRY) + generate_latest(self._objects)
