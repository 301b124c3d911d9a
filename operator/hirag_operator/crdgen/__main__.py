"""Command line of the generator."""

import argparse
import sys
from pathlib import Path

from hirag_operator.crdgen.artefacts import stale, write


def main(arguments: list[str] | None = None) -> int:
    """Write the generated files, or with `--check` say which are stale; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m hirag_operator.crdgen", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a generated file is stale")
    parser.add_argument("--root", type=Path, default=Path(), help="root of the repository (default: this folder)")
    options = parser.parse_args(arguments)
    if not options.check:
        write(options.root)
        return 0
    complaints = stale(options.root)
    for complaint in complaints:
        sys.stderr.write(f"{complaint}; run `make crds`\n")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
