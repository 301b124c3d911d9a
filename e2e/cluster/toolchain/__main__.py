"""`python -m e2e.cluster.toolchain`: get everything that tests and the demo need, and say where it is."""

import sys

from e2e.cluster import data
from e2e.cluster.errors import ClusterError
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.toolchain.pins import TOOLS


def main() -> int:
    """Return 0 when all is there."""
    tools = Toolchain.from_environment()
    try:
        found = {tool.name: tools.path(tool.name) for tool in TOOLS}
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
