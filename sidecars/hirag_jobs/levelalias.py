"""What an alias of the operator says: which level of which ContextCollection, and which tenant that is in a pool.

The stamp on a collection of its own tells the level. A pool of shared levels belongs to no object and cannot, so there
it is read from the alias, which spells out namespace, name and level; as does the tenant, which must be the same one's.
The names are the operator's (`hirag_operator/plan/names.py`); a test holds the two together.
"""

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from typing import Self

_LEVEL = re.compile(r"(.+)__(ShortTerm|LongTerm)")
_NUMBERED = re.compile(r"N__(?=\d)")  # stands before a namespace that begins with a digit
_BORDER = re.compile(r"(?<!_)__(?!_)")
_PARTS = 2
_TENANT_LIMIT = 64
_SHORTENED = 14
_DIGEST_LENGTH = 20


@dataclass(frozen=True)
class LevelAlias:
    """A level of a ContextCollection, as its alias spells it."""

    namespace: str
    name: str
    level: str

    @classmethod
    def parse(cls, alias: str) -> Self | None:
        """Return what `Team_a__Handbook__LongTerm` spells; None for an alias that the operator does not give."""
        matched = _LEVEL.fullmatch(alias)
        if matched is None:
            return None
        body, level = matched.groups()
        parts = _BORDER.split(_NUMBERED.sub("", body, count=1))
        if len(parts) != _PARTS or not all(parts):
            return None
        namespace, name = map(_label, parts)
        return cls(namespace, name, level[0].lower() + level[1:])

    @property
    def tenant(self) -> str:
        """Return the tenant that the level is in a pool, e.g. `team-a_handbook_longTerm`."""
        full = f"{self.namespace}_{self.name}_{self.level}"
        if len(full) <= _TENANT_LIMIT:
            return full
        short = f"{self.namespace[:_SHORTENED]}_{self.name[:_SHORTENED]}"
        return f"{short}_{self.level}_{_digest([self.namespace, self.name, self.level])}"


def _label(part: str) -> str:
    """Undo the spelling of a label: one underscore for a dash, one more than there are for dashes in a row."""
    return re.sub("_+", lambda run: "-" * max(1, len(run[0]) - 1), part).lower()


def _digest(parts: list[str]) -> str:
    text = json.dumps(parts, separators=(",", ":"), ensure_ascii=False)
    return base64.b32encode(hashlib.sha256(text.encode()).digest()).decode().lower()[:_DIGEST_LENGTH]
