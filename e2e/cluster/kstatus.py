"""What kstatus makes of an object's conditions, by its own implementation: the word that Flux and kpt go by."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from e2e.cluster.toolchain import Toolchain

_SECONDS = 60.0


@dataclass(frozen=True)
class Computed:
    """What kstatus says of one object.

    Attributes:
        status: Current, InProgress, Failed, Terminating, NotFound or Unknown.
        message: Its words, which are mostly those of the condition that decided.
    """

    status: str
    message: str


def compute(tools: Toolchain, objects: Sequence[Mapping[str, Any]]) -> list[Computed]:
    """Return what kstatus says of each object.

    Args:
        tools: Where the program comes from.
        objects: As the API server gives them.

    Raises:
        subprocess.CalledProcessError: kstatus refuses one of them; standard error says which.
    """
    answer = subprocess.run(
        [tools.path("kstatus")],
        input=json.dumps(list(objects)),
        capture_output=True,
        text=True,
        check=True,
        timeout=_SECONDS,
    )
    return [Computed(one["status"], one["message"]) for one in json.loads(answer.stdout)]
