"""`python -m e2e.cluster.toolchain [GROUP…]`: get what tests and demo need, or these groups, and say where it is."""

import argparse
import sys
from typing import get_args

from e2e.cluster import data
from e2e.cluster.errors import ClusterError
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.toolchain.pins import TOOLS, Group


def main() -> int:
    """Return 0 when all is there."""
    parser = argparse.ArgumentParser(prog="toolchain", description=__doc__)
    parser.add_argument("groups", nargs="*", choices=get_args(Group), default=["base"])
    groups = parser.parse_args().groups
    tools = Toolchain.from_environment()
    try:
        tools.ensure(*groups)
        found = {tool.name: tools.path(tool.name) for tool in TOOLS if tool.group in groups}
        model, ranks = data.model_folder(), data.tiktoken_cache()
    except ClusterError as error:
        print(error, file=sys.stderr)
        return 1
    for name, file in found.items():
        print(f"{name:24} {file} ({tools.origins[name]})")
    print(f"{'sample model':24} {model}\n{'tokenizer ranks':24} {ranks}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
