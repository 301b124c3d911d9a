"""Writers of a collection of others that move to the level's alias once the collection takes no writes any more."""

import time
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

from weaviate.exceptions import WeaviateBaseError

from e2e.cluster.traffic import Traffic

AGAIN_SECONDS = 0.02  # between two looks for the alias


class Moving(Traffic):
    """Traffic whose writers move, each at the first write that is refused; readers stay with the collection."""

    def __init__(self, url: str, grpc: str, collection: str, alias: str, dimensions: int, rate: float) -> None:
        super().__init__(url, grpc, collection, None, dimensions, rate=rate)
        self._to = alias

    def _collection(self) -> Any:
        here = super()._collection()
        return SimpleNamespace(data=_Mover(here.data, partial(self._moved, self._data(self._to))), query=here.query)

    def _moved(self, there: Any) -> Any:
        while not self._client.alias.exists(alias_name=self._to):
            time.sleep(AGAIN_SECONDS)
        return there


class _Mover:
    """Writes here until that is refused, and from then on where `move` leads."""

    def __init__(self, here: Any, move: Callable[[], Any]) -> None:
        self._at, self._move, self._moved = here, move, False

    def insert(self, **said: Any) -> Any:
        return self._try("insert", **said)

    def replace(self, **said: Any) -> Any:
        return self._try("replace", **said)

    def delete_by_id(self, one: Any) -> Any:
        return self._try("delete_by_id", one)

    def _try(self, name: str, *said: Any, **named: Any) -> Any:
        try:
            return getattr(self._at, name)(*said, **named)
        except WeaviateBaseError as error:
            if "read-only" not in str(error) or self._moved:
                raise
        self._at, self._moved = self._move(), True
        return getattr(self._at, name)(*said, **named)
