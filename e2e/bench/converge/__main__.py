"""The command: `make bench-converge`, or `python -m e2e.bench.converge [--quick] [--without-shared] [--objects N]`."""

import argparse
import dataclasses
import os

from e2e.bench.converge.figures import QUICK, Size, measure
from e2e.bench.converge.growth import grow
from e2e.bench.converge.report import Report
from e2e.bench.converge.scene import Scene
from hirag_operator.settings import Settings


def main() -> None:
    """Take the figures, print them, write build/bench/converge.json; other names for the quick form and for growth."""
    parser = argparse.ArgumentParser(prog="bench-converge", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few of everything: shows that it runs, not how fast")
    parser.add_argument("--without-shared", action="store_true", help="leave placement Shared out")
    parser.add_argument("--objects", type=int, default=0, metavar="N", help="show instead how each cost grows to N")
    asked = parser.parse_args()
    size = QUICK if asked.quick else Size()
    if asked.without_shared:
        size = dataclasses.replace(size, shared=0)
    resync_seconds = size.resync_seconds or Settings.model_fields["resync_seconds"].default
    print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors", flush=True)
    report = Report()
    with Scene(size.resync_seconds) as scene:
        if asked.objects:
            grow(scene, asked.objects, resync_seconds, report)
        else:
            measure(scene, size, resync_seconds, report)
    report.finish("-".join(["converge", *["quick"] * asked.quick, *["growth"] * bool(asked.objects)]))


if __name__ == "__main__":
    main()
