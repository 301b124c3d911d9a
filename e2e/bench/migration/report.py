"""What the benchmark found: figures with their goals and peers, one table, and the file for later comparison."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from e2e.bench.results import Figure, write


@dataclass
class Report:
    """Figures in the order in which they were found."""

    figures: list[Figure] = field(default_factory=list)

    def add(
        self,
        name: str,
        value: float,
        unit: str,
        better: Literal["lower", "higher"] = "lower",
        goal: float | None = None,
        peers: Mapping[str, float] | None = None,
    ) -> None:
        """Take in a figure, and print it."""
        told = {peer: round(theirs, 2) for peer, theirs in (peers or {}).items()}
        self.figures.append(Figure(name, round(value, 2), unit, better, goal, told))
        print(f"  {_line(self.figures[-1])}", flush=True)

    def finish(self, name: str) -> None:
        """Print the table and write build/bench/NAME.json."""
        print(f"\n{'figure':64} {'value':>9} {'':6} {'goal':>6}  verdict  peers")
        for one in self.figures:
            print(_line(one))
        print(f"written to {write(name, self.figures)}")


def _line(one: Figure) -> str:
    goal = "" if one.goal is None else f"{one.goal:g}"
    peers = ", ".join(f"{peer} {theirs:g}" for peer, theirs in one.peers.items())
    return f"{one.name:64} {one.value:9g} {one.unit:6} {goal:>6}  {one.verdict:7}  {peers}"
