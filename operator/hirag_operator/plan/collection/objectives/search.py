"""Looking for the smallest ef that meets the recall: by halving, a measurement to each step.

ef is a setting of the collection and not of a search, so each step changes it and has it measured before the next. What
comes next follows from the trials that are noted, and from nothing else.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from hirag_operator.api.index_objectives import EfBounds
from hirag_operator.plan.collection.objectives.notes import Trial

COUNTS_AT_LEAST_MS: Final = 3_600_000  # a search takes no longer, nearly always
MOST_GROWTH: Final = 2  # a trial with half or twice as many objects as now tells nothing of now


@dataclass(frozen=True)
class Found:
    """Where the search is.

    Args:
        ef: That is to be in force now: the next to be measured, or the one that was found.
        settled: Whether nothing is left to be tried.
        met: Whether the one that was found meets the recall; of one that is not settled nothing is known.
        left: How many more may have to be measured.
    """

    ef: int
    settled: bool = False
    met: bool = False
    left: int = 0


def search(trials: Iterable[Trial], bounds: EfBounds, target: float, counts_ms: int) -> Found:
    """Return what the trials come to: the most ef first, for recall comes before speed, then halves of what is left.

    More ef finds more. A trial that says otherwise than an earlier one is right: the data is another by now. Indexes
    grow, and need more with time: so that an ef was enough counts for `counts_ms` before the last trial, and that one
    was too little counts as long as there are about as many objects.
    """
    verdicts = _verdicts(trials, bounds, target, counts_ms)
    enough = min((ef for ef, met in verdicts.items() if met), default=None)
    too_little = max((ef for ef, met in verdicts.items() if not met), default=bounds.min - 1)
    if enough is None:
        most = bounds.max
        return Found(most, settled=too_little == most, left=0 if too_little == most else _halves(most - too_little) + 1)
    if enough == too_little + 1:
        return Found(enough, settled=True, met=True)
    return Found((too_little + enough) // 2, left=_halves(enough - too_little))


def still_tells(trial: Trial, objects: int) -> bool:
    """Return whether a trial tells something of a level that has so many objects now."""
    few, many = sorted((trial.objects, objects))
    return many < MOST_GROWTH * max(few, 1) or few == many


def _verdicts(trials: Iterable[Trial], bounds: EfBounds, target: float, counts_ms: int) -> dict[int, bool]:
    """Return for which ef the recall is met; of two that contradict each other the later counts."""
    measured = [one for one in trials if one.recall is not None]
    verdicts: dict[int, bool] = {}
    for one in measured:
        if not bounds.min <= one.ef <= bounds.max or not still_tells(one, measured[-1].objects):
            continue
        met = one.recall is not None and one.recall >= target
        if met and one.at < measured[-1].at - counts_ms:
            continue
        kept = {ef: was for ef, was in verdicts.items() if was == met or (ef > one.ef if was else ef < one.ef)}
        verdicts = {**kept, one.ef: met}
    return verdicts


def _halves(width: int) -> int:
    """Return how often a range of this many has to be halved until one is left."""
    return (width - 1).bit_length()
