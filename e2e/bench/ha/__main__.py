"""The command: `make bench-ha`, or `python -m e2e.bench.ha [--quick]`."""

import argparse
import os

from e2e.bench.ha.figures import QUICK, Size, measure
from e2e.bench.ha.report import Report
from e2e.cluster.toolchain import Toolchain


def main() -> None:
    """Take the figures, print them, write build/bench/ha.json; ha-quick.json in the quick form."""
    parser = argparse.ArgumentParser(prog="bench-ha", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="once each, with few objects: shows that it runs")
    asked = parser.parse_args()
    print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors", flush=True)
    report = Report()
    measure(Toolchain.from_environment(), QUICK if asked.quick else Size(), report)
    report.finish("ha-quick" if asked.quick else "ha")


if __name__ == "__main__":
    main()
