"""What a process uses, from /proc."""

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Usage:
    """Processor seconds since the start; resident memory now and at its most, in MB."""

    cpu_seconds: float
    resident: float
    most_resident: float


def usage(pid: int) -> Usage:
    """Read what a process has used."""
    times = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    cpu_seconds = (int(times[11]) + int(times[12])) / _TICKS  # utime and stime; the name before may hold spaces
    return Usage(cpu_seconds, _megabytes(status["VmRSS"]), _megabytes(status["VmHWM"]))


def _megabytes(value: str) -> float:
    return int(value.split(maxsplit=1)[0]) / 1024
