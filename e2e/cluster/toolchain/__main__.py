"""`python -m e2e.cluster.toolchain [GROUP…]`: get what tests and demo need, or these groups, and say where it is."""

import argparse
import sys
from collections.abc import Sequence
from typing import get_args

from e2e.cluster import data
from e2e.cluster.errors import ClusterError
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.toolchain.pins import TOOLS, Group


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 when all is there. `arguments` are those of the command line when absent."""
    parser = argparse.ArgumentParser(prog="toolchain", description=__doc__)
    parser.add_argument("groups", nargs="*", type=_group, default=["base"], metavar="GROUP")
    groups = parser.parse_args(arguments).groups
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


def _group(word: str) -> str:
    """Return a group's name; argparse's own choices would hold a default list against them as one value."""
    groups = get_args(Group)
    if word not in groups:
        raise argparse.ArgumentTypeError(f"{word!r} is none of {', '.join(groups)}")
    return word


if __name__ == "__main__":
    sys.exit(main())
