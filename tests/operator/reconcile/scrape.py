"""Reading the metrics of an operator that runs."""

import re

import httpx

from e2e.cluster.namespace import eventually
from e2e.cluster.operator import OperatorProcess


def metric(operator: OperatorProcess, name: str) -> float:
    """Return the sum of the samples whose line begins with `name`."""
    lines = httpx.get(f"{operator.url}/metrics").text.splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name))


def reconciles(operator: OperatorProcess) -> dict[str, int]:
    """Return how many reconciles have ended, by kind."""
    counts: dict[str, int] = {}
    found = re.findall(
        r'^hirag_operator_reconciles_total\{kind="(\w+)",result="(\w+)"\} (\S+)$',
        httpx.get(f"{operator.url}/metrics", trust_env=False).text,
        re.MULTILINE,
    )
    for kind, result, number in found:
        assert result in {"done", "retry"} or not float(number), f"{number} {result} of {kind}"
        counts[kind] = counts.get(kind, 0) + int(float(number))
    return counts


def await_reconciles(operator: OperatorProcess, total: int, of_each: int) -> None:
    """Wait for so many more reconciles, and so many of each of the three kinds."""
    before = reconciles(operator)
    eventually(
        lambda: {kind: number - before.get(kind, 0) for kind, number in reconciles(operator).items()},
        lambda more: sum(more.values()) >= total and len(more) == 3 and min(more.values()) >= of_each,
        90,
    )
