"""The one decision about a level's migration."""

from hirag_operator.plan.collection.migration.backward import abandoned, alias_moved, outlived, rolled_back, soak
from hirag_operator.plan.collection.migration.course import Course, Terms
from hirag_operator.plan.collection.migration.forward import advance
from hirag_operator.plan.collection.migration.seen import SeenMigration


def decide(seen: SeenMigration, terms: Terms) -> Course | None:
    """Return at which stage the migration of a level is and what comes next; None where there is nothing to do.

    First what is not as it seems, then what is left of migrations that nobody wants, then the one that is wanted; an
    earlier one in its soak waits for that. Where the declared plan is not wanted, what served before it is.
    """
    first = alias_moved(seen, terms) or abandoned(seen, terms) or outlived(seen, terms)
    if first is not None:
        return first
    if seen.pending:
        return advance(seen, terms)
    after = soak(seen, terms)
    return after if terms.undone is None else rolled_back(after, seen, terms, terms.undone)
