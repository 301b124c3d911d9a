"""The command: `make bench-migration`, or `python -m e2e.bench.migration [--objects 100000] [--sizes 10000 …]`."""

import argparse
import os

from e2e.bench.migration.copies import ROUNDS, measure_copies
from e2e.bench.migration.embedding import measure_embedding
from e2e.bench.migration.freezing import SIZES, SLOWDOWN, measure_freezes
from e2e.bench.migration.memory import measure_memory
from e2e.bench.migration.report import Report
from e2e.bench.migration.tenants import TENANTS, measure_tenants
from e2e.cluster.toolchain import Toolchain

_OBJECTS = 100_000
_TEXTS = 2_000


def main() -> None:
    """Take the figures, print them, write build/bench/migration.json."""
    parser = argparse.ArgumentParser(prog="bench-migration", description=__doc__)
    parser.add_argument(
        "--objects", type=int, default=_OBJECTS, help="objects of 384 dimensions that are copied; 0: none"
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of copies, in turns; the best of each counts")
    parser.add_argument("--texts", type=int, default=_TEXTS, help="texts that are embedded anew; or 0")
    parser.add_argument(
        "--sizes", type=int, nargs="*", default=SIZES, help="objects of the collections that are swapped"
    )
    parser.add_argument(
        "--slowdown", type=float, default=SLOWDOWN, help="how many times longer searches may take; 0: full speed"
    )
    parser.add_argument("--tenants", type=int, default=TENANTS, help="tenants that are swapped at once; or 0")
    parser.add_argument("--memory", type=int, default=_OBJECTS, help="objects by which memory is told; or 0")
    asked = parser.parse_args()
    print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors", flush=True)
    report, tools = Report(), Toolchain.from_environment()
    if asked.objects:
        measure_copies(tools, asked.objects, report, asked.rounds)
    if asked.texts:
        measure_embedding(tools, asked.texts, report)
    measure_freezes(tools, asked.sizes, report, asked.slowdown)
    if asked.tenants:
        measure_tenants(tools, asked.tenants, report)
    if asked.memory:
        measure_memory(tools, asked.memory, report)
    report.finish("migration")


if __name__ == "__main__":
    main()
