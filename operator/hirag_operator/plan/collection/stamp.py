"""The stamp on a physical collection: whose it is and which vectors it holds.

It lives in the class's `moduleConfig` under a key of its own. Weaviate keeps keys of modules that it does not know,
refuses to change them (422) and ignores their absence in a PUT, so the stamp survives restarts, sparse PUTs and edits
by hand, where a description would be lost at the first of them.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

MODULE_KEY = "hirag"
_OPTIONAL = ("adopted", "adopted_vectors")  # said of few collections alone


@dataclass(frozen=True)
class Stamp:
    """Ownership and content of one physical collection.

    `instance` tells apart operators that share a Weaviate; `fingerprint` is of the vectors inside, and `sketch` what
    the model that made them answered to fixed texts (empty: unknown); `revision` is the one in the collection's name.
    A pool belongs to no object: its namespace, name and level are empty. `adopted` is the collection of others from
    which the level was filled when it was made, `adopted_vectors` whether with its vectors (Copy) or new ones (Embed);
    empty: from none.
    """

    instance: str
    namespace: str
    name: str
    level: str
    fingerprint: str
    revision: str
    sketch: str = ""
    adopted: str = ""
    adopted_vectors: str = ""

    @property
    def owner(self) -> tuple[str, str, str, str]:
        """Return what must agree for a collection to belong to a level of an object."""
        return (self.instance, self.namespace, self.name, self.level)

    @property
    def of_pool(self) -> bool:
        """Return whether it marks a pool of shared levels."""
        return not self.name

    def __str__(self) -> str:
        whose = f"operator instance {self.instance!r}"
        if self.of_pool:
            return f"a pool of {whose}"
        return f"{self.level} of ContextCollection {self.namespace}/{self.name} ({whose})"


def pool_stamp(instance: str, fingerprint: str, revision: str, sketch: str = "") -> Stamp:
    """Return the stamp of a pool."""
    return Stamp(instance, "", "", "", fingerprint, revision, sketch)


def stamped(schema: Mapping[str, Any], stamp: Stamp) -> dict[str, Any]:
    """Return `schema` with the stamp in its moduleConfig."""
    told = {name: value for name, value in asdict(stamp).items() if value or name not in _OPTIONAL}
    modules = {**schema.get("moduleConfig", {}), MODULE_KEY: told}
    return {**schema, "moduleConfig": modules}


def read_stamp(schema: Mapping[str, Any]) -> Stamp | None:
    """Return the stamp of a live schema; None when it carries none, or one of a form that is not ours."""
    found = (schema.get("moduleConfig") or {}).get(MODULE_KEY)
    if not isinstance(found, Mapping):
        return None
    try:
        told = {field: str(found[field]) for field in Stamp.__dataclass_fields__ if field not in _OPTIONAL}
        return Stamp(**told, **{field: str(found.get(field) or "") for field in _OPTIONAL})
    except KeyError:
        return None
