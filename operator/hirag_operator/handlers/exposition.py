"""The text of /metrics: what the process counts, and what stands in the status of the objects that it watches."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

from prometheus_client import generate_latest

from hirag_operator import metrics
from hirag_operator.adapters.store import Store, address_of, version_of
from hirag_operator.api import KINDS
from hirag_operator.plan.figures import FAMILIES, Family, Figure, figures

Json = dict[str, Any]
Lines = tuple[tuple[Family, bytes], ...]

_ESCAPED: Final = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})


class ObjectFigures:
    """The figures of all objects of our kinds, written out whenever they are asked for.

    What was written of an object is kept with the version of it that it is of: among ten thousand that rest, only those
    that have changed since the last time are read again. Not thread-safe.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._written: dict[tuple[str, str, str], tuple[str, Lines]] = {}

    def text(self) -> bytes:
        """Return every family, also one that no object has a figure of: its help is told all the same."""
        families = {family: [_heading(family)] for family in FAMILIES}
        current: dict[tuple[str, str, str], tuple[str, Lines]] = {}
        for kind in KINDS:
            for body in self._store.all_of(kind.resource.kind):
                key, version = (kind.resource.kind, *address_of(body)), version_of(body)
                known = self._written.get(key)
                written = known if known is not None and known[0] == version else (version, _lines(figures(body)))
                current[key] = written
                for family, line in written[1]:
                    families[family].append(line)
        self._written = current  # without those that are gone
        return b"".join(line for lines in families.values() for line in lines)


class Exposition:
    """Writes the text, off the event loop and once at a time: ten thousand objects take a moment."""

    def __init__(self, store: Store) -> None:
        self._objects = ObjectFigures(store)
        self._one_at_a_time = asyncio.Lock()

    async def text(self) -> bytes:
        """Return all of it, in Prometheus' text format."""
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._all)

    def _all(self) -> bytes:
        return generate_latest(metrics.REGISTRY) + self._objects.text()


def _heading(family: Family) -> bytes:
    return f"# HELP {family.name} {family.tells}\n# TYPE {family.name} gauge\n".encode()


def _lines(found: Iterable[Figure]) -> Lines:
    return tuple((figure.family, _line(figure)) for figure in found)


def _line(figure: Figure) -> bytes:
    values = (value.translate(_ESCAPED) for value in figure.labels)
    labels = ",".join(f'{name}="{value}"' for name, value in zip(figure.family.labels, values, strict=True))
    return f"{figure.family.name}{{{labels}}} {float(figure.value)!r}\n".encode()
