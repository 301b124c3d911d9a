"""What the benchmark found: figures with their goals, one table, and the file for later comparison."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

from e2e.bench.results import Figure, write

PEER = "kube-scheduler"  # two of them, elected by client-go with its default times, on the same API server


@dataclass
class Report:
    """Figures in the order in which they were found; less is better of each."""

    figures: list[Figure] = field(default_factory=list)

    def add(self, name: str, value: float, unit: str, goal: float | None = None, peer: float | None = None) -> None:
        """Take in a figure, and print it."""
        peers = {} if peer is None else {PEER: round(peer, 2)}
        self.figures.append(Figure(name, round(value, 2), unit, "lower", goal, peers))
        print(f"  {_line(self.figures[-1])}", flush=True)

    def add_rounds(
        self, name: str, seconds: Sequence[float], goal: float | None = None, peer: Sequence[float] = ()
    ) -> None:
        """Take in what was timed several times: the median, and the longest, which is what a goal is held against."""
        if len(seconds) > 1:
            theirs = statistics.median(peer) if peer else None
            self.add(f"{name}: median of {len(seconds)}", statistics.median(seconds), "s", None, theirs)
        self.add(f"{name}: longest", max(seconds), "s", goal, max(peer, default=None))

    def finish(self, name: str) -> None:
        """Print the table and write build/bench/NAME.json."""
        print(f"\n{'figure':72} {'value':>8} {'':8} {'goal':>6}  {PEER:>14}  verdict")
        for one in self.figures:
            print(_line(one))
        print(f"written to {write(name, self.figures)}")


def _line(one: Figure) -> str:
    goal = "" if one.goal is None else f"{one.goal:g}"
    peer = f"{one.peers[PEER]:g}" if PEER in one.peers else ""
    return f"{one.name:72} {one.value:8g} {one.unit:8} {goal:>6}  {peer:>14}  {one.verdict}"
