"""Looking at an object in the server itself before anything is changed for it in Weaviate.

A process that has come to lead goes by what its watches have brought. That may lag behind what the leader before it saw
and did: data would be made for an object that was let go since, and nobody would remove it; and an object that was made
anew under the same name would lose its own. From then on only this process lets objects go, and it sees its own writes,
so once in each term is enough.
"""

import threading
from collections.abc import Mapping
from typing import Any, Final

from hirag_operator.adapters.kubernetes import KubernetesAdapter

_MOST: Final = 50_000  # objects that are remembered; beyond, all are looked at once more


class Current:
    """The objects that were found to be as the watches say, since this process leads. Thread-safe."""

    def __init__(self) -> None:
        self._found: set[str] = set()
        self._lock = threading.Lock()

    def clear(self) -> None:
        """Begin a term."""
        with self._lock:
            self._found.clear()

    def require(self, kubernetes: KubernetesAdapter, body: Mapping[str, Any]) -> None:
        """Return if an object is as `body` has it, or was in this term; else raise Outdated."""
        uid = str(body["metadata"].get("uid") or "")
        with self._lock:
            if uid in self._found:
                return
        kubernetes.require_current(body)
        with self._lock:
            if len(self._found) >= _MOST:
                self._found.clear()
            self._found.add(uid)
