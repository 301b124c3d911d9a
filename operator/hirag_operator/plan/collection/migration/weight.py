"""What a second revision weighs beside the first, before it is made."""

from typing import Any, Final

_LINK_BYTES: Final = 10  # of a neighbour in a graph, in memory (https://docs.weaviate.io/weaviate/concepts/resources)
_UNITS: Final = ("B", "kB", "MB", "GB", "TB")
_STEP: Final = 1000


def weight(objects: int | None, tenants: int | None, object_bytes: float | None, dimensions: int, index: Any) -> str:
    """Return in words what a copy of so many objects takes besides: memory for vectors and graph, and disk.

    Args:
        objects: How many; None: not known.
        tenants: Among how many tenants of its own; None: it keeps none.
        object_bytes: How long one is on average, without its vector; None: not known.
        dimensions: Of a vector, of four bytes each: quantization keeps the whole vectors too, on disk.
        index: The vectorIndexConfig that it gets.
    """
    if objects is None and tenants is not None:
        return f"{tenants:,} {'tenant' if tenants == 1 else 'tenants'}, whose objects are counted as they are carried"
    objects = objects or 0
    links = int((index or {}).get("maxConnections") or (index or {}).get("hnsw", {}).get("maxConnections") or 0)
    memory = objects * (4 * dimensions + _LINK_BYTES * links)
    disk = objects * (4 * dimensions + _LINK_BYTES * links + (object_bytes or 0))
    return (
        f"{objects:,} objects; until the old revision goes, about {_size(memory)} more memory and {_size(disk)} of disk"
    )


def _size(size: float) -> str:
    for unit in _UNITS[:-1]:
        if size < _STEP:
            return f"{size:.0f} {unit}"
        size /= _STEP
    return f"{size:.0f} {_UNITS[-1]}"
