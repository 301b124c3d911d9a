"""Levels on a real Weaviate: wanted by a name of their own, brought about by the plan, removed at the end."""

import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from hirag_operator.adapters.http import JsonServer
from hirag_operator.adapters.weaviate import WeaviateAdapter
from hirag_operator.adapters.weaviate.calls import Calls
from hirag_operator.plan.collection.contextcollection import plan_level
from hirag_operator.plan.collection.levelplan import LevelPlan
from hirag_operator.plan.collection.levels import WantedLevel
from hirag_operator.plan.steps import DeleteAlias, DeleteCollection
from tests.operator.plan.objects import wanted

PASSES: Final = 5
_NUMBERS = itertools.count(1)


class Levels:
    """Brings levels about on one server; `calls` looks past the adapter at the server itself."""

    def __init__(self, adapter: WeaviateAdapter, calls: Calls) -> None:
        self.adapter = adapter
        self.calls = calls
        self.made: list[WantedLevel] = []

    def wanted(
        self, spec: Mapping[str, Any] | None = None, *, index: Mapping[str, Any] | None = None, like: Any = None
    ) -> WantedLevel:
        """A wanted level of a name of its own, or of the name of the level `like`."""
        level = wanted(spec, index=index, name=like.stamp.name if like else f"live-{next(_NUMBERS)}")
        self.made.append(level)
        return level

    def plan(self, level: WantedLevel) -> LevelPlan:
        """What the plan says after a look at the server."""
        return plan_level(level, self.adapter.observe_level(level))

    def bring_about(self, level: WantedLevel) -> LevelPlan:
        """The first plan without steps."""
        for _ in range(PASSES):
            plan = self.plan(level)
            if not plan.steps:
                return plan
            for step in plan.steps:
                self.adapter.apply(step)
        raise AssertionError(f"steps remain: {plan.steps}")

    def live(self, level: WantedLevel) -> dict[str, Any]:
        """The schema behind the level's alias."""
        found = self.adapter.observe_level(level).live
        assert found is not None
        return dict(found)

    def remove(self) -> None:
        """Removes what was made."""
        for level in self.made:
            target = self.adapter.alias_target(level.place.alias)
            self.adapter.apply(DeleteAlias(level.place.alias))
            self.adapter.apply(DeleteCollection(target or level.collection))


@contextmanager
def levels_on(adapter: WeaviateAdapter, server: JsonServer) -> Iterator[Levels]:
    """Levels that are removed when the context ends."""
    levels = Levels(adapter, Calls(server))
    try:
        yield levels
    finally:
        levels.remove()
