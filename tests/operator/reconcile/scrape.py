"""Reading the metrics of an operator that runs."""

import httpx

from e2e.cluster.operator import OperatorProcess


def metric(operator: OperatorProcess, name: str) -> float:
    """Return the sum of the samples whose line begins with `name`."""
    lines = httpx.get(f"{operator.url}/metrics").text.splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name))
