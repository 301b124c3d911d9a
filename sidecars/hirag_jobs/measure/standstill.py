"""A moment that parts what a search can find from what is written while an index is measured."""

import time
from typing import Final

from hirag_jobs.rest import Rest

_LOOK_SECONDS: Final = 0.02
_STORED_SECONDS: Final = 1.0
"""From its date until a write is stored by a server that is busy, where no model is asked first."""


def standstill(rest: Rest) -> int:
    """Waits for the server's clock to come to its next second, and until what is dated before is stored.

    The clock is told to the second below, so only its tick says what time it is.

    Returns:
        That second, in milliseconds since 1970: objects with an earlier update time are there for whoever searches now.

    Raises:
        VectorStoreError: Weaviate was not reached.
    """
    before = rest.now()
    while (now := rest.now()) == before:
        time.sleep(_LOOK_SECONDS)
    time.sleep(_STORED_SECONDS)
    return now
