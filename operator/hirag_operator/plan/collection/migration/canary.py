"""Which of the levels that a shared model or policy changes goes first, so that a mistake reaches one and not all."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Member:
    """A level that uses a shared object.

    Args:
        objects: How many it holds.
        namespace: Of its ContextCollection.
        name: Of its ContextCollection.
        level: Which.
        done: Whether it serves as the object has it now.
    """

    objects: int
    namespace: str
    name: str
    level: str
    done: bool = False

    @property
    def whose(self) -> str:
        """Return its collection, as people write it."""
        return f"{self.namespace}/{self.name}"


def goes_first(members: Sequence[Member], named: tuple[str, str] | None) -> Member | None:
    """Return the level that all others wait for; None where none has to wait.

    `named` is the namespace and name of the collection that is to be first, where somebody said so and it is one of
    them; else it is the one with the fewest objects. Empty levels prove nothing: they come first only among themselves.
    Once one with objects serves as the object has it now, it has been verified, and none waits.
    """
    chosen = [one for one in members if (one.namespace, one.name) == named]
    if any(one.done and one.objects for one in chosen or members) or len(members) < 2:  # noqa: PLR2004  one alone is first
        return None
    with_objects = [one for one in members if one.objects]
    return min(chosen or with_objects or members)


def waits_for(first: Member | None, namespace: str, name: str) -> Member | None:
    """Return what a level of a collection waits for: both levels of the first collection may go at once."""
    return None if first is None or (first.namespace, first.name) == (namespace, name) else first
