"""`python -m e2e.demo up | down`; `serve` is what `up` leaves in the background."""

import argparse
import sys

from e2e.cluster.errors import ClusterError
from e2e.demo.background import DemoError, stop
from e2e.demo.foreground import up
from e2e.demo.supervisor import serve


def main() -> None:
    """Run one of the three."""
    parser = argparse.ArgumentParser(prog="python -m e2e.demo", description=__doc__)
    actions = {"up": up, "down": stop, "serve": serve}
    parser.add_argument("action", choices=actions)
    try:
        actions[parser.parse_args().action]()
    except (DemoError, ClusterError) as error:
        sys.exit(f"demo: {error}")


if __name__ == "__main__":
    main()
