"""Whether Flux would take an object as it is written, by its own types."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from e2e.cluster.toolchain import Toolchain

_SECONDS = 60.0


def refusal(tools: Toolchain, objects: Sequence[Mapping[str, Any]]) -> str:
    """Return what Flux's types do not take of these objects: an unknown kind or field, a wrong type. Empty: nothing.

    Args:
        tools: Where the program comes from.
        objects: Objects of Flux's kinds, as a manifest has them.
    """
    done = subprocess.run(
        [tools.path("flux-strict")],
        input=json.dumps(list(objects)),
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
    )
    return done.stderr.strip() if done.returncode else ""
