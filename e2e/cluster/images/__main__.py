"""`python -m e2e.cluster.images [NAME…]`: build images without a container engine, and say where they are."""

import sys

from e2e.cluster.errors import ClusterError
from e2e.cluster.images import RECIPES, build, reference


def main() -> int:
    """Return 0 when all are there."""
    try:
        archives = build(sys.argv[1:] or tuple(RECIPES))
    except ClusterError as error:
        print(error, file=sys.stderr)
        return 1
    for name, archive in archives.items():
        print(f"{reference(name):44} {archive.stat().st_size / 1e6:6.1f} MB  {archive}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
