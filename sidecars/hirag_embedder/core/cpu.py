"""How many CPUs this process may really use.

A container's quota is not what `os.cpu_count()` says: threads beyond the quota are throttled, all of them at once.
"""

import math
import os
from pathlib import Path


def available_cpus(root: Path = Path("/")) -> int:
    """Whole CPUs within the quota of the control group and the affinity mask, at least 1.

    A quota of 1.5 gives 2: using the quota up is worth more than never being throttled.

    Args:
        root: where `proc` and `sys` are found.
    """
    quota = min(_quotas(root), default=math.inf)
    allowed = len(os.sched_getaffinity(0))
    return max(1, min(allowed, math.ceil(quota)) if quota < math.inf else allowed)


def _quotas(root: Path) -> list[float]:
    """Every quota that binds this process, in CPUs: a control group is bound by its ancestors' quotas too."""
    try:
        lines = (root / "proc/self/cgroup").read_text("utf-8").splitlines()
    except OSError:
        return []  # no control groups here, as outside Linux
    quotas = []
    for line in lines:
        _, controllers, group = line.split(":", 2)
        if controllers == "":
            quotas += [_quota_v2(folder) for folder in _lineage(root / "sys/fs/cgroup", group)]
        elif "cpu" in controllers.split(","):
            quotas += [_quota_v1(folder) for folder in _lineage(root / "sys/fs/cgroup/cpu", group)]
    return quotas


def _lineage(mount: Path, group: str) -> list[Path]:
    """The group's folder and its ancestors'. In a container the group is often not below the mount: then the mount."""
    names = [name for name in group.split("/") if name not in ("", "..")]
    return [mount.joinpath(*names[:depth]) for depth in range(len(names) + 1)]


def _quota_v2(folder: Path) -> float:
    """`cpu.max` holds "max 100000" or "<quota> <period>" in microseconds (kernel: cgroup-v2.rst)."""
    quota, _, period = _read(folder / "cpu.max").partition(" ")
    return int(quota) / int(period) if quota not in ("", "max") else math.inf


def _quota_v1(folder: Path) -> float:
    """`cpu.cfs_quota_us` over `cpu.cfs_period_us`; -1 is no quota (kernel: sched-bwc.rst)."""
    quota, period = _read(folder / "cpu.cfs_quota_us"), _read(folder / "cpu.cfs_period_us")
    return int(quota) / int(period) if quota and period and int(quota) > 0 else math.inf


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except OSError:
        return ""  # the file is absent where no quota can be set, as at the root group
