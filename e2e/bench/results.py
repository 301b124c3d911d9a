"""What a benchmark leaves behind: build/bench/NAME.json, one shape for all."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

FOLDER = Path(__file__).parents[2] / "build" / "bench"


@dataclass(frozen=True)
class Figure:
    """One measured figure: its value in `unit`, which way is better, the goal if any, and the peers' values."""

    name: str
    value: float
    unit: str
    better: Literal["lower", "higher"]
    goal: float | None
    peers: Mapping[str, float] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """Return `met` or `MISSED`; nothing where there is no goal."""
        if self.goal is None:
            return ""
        met = self.value <= self.goal if self.better == "lower" else self.value >= self.goal
        return "met" if met else "MISSED"


def write(name: str, figures: Sequence[Figure]) -> Path:
    """Write the figures of the benchmark `name`, with the machine they were measured on."""
    machine = {"cpus": os.cpu_count(), "architecture": platform.machine(), "python": platform.python_version()}
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / f"{name}.json"
    file.write_text(
        json.dumps({"machine": machine, "figures": [asdict(figure) for figure in figures]}, indent=2) + "\n"
    )
    return file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file
