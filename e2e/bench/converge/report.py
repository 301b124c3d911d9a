"""What the benchmark found: figures with their goals, one table, and the file for later comparison."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from e2e.bench.converge.burst import Race
from e2e.bench.converge.counts import READ, WRITE, total
from e2e.bench.results import Figure, write

RATIO_GOAL = 1.5
LOOP = "plain loop"


@dataclass
class Report:
    """Figures in the order in which they were found.

    Attributes:
        figures: What is written to build/bench/converge.json.
        differences: Work whose writes the operator and the loop made in different numbers.
    """

    figures: list[Figure] = field(default_factory=list)
    differences: dict[str, dict[str, tuple[int, int]]] = field(default_factory=dict)

    def add(
        self,
        name: str,
        value: float,
        unit: str,
        goal: float | None = None,
        peers: Mapping[str, float] | None = None,
    ) -> None:
        """Take in a figure of which less is better, and print it."""
        rounded = {peer: round(number, 3) for peer, number in (peers or {}).items()}
        figure = Figure(name, round(value, 3), unit, better="lower", goal=goal, peers=rounded)
        self.figures.append(figure)
        print(f"  {_line(figure)}", flush=True)

    def add_race(self, name: str, race: Race) -> None:
        """Take in the operator's and the loop's time for the same work, and how their writes compare."""
        rounds = len(race.seconds)
        mean, loop_mean = sum(race.seconds) / rounds, sum(race.loop_seconds) / rounds
        self.add(f"{name}: time", mean, "s", peers={LOOP: loop_mean})
        self.add(f"{name}: time over the plain loop's", race.ratio, "ratio", RATIO_GOAL, {LOOP: 1.0})
        if rounds > 1:
            apart = {LOOP: _apart(race.loop_seconds)}
            self.add(f"{name}: noise, how far apart {rounds} rounds are", _apart(race.seconds), "%", peers=apart)
        mine, theirs = total(race.counts, WRITE), total(race.loop_counts, WRITE)
        self.add(f"{name}: writes", mine, "requests", peers={LOOP: theirs})
        self.add(f"{name}: reads", total(race.counts, READ), "requests")
        self.add(f"{name}: processor time of the operator", race.operator_cpu, "s")
        self.differences[name] = race.differences()
        for what, (ours, loop) in self.differences[name].items():
            print(f"    {what}: {ours} by the operator, {loop} by the loop", flush=True)
        for what, number in race.refused().items():
            print(f"    refused: {number} times {what}", flush=True)

    def finish(self, name: str) -> None:
        """Print the table and write build/bench/NAME.json."""
        print(f"\n{'figure':78} {'value':>10} {'':8} {'goal':>7}  {'plain loop':>10}  verdict")
        for one in self.figures:
            print(_line(one))
        print(f"written to {write(name, self.figures)}")


def _apart(seconds: Sequence[float]) -> float:
    """Return the spread in percent of the mean."""
    return (max(seconds) - min(seconds)) / (sum(seconds) / len(seconds)) * 100


def _line(one: Figure) -> str:
    goal = "" if one.goal is None else f"{one.goal:g}"
    peer = f"{one.peers[LOOP]:g}" if LOOP in one.peers else ""
    return f"{one.name:78} {one.value:10g} {one.unit:8} {goal:>7}  {peer:>10}  {one.verdict}"
