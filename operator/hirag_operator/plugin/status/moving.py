"""What is told of a migration: where it is, how far, from where to where, and until when there is a way back."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from rich.text import Text
from rich.tree import Tree

from hirag_operator.plan.collection.migration.course import Stage
from hirag_operator.plan.collection.rollback import undo
from hirag_operator.plugin.status.report import LevelMigrationReport, MigrationReport, ObjectReport
from hirag_operator.plugin.terminal import age, counted, line, marked

_AFTER: Final = frozenset(
    {Stage.SOAKING, Stage.KEPT, Stage.REMOVING, Stage.ADOPTED}
)  # the alias leads to the target by then


def migration_branch(one: MigrationReport, whose: ObjectReport, now: datetime) -> Tree:
    """Return the branch of a migration."""
    takes: list[str | Text] = [" (", marked(one.change_class), ")"] if one.change_class else []
    facts = [fact for fact in (_carried(one.done, one.total), one.estimate) if fact]
    branch = Tree(line("Migration", *takes, ": ", marked(one.phase), *(f", {fact}" for fact in facts)), highlight=False)
    for level in one.levels:
        branch.add(_level(level, now))
    if one.phase == Stage.AWAITING_APPROVAL and one.plan:
        command = f"kubectl annotate ctx {whose.name} -n {whose.namespace} --overwrite hirag.dev/approve={one.plan}"
        branch.add(line(f"To approve it: {command}"))
    if one.phase in {Stage.SOAKING, Stage.KEPT} and any(level.plan == one.plan for level in one.levels):
        branch.add(line(f"To go back: kubectl hirag rollback {whose.name} -n {whose.namespace}"))
    if one.phase == Stage.ROLLED_BACK:
        branch.add(line(f"To migrate after all: {undo(whose.namespace, whose.name)}"))
    return branch


def _level(level: LevelMigrationReport, now: datetime) -> Text:
    facts = [", ".join(_facts(level)), *_way(level, now)]
    return line(f"Level {level.level}: ", marked(level.phase), *(f"\n{fact}" for fact in facts if fact))


def _facts(level: LevelMigrationReport) -> Iterator[str]:
    if carried := _carried(level.done, level.total):
        yield carried
    if level.tenants:
        yield f"tenants {level.tenants_done or 0:,} of {level.tenants:,}"
    if level.per_second:
        yield f"{level.per_second:,} a second"
    if level.alike is not None:
        yield f"{level.alike:,} compared and alike"
    if level.recall is not None:
        yield f"recall {level.recall:.3f}"
    if level.golden_recall is not None:
        yield f"recall of golden queries {level.golden_recall:.3f}"
    if level.came_back:
        gone = level.came_back_milliseconds
        yield f"{counted(level.came_back, 'deleted object')} back{'' if gone is None else f' for {gone:,} ms'}"
    if level.carried_late:
        yield f"{counted(level.carried_late, 'write')} carried after the swap"


def _way(level: LevelMigrationReport, now: datetime) -> Iterator[str]:
    """Yield from where to where data goes, or what has become of the previous holder."""
    if not (level.source and level.target):
        return
    if level.phase == Stage.ROLLED_BACK:
        kept = f", and is kept read-only{_until(level.previous_until, now)}" if level.previous_until else ""
        yield f"{level.source} serves, and {level.target} is not wanted{kept}"
    elif level.phase not in _AFTER:
        yield f"{level.source} → {level.target}"
    elif level.phase == Stage.REMOVING:
        yield f"{level.source} goes, and {level.target} serves"
    elif level.phase == Stage.ADOPTED:
        yield f"{level.target} serves, filled from {level.source}"
    else:
        yield f"{level.target} serves, and {level.source} is kept read-only{_until(level.previous_until, now)}"


def _until(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return ""
    left = age(now, moment) if moment > now else "0s"
    return f" until {moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC, {left} from now"


def _carried(done: int | None, total: int | None) -> str:
    if done is None:
        return ""
    if total is None:
        return counted(done, "object")
    share = f" ({done / total:.0%})" if total else ""
    return f"{done:,} of {counted(total, 'object')}{share}"
