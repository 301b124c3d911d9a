"""A stream of changes: what a team applies, edits and deletes, one after another, and what it comes to in the end."""

import random
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from e2e.cluster.namespace import Namespace

Json = dict[str, Any]

KIND, POLICY = "ContextCollection", "everyday"
LASTING = tuple(f"handbook-{i}" for i in range(4))
PASSING = tuple(f"notebook-{i}" for i in range(4))
TENANTS = tuple(f"customer-{i}" for i in range(8))
FIRST_EF = 100


class Stream:
    """Applies changes from a thread of its own, for as long as the context.

    Collections that last have tenants come and go; the policy that they are bound to changes in place; others come and
    go as a whole. The user's requests pass no proxy.

    Args:
        namespace: Where.
        model: The EmbeddingModel.
        apart: Seconds from one change to the next.

    Attributes:
        applied: How many changes were made.
        tenants: What the last YAML of each lasting collection declares.
        present: Those of the others that are to exist.
        ef: What the last YAML of the policy declares.
    """

    def __init__(self, namespace: Namespace, model: str, apart: float) -> None:
        self._namespace, self._model, self._apart = namespace, model, apart
        self._random = random.Random(20_261_125)  # noqa: S311  the same changes in each run
        self._over = threading.Event()
        self._trouble: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="stream", daemon=True)
        self.applied = 0
        self.tenants: dict[str, frozenset[str]] = {}
        self.present: set[str] = set()
        self.ef = FIRST_EF

    def __enter__(self) -> Self:
        self._bind(FIRST_EF)
        for name in LASTING:
            self._declare(name, frozenset(TENANTS[:2]))
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()
        if self._trouble is not None and error is None:
            raise self._trouble

    def _run(self) -> None:
        try:
            while not self._over.wait(self._apart):
                self._change()
                self.applied += 1
        except Exception as trouble:  # noqa: BLE001  raised where the stream is ended
            self._trouble = trouble

    def _change(self) -> None:
        match self._random.choices(("tenants", "policy", "passing"), (6, 1, 2))[0]:
            case "tenants":
                few = self._random.sample(TENANTS, self._random.randint(1, len(TENANTS)))
                self._declare(self._random.choice(LASTING), frozenset(few))
            case "policy":
                self._bind(self.ef + 1)
            case _:
                self._come_or_go(self._random.choice(PASSING))

    def _declare(self, name: str, tenants: frozenset[str]) -> None:
        tenancy = {
            "enabled": True,
            "tenants": [{"name": one} for one in sorted(tenants)],
            "removal": {"policy": "Delete", "maxPercent": 100},
        }
        levels = {"longTerm": {"indexPolicyRef": {"name": POLICY}}}
        self._namespace.apply(KIND, name, {**self._spec(levels), "multiTenancy": tenancy})
        self.tenants[name] = tenants

    def _bind(self, ef: int) -> None:
        self._namespace.apply("HNSWIndexPolicy", POLICY, {"indexType": "hnsw", "hnsw": {"ef": ef}})
        self.ef = ef

    def _come_or_go(self, name: str) -> None:
        """Delete what is to exist; make what is not, once the last of its name has gone."""
        if name in self.present:
            self._namespace.delete(KIND, name)
            self.present.discard(name)
        elif self._namespace.get(KIND, name) is None:
            self._namespace.apply(KIND, name, {**self._spec({"shortTerm": {}, "longTerm": {}}), "placement": "Shared"})
            self.present.add(name)

    def _spec(self, levels: Mapping[str, Any]) -> Json:
        return {
            "embeddingModelRef": {"name": self._model},
            "levels": dict(levels),
            "chunking": {"maxTokens": 200},
            "deletionPolicy": "Delete",
        }
