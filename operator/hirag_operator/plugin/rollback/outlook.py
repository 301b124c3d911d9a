"""What going back would come to, told from an object as the operator reports it: pure."""

from collections.abc import Mapping
from typing import Any, Final, Literal

from pydantic import ValidationError

from hirag_operator.api.collection_status import LevelMigration, MigrationStatus
from hirag_operator.plan.collection.migration.course import Stage
from hirag_operator.plan.collection.rollback import ROLLBACK
from hirag_operator.plan.dig import dig
from hirag_operator.plugin.errors import CommandError
from hirag_operator.plugin.rollback.report import LevelReport, RollbackReport

Json = Mapping[str, Any]
Becomes = Literal["returns", "aborts", "stays"]

_KEPT: Final = frozenset({Stage.SOAKING, Stage.KEPT})
_OVER: Final = frozenset({Stage.REMOVING, Stage.ABORTING, Stage.ROLLED_BACK})


def outlook(body: Json) -> RollbackReport:
    """Return what going back comes to.

    Raises:
        CommandError: there is no way back, or it cannot be told yet.
    """
    namespace, name = body["metadata"]["namespace"], body["metadata"]["name"]
    whose = f"ContextCollection {namespace}/{name}"
    if dig(body, "spec", "paused"):
        raise CommandError(f"{whose} has spec.paused: nothing is changed until that is false")
    if dig(body, "status", "observedGeneration") != body["metadata"].get("generation"):
        raise CommandError(f"no operator has looked at the present spec of {whose} yet; try again in a moment")
    migration = _migration(body)
    if migration is None or migration.plan is None:
        raise CommandError(
            f"{whose} has no migration to undo, and nothing is left of what served before; to go back all the same, "
            "declare what was: that is a migration of its own"
        )
    levels = [_level(level, one, migration.plan) for level, one in migration.levels.items()]
    done = is_rolled_back(body)
    if not done and all(one.becomes == "stays" for one in levels):
        raise CommandError(
            f"plan {migration.plan} of {whose} has moved nothing that could be moved back; to go back all the same, "
            "declare what was: that is a migration of its own"
        )
    outcome: Literal["done", "possible"] = "done" if done else "possible"
    return RollbackReport(namespace=namespace, name=name, plan=migration.plan, outcome=outcome, levels=levels)


def is_rolled_back(body: Json) -> bool:
    """Return whether the plan that is declared is undone, by the word of an annotation that is still there."""
    migration = _migration(body)
    asked = dig(body, "metadata", "annotations", ROLLBACK)
    return migration is not None and migration.phase == Stage.ROLLED_BACK and asked == migration.plan


def annotated(plan: str) -> dict[str, Any]:
    """Return the patch that says that a plan is not wanted."""
    return {"metadata": {"annotations": {ROLLBACK: plan}}}


def _migration(body: Json) -> MigrationStatus | None:
    told = dig(body, "status", "migration")
    try:
        return None if told is None else MigrationStatus.model_validate(told)
    except ValidationError as error:
        raise CommandError(
            "its status is not as this version knows it; is the plugin as new as the operator?"
        ) from error


def _level(level: str, one: LevelMigration, plan: str) -> LevelReport:
    source, target = one.source or "", one.target or ""
    if one.phase in _KEPT and one.plan == plan:
        return LevelReport(
            level=level, becomes="returns", source=target, target=source, previous_until=one.previous_until
        )
    if one.phase in _KEPT or one.phase == Stage.REMOVING:  # that came by another plan, or it is too late
        return LevelReport(level=level, becomes="stays", source=target, target=target)
    becomes: Becomes = "stays" if one.phase in _OVER else "aborts"
    return LevelReport(level=level, becomes=becomes, source=source, target=source)
