"""What the operator's libraries cost in memory: each in a fresh process, beside a bare interpreter."""

import subprocess
import sys

# What the operator is made of, each with all that it loads itself; the last is the operator, idle.
MODULES = (
    "",
    "asyncio",
    "prometheus_client",
    "structlog",
    "pydantic",
    "pydantic_settings",
    "httpx",
    "aiohttp.web",
    "kubernetes.client",
    "kubernetes.dynamic",
    "kopf",
    "hirag_operator.api",
    "hirag_operator.main",
)
_SECONDS = 60
_READ = "print(next(line for line in open('/proc/self/status') if line.startswith('VmRSS')).split()[1])"


def memory_by_import() -> dict[str, float]:
    """Return the resident memory in MB of a process that has imported nothing but one of MODULES; "" nothing at all."""
    return {module: _resident(module) for module in MODULES}


def _resident(module: str) -> float:
    program = f"import {module}\n{_READ}" if module else _READ
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=_SECONDS)
    return int(done.stdout) / 1024
