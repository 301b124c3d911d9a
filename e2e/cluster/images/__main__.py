"""`python -m e2e.cluster.images [--to DIR] [NAME…]`: images without a container engine, and what they weigh."""

import argparse
import shutil
import sys
from pathlib import Path

from e2e.cluster.errors import ClusterError
from e2e.cluster.images import RECIPES, build, reference
from e2e.cluster.images.archive import Archive


def main() -> int:
    """Return 0 when all are there."""
    parser = argparse.ArgumentParser(prog="python -m e2e.cluster.images", description="Build images without an engine.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(RECIPES)}; all when none is named")
    parser.add_argument("--to", type=Path, metavar="DIR", help="folder for the archives, as NAME.tar")
    asked = parser.parse_args()
    try:
        archives = build(asked.names or tuple(RECIPES))
    except ClusterError as error:
        print(error, file=sys.stderr)
        return 1
    for name, archive in archives.items():
        place = archive
        if asked.to is not None:
            asked.to.mkdir(parents=True, exist_ok=True)
            place = Path(shutil.copyfile(archive, asked.to / f"{name}.tar"))
        layers = " + ".join(f"{layer.size / 1e6:.1f}" for layer in Archive(archive).layers())
        print(f"{reference(name)}: {archive.stat().st_size / 1e6:.1f} MB ({layers}) in {place}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
